#!/usr/bin/env bash
# The restricted shell over real SSH: what it refuses, what it lets nobody
# do, how it answers scripts.
# takes 35 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 2
pub=test10pub sub=test10sub
home=/var/lib/ucmsh
state() { # everything that a refused command may not change
	inside "$pub" sh -c "cd $home && sha1sum certs/*.pem tftp/ITLFile.tlv"
	cli "$pub" run sql "select paramname, paramvalue from processconfig" </dev/null
}
before=$(state)

# --- exit status and trailers --------------------------------------------
cli "$pub" show itl </dev/null >"$T/out" 2>&1
same "a command that works exits 0" 0 "$?"
lacks "without a trailer" "Executed command unsuccessfully" "$T/out"
cli "$pub" show cert own nosuch </dev/null >"$T/out" 2>&1
same "one that fails exits 1" 1 "$?"
has "with the trailer" "Executed command unsuccessfully" "$T/out"
cli "$pub" bogus command </dev/null >"$T/out" 2>&1
same "one that is not understood exits 2" 2 "$?"
has "in the vendor's words" "No valid command entered" "$T/out"
check "json is JSON" sh -c \
    "$LAB ssh $pub show itl json | python3 -m json.tool >/dev/null"
cli "$sub" show network cluster </dev/null >"$T/out" 2>&1
has "show network cluster knows the publisher" \
    "127.0.10.1 test10pub.joemar2.lab test10pub Publisher callmanager DBPub authenticated" "$T/out"
has "and lists the addresses" "Server Table (processnode) Entries" "$T/out"

# --- what services count --------------------------------------------------
cli "$sub" show tftp statistics </dev/null >"$T/out" 2>&1
has "Cisco Tftp tells since when it runs" \
    "Cisco Tftp has been running since " "$T/out"
has "and what it has counted" "  read requests  " "$T/out"
lacks "all of it by name" "Others" "$T/out"
check "show tvs statistics json is JSON" sh -c \
    "$LAB ssh $sub show tvs statistics json | python3 -m json.tool >/dev/null"
inside "$sub" cp -p $home/run/tftpd.statistics /root/left
cli "$sub" utils service stop Cisco Tftp </dev/null >"$T/out" 2>&1
inside "$sub" cp -p /root/left $home/run/tftpd.statistics
cli "$sub" show tftp statistics </dev/null >"$T/out" 2>&1
has "a file that was left behind is no service that runs" \
    "Cisco Tftp is not running on this node." "$T/out"
cli "$sub" utils service start Cisco Tftp </dev/null >"$T/out" 2>&1

# --- bad input ------------------------------------------------------------
bad() { # NAME COMMAND…: must fail with the trailer
	local name=$1
	shift
	cli "$pub" "$@" </dev/null >"$T/out" 2>&1
	case $? in
	1 | 2) ok "$name: refused" ;;
	*) sed 's/^/# /' "$T/out"; not_ok "$name: refused" ;;
	esac
	has "$name: trailer" "Executed command unsuccessfully" "$T/out"
}
bad "too few arguments" set cert regen
bad "too many arguments" show itl one two three
bad "a semicolon" 'show itl; id'
bad "a pipe" 'show itl | id'
bad "back quotes" 'show `id`'
bad "a substitution" 'show $(id)'
bad "an exclamation mark" '!sh'
bad "a path" 'show cert own ../../../etc/shadow'
bad "binary bytes" "$(printf 'show \001\002\377 itl')"
head -c 65536 /dev/zero | tr '\0' a >"$T/long"
echo exit >>"$T/long"
SSH_LINE=$(cat "$T/long")
printf '%s\nshow cli pagination\nexit\n' "${SSH_LINE%exit}" |
    cli "$pub" >"$T/out" 2>&1
has "64 KiB on one line: refused" "Executed command unsuccessfully" "$T/out"
has "and the session goes on" "Automatic Pagination : Off." "$T/out"

# --- run sql --------------------------------------------------------------
check "the role query of the source works word for word" cli "$pub" \
    run sql "select c.subjectname, c.serialnumber, c.ipv4address, t.name from certificate as c, certificatetrustrolemap as r, typetrustrole as t where c.pkid = r.fkcertificate and t.enum = r.tktrustrole"
has "and names the roles" "Authentication and Authorization" "$T/out"
inside "$pub" ucm-node account add reader 0 --password-fd 0 \
    < <(printf 'Reader-pass-1\n') >"$T/out" 2>&1
