#!/usr/bin/env bash
# tools/lab: what it says, and that nothing is left after "down", however the
# lab came to its end.
# takes 40 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
LAB_DIR=$(mktemp -d /var/tmp/ucmsh-lab.XXXXXX)
export LAB_DIR
LAB_UP=yes # so that it is taken down in any case

# Everything on the host that a lab could touch; other labs may come and go.
host() {
	mount
	ls -A /var/lib /run /usr/bin /usr/share | grep -v '^ucmsh-lab$'
	cat /etc/passwd /etc/group /etc/shadow /etc/hosts
	hostname
	ls -A /etc/pam.d /etc/ssh
	stat -c '%n %F %a %U %G' /dev/ptmx /dev/pts/ptmx /dev/null
	ss -H -lntu
}
# Processes that know this lab's directory, by arguments or by mounts.
processes() {
	local p
	for p in /proc/[0-9]*; do
		[ "${p#/proc/}" != $$ ] || continue
		if grep -qF "$LAB_DIR" "$p/mountinfo" "$p/cmdline"; then
			echo "$p $(tr '\0' ' ' <"$p/cmdline")"
		fi
	done 2>/dev/null
}
nothing_left() { # WHEN
	same "$1: no process is left" "" "$(processes)"
	host >"$T/after"
	check "$1: the host is as before" diff "$T/before" "$T/after"
	refuse "$1: its directory is gone" test -e "$LAB_DIR"
}
host >"$T/before"

# --- before ----------------------------------------------------------------------
for command in status "ssh test10pub" "console test10pub" \
    "exec test10pub true" "clock test10pub +6m" "age test10pub 6m" \
    "hold test10pub clear" env; do
	# shellcheck disable=SC2086
	refuse "without a lab: $command" $LAB $command
done
has "and it says so" "no lab is up" "$T/out"
check "down without a lab is no error" $LAB down
$LAB >"$T/out" 2>&1
same "without a word it tells its usage" 2 $?
has "and names every command" "hold NODE clear" "$T/out"
refuse "up takes a number" $LAB up many
refuse "of at least one" $LAB up 0
mkdir -p "$LAB_DIR/precious"
refuse "a directory that is no lab's is not used" $LAB up 1
refuse "nor removed" $LAB down
check "it is still there" rmdir "$LAB_DIR/precious"

# --- ports ---------------------------------------------------------------------
listen() { # PROTOCOL ADDRESS PORT: until killed
	python3 -c 'import socket, sys, time
s = socket.socket(type=getattr(socket, sys.argv[1]))
s.bind((sys.argv[2], int(sys.argv[3])))
if sys.argv[1] == "SOCK_STREAM":
    s.listen()
open(sys.argv[4], "w").close()
time.sleep(60)' "$1" "$2" "$3" "$T/listening" &
	holder=$!
	until [ -e "$T/listening" ]; do sleep 0.05; done
	rm "$T/listening"
}
listen SOCK_STREAM 0.0.0.0 5432
refuse "a port that is held stops it" $LAB up 1
has "and it names the port" "port 5432 of 127.0.10.1 is held by python3" "$T/out"
has "and the process" "(process $holder)" "$T/out"
kill $holder
wait $holder 2>/dev/null
listen SOCK_DGRAM 127.0.10.1 69
refuse "so does a UDP port" $LAB up 1
has "and it names that, too" "port 69 of 127.0.10.1 is held by" "$T/out"
kill $holder
wait $holder 2>/dev/null
listen SOCK_STREAM 0.0.0.0 22
check "with port 22 held SSH is elsewhere" $LAB up 1
has "and it says where" "-p 2222 admin@127.0.10.1" "$T/out"
check "where it works" $LAB ssh test10pub show myself
kill $holder
wait $holder 2>/dev/null

# --- while it is up --------------------------------------------------------------
check "status" $LAB status
refuse "a second up is refused" $LAB up 1
has "because it is up" "this lab is up already" "$T/out"
refuse "an unknown node" $LAB exec nobody true
has "and the known ones" "there are: test10pub" "$T/out"
$LAB exec test10pub sh -c 'exit 7' </dev/null
same "exec gives the command's status" 7 $?
$LAB ssh test10pub frobnicate >/dev/null 2>&1 </dev/null
same "ssh gives the shell's" 2 $?
echo "show myself" | $LAB console test10pub >"$T/out" 2>&1
has "the console is the shell" "account name    : admin" "$T/out"
same "the node has a name of its own" test10pub \
    "$($LAB exec test10pub hostname)"
