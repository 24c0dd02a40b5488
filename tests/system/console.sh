#!/usr/bin/env bash
# The shell beside a faked node: on a terminal, with expect, and what an
# environment, an account or arguments can make of it.  No lab is needed.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
node=tests/transcripts/node
ucmsh=/var/lib/ucmsh-test/ucmsh

if tests/expect/console.exp >"$T/expect"; then
	ok "expect: $(tail -n 1 "$T/expect" | cut -d. -f3) steps on a terminal"
else
	grep -B 3 '^not ok' "$T/expect" | sed 's/^/# /'
	not_ok "expect: steps on a terminal"
fi

# --- the environment ---------------------------------------------------------
strace -f -e trace=openat,execve -o "$T/trace" \
    env INPUTRC=/etc/hostname TERM=../../etc/passwd TERMINFO=/tmp HOME=/tmp \
    "$node" script -qec "$ucmsh" /dev/null >"$T/out" 2>&1 <<<'exit'
has "a session with a hostile environment works" "Welcome to the Platform" "$T/out"
# What ucmsh itself did: the process that last started it, whose first call
# that may be where the shell of script made it a process of its own.
awk -v start="execve(\"$ucmsh\"" 'index($0, start) { pid = $1; own = ""; next }
    pid != "" && $1 == pid { own = own $0 "\n" } END { printf "%s", own }' \
    "$T/trace" >"$T/own"
has "its own system calls are known" "etc/node.conf" "$T/own"
lacks "INPUTRC is not read" "/etc/hostname" "$T/own"
lacks "no terminal description is read from elsewhere" '"/tmp' "$T/own"
lacks "nothing is executed" "execve" "$T/own"

# --- accounts and arguments --------------------------------------------------
"$node" -l 7 "$ucmsh" -c 'show myself' >"$T/out" 2>&1 </dev/null
same "an account without a level is refused with 1" 1 "$?"
has "and told so" "has no privilege level on this node" "$T/out"
"$node" "$ucmsh" -x >"$T/out" 2>&1 </dev/null
same "other arguments are refused with 2" 2 "$?"
"$node" "$ucmsh" -c '' >"$T/out" 2>&1 </dev/null
same "no command is nothing to do" "0 " "$? $(cat "$T/out")"
"$node" "$ucmsh" -c 'show itl
' >"$T/out" 2>&1 </dev/null
same "a newline at the end of a command does no harm" 0 "$?"

plan_end