same "an account of level 0 is made" 0 "$?"
reader() {
	tests/system/ssh_as "$(address "$pub")" "$LAB_SSH_PORT" reader \
	    Reader-pass-1 "$@"
}
attack() { # NAME STATEMENT: as level 4 and as level 0
	cli "$pub" run sql "$2" </dev/null >"$T/out" 2>&1
	same "$1: refused" 1 "$?"
	has "$1: trailer" "Executed command unsuccessfully" "$T/out"
	reader run sql "$2" </dev/null >"$T/out" 2>&1
	same "$1: refused at level 0" 1 "$?"
}
attack "COPY … PROGRAM" "copy (select 1) to program 'id'"
attack "COPY … TO a file" "copy (select 1) to '/tmp/stolen'"
attack "pg_read_file" "select pg_read_file('/etc/passwd')"
attack "lo_export" "select lo_export(1, '/tmp/stolen')"
attack "two statements" "select 1; select 2"
attack "a password column" "select passwordhash from applicationuser"
reader run sql "set transaction read write" </dev/null >"$T/out" 2>&1
reader run sql "delete from processconfig" </dev/null >"$T/out2" 2>&1
same "level 0 cannot write" 1 "$?"
reader run sql "begin read write" </dev/null >"$T/out" 2>&1
reader run sql "update processconfig set paramvalue = '1'" </dev/null >"$T/out" 2>&1
same "whatever it sets" 1 "$?"
reader utils itl reset localkey </dev/null >"$T/out" 2>&1
same "level 0 cannot reset" 1 "$?"
reader set cert regen TVS </dev/null >"$T/out" 2>&1
same "nor regenerate" 1 "$?"
same "none of this changed anything" "$before" "$(state)"

# --- a password that is not the account's ----------------------------------
echo "send exit" >"$T/steps"
SECONDS=0
LAB_ADMIN_PASSWORD=wrong session "$pub" "$T/steps" >"$T/out" 2>&1
same "nobody comes in with a wrong password" 1 "$?"
has "which is said" "the password is refused" "$T/out"
check "and at once" [ "$SECONDS" -lt 30 ]

# --- the sandbox of a live session ---------------------------------------
cat >"$T/steps" <<X
prompt
mark $T/ready
until $T/seen
send show cli pagination
wait Automatic Pagination
prompt
send exit
end
X
session "$pub" "$T/steps" >"$T/session" 2>&1 &
job=$!
for _ in $(seq 600); do
	[ -e "$T/ready" ] && break
	sleep 0.1
done
# The number outside; other groups have such processes, too.
pid=$(pgrep --ns $$ --nslist net -n -x ucmsh)
grep -E 'Seccomp:|NoNewPrivs:' "/proc/$pid/status" | xargs >"$T/status"
has "no new privileges, seccomp filter" "NoNewPrivs: 1 Seccomp: 2" "$T/status"
inject=$BUILD_DIR/tests/system/inject_syscall
for try in "execve /bin/sh" "execveat /bin/sh" "open /etc/shadow" \
    "open $home/certs/CallManager.pem" "open $home/certs/peer.pem"; do
	# shellcheck disable=SC2086
	got=$($inject "$pid" $try 2>&1)
	case $got in
	*": -1" | *": -13") ok "$try in the live shell gets EPERM or EACCES" ;;
	*) not_ok "$try in the live shell gets EPERM or EACCES, not $got" ;;
	esac
done
timeout 4 strace -f -e trace=execve,execveat -p "$pid" >"$T/trace" 2>&1
lacks "strace sees no execve" "execve(" "$T/trace"
touch "$T/seen"
wait "$job"
same "the session was not hurt" 0 "$?"

# --- an administrator's uid can read no key ------------------------------
inside "$pub" setpriv --reuid "$LAB_ADMIN_USER" --regid ucmadm --init-groups \
    sh -c "cd $home; for f in certs/*.pem certs/security_password certs/cluster-ca/* certs/db-client.* ssh/*_key db/data/PG_VERSION; do cat \"\$f\" 2>/dev/null; done | grep -c PRIVATE" >"$T/out" 2>&1
same "an administrator's uid can read no key" 0 "$(cat "$T/out")"
check "but the p12 of the publisher" inside "$pub" setpriv --reuid \
    "$LAB_ADMIN_USER" --regid ucmadm --init-groups cat "$home/certs/ITLRecovery.p12"
plan_end