wall() { $LAB exec test10pub cat /var/lib/ucmsh/etc/node.conf | grep offset; }
check "clock +6m" $LAB clock test10pub +6m
wall >"$T/out"
has "sets the offset" "clock_offset = 360" "$T/out"
check "clock -1h" $LAB clock test10pub -1h
wall >"$T/out"
has "does not add up" "clock_offset = -3600" "$T/out"
check "clock reset" $LAB clock test10pub reset
wall >"$T/out"
has "and is undone" "clock_offset = 0" "$T/out"
check "age 6m" $LAB age test10pub 6m
check "age 3d" $LAB age test10pub 3d
wall >"$T/out"
has "time adds up" "age_offset = 259560" "$T/out"
# logins, good and bad, are noted in the node and not on the host
eval "$($LAB env)"
printf 'prompt\nsend exit\nend\n' >"$T/steps"
check "a login on a terminal" session test10pub "$T/steps"
refuse "a login with a wrong password" \
    tests/system/ssh_as 127.0.10.1 2222 admin wrong show myself
check "the node has noted them" $LAB exec test10pub \
    sh -c 'test -s /var/log/wtmp && test -s /var/log/btmp'
refuse "in its own record" test /proc/1/root/var/log/wtmp -ef \
    "/proc/$(cut -d' ' -f1 "$LAB_DIR/nodes/test10pub/pid")/root/var/log/wtmp"
refuse "other times are refused" $LAB age test10pub soon
refuse "and other directions" $LAB clock test10pub 6m
check "a certificate is regenerated" \
    sh -c "echo yes | $LAB ssh test10pub set cert regen tomcat"
refuse "the next is held" \
    sh -c "echo yes | $LAB ssh test10pub set cert regen ipsec"
check "hold clear" $LAB hold test10pub clear
check "lets it pass" sh -c "echo yes | $LAB ssh test10pub set cert regen ipsec"
check "its shared memory is its own" $LAB exec test10pub touch "/dev/shm/lab.$$"
refuse "and not on the host" test -e "/dev/shm/lab.$$"
eval "$($LAB env)"
same "env: nodes" test10pub "$LAB_NODES"
same "env: address" 127.0.10.1 "$LAB_ADDRESS_test10pub"
same "env: port" 2222 "$LAB_SSH_PORT"
for name in ADMIN_USER ADMIN_PASSWORD CCM_USER CCM_PASSWORD \
    SECURITY_PASSWORD; do
	check "env: $name" sh -c "$LAB env | grep -q ^LAB_$name=."
done

# --- the ends ----------------------------------------------------------------------
check "down" $LAB down
nothing_left "after down"

# a cluster that is kept, and a lab from it
refuse "keep without a lab" $LAB keep "$T/kept"
refuse "up from what was not kept" env LAB_FROM="$T/kept" $LAB up 1
has "and it says so" "no cluster was kept in $T/kept" "$T/out"
check "up" $LAB up 1
made=$($LAB env; $LAB exec test10pub sha256sum /var/lib/ucmsh/certs/TVS.pem)
check "keep" $LAB keep "$T/kept"
nothing_left "after keep"
refuse "up with another number of nodes" env LAB_FROM="$T/kept" $LAB up 2
check "up from what was kept" env LAB_FROM="$T/kept" $LAB up 1
same "has its passwords and keys" "$made" "$($LAB env
	$LAB exec test10pub sha256sum /var/lib/ucmsh/certs/TVS.pem)"
check "and lets in" $LAB ssh test10pub show myself
for p in "$LAB_DIR"/nodes/*/pid; do
	kill -KILL "$(cut -d' ' -f1 "$p")"
done
check "down after its first process was killed" $LAB down
nothing_left "after a killed node"

$LAB up 2 >"$T/out" 2>&1 </dev/null &
up=$!
sleep 1.5
kill -TERM $up
wait $up
nothing_left "after an interrupted up"

$LAB up 2 >"$T/out" 2>&1 </dev/null &
up=$!
sleep 1.5
kill -KILL $up
wait $up 2>/dev/null
check "down after a killed up" $LAB down
nothing_left "after a killed up"

$LAB up 2 >"$T/out" 2>&1 </dev/null &
up=$!
sleep 2
check "down while up is at work" $LAB down
wait $up 2>/dev/null
nothing_left "after down in the middle"
plan_end
