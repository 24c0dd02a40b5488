#!/usr/bin/env bash
# A node under attack: by local users, by administrators of a low level, by
# the service user, by a stolen invitation.  What belongs to whom is in
# node_walk.sh, what the shell refuses in cluster_shell.sh.
# takes 75 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 2
pub=test10pub sub=test10sub
home=/var/lib/ucmsh
address=$(address $pub)
ssh_options="-F none -p $LAB_SSH_PORT -o StrictHostKeyChecking=no
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
    -o NumberOfPasswordPrompts=1"

# as NODE USER COMMAND…: without any right but the user's
as() {
	local node=$1 user=$2 group=$2
	shift 2
	case $user in
	nobody) group=nogroup ;;
	admin | reader | reader2 | operator) group=ucmadm ;;
	esac
	inside "$node" setpriv --reuid="$user" --regid=$group --clear-groups \
	    --inh-caps=-all "$@"
}
# agent USER …: tests/system/agent_client.py on the publisher
agent() {
	local user=$1
	shift
	as $pub "$user" python3 - "$@" <tests/system/agent_client.py 2>&1
}
account() { # NAME LEVEL
	echo "Pass-of-$1" | inside $pub ucm-node account add "$1" "$2" \
	    --password-fd 0 >/dev/null 2>&1
}
sql() { # USER STATEMENT
	agent "$1" call sql --payload "$2"
}
code() { # the code of a request
	agent "$@" | sed -n 's/^code \([0-9]*\).*/\1/p'
}
seconds() { # COMMAND…: how long it takes
	local from
	from=$(date +%s)
	"$@" >/dev/null 2>&1 </dev/null
	echo $(($(date +%s) - from))
}
less() { # NAME A B: A < B
	if [ "$2" -lt "$3" ]; then
		ok "$1"
	else
		echo "# $2 is not less than $3"
		not_ok "$1"
	fi
}
answers() { # NAME: the agents of both nodes still work
	sleep 3
	check "$1" sh -c "$LAB ssh $pub utils service list |
	    grep -q 'Cisco Tftp.STARTED' &&
	    $LAB ssh $sub utils service list | grep -q 'Cisco Tftp.STARTED'"
}
account reader 0 && account reader2 0 && account operator 1
same "accounts of the levels 0, 0 and 1 are made" 0 "$?"

# --- the processes -----------------------------------------------------------
worker=$(inside $pub pgrep -u ucm -x ucm-agent)
parent=$(inside $pub pgrep -u root -x ucm-agent)
inside $pub grep -E '^(CapPrm|CapEff|CapAmb|NoNewPrivs|Groups):' \
    "/proc/$worker/status" | tr -s '\t ' ' ' >"$T/status"
same "the worker has no capability, no way back, no group but its own" \
    "Groups: $(inside $pub id -g ucm)
CapPrm: 0000000000000000
CapEff: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1" "$(sed 's/ $//' "$T/status")"
same "the worker's memory belongs to root" root \
    "$(inside $pub stat -c %U "/proc/$worker/mem")"
for p in $(inside $pub pgrep -x svlogd); do
	inside $pub grep -E '^(CapBnd|NoNewPrivs):' "/proc/$p/status"
done | tr -s '\t ' ' ' | sort -u >"$T/status"
same "nor has what writes its log, which runs what a file of ucm says" \
    "CapBnd: 0000000000000000
NoNewPrivs: 1" "$(cat "$T/status")"
for p in $worker $parent; do
	inside $pub find "/proc/$p/fd" -type l -printf '%l\n' \
	    >"$T/open"
	same "process $p has sockets, pipes and /dev/null open" "" \
	    "$(grep -vE '^(socket|pipe|anon_inode):|^/dev/null$' "$T/open")"
done
inside $sub sh -c 'exec 9</etc/shadow; ucm-node stop; ucm-node start' \
    >"$T/start" 2>&1
same "a node is started by somebody with a file open" 0 "$?"
same "and no process of it inherits that" "" \
    "$(inside $sub find /proc -path '*/fd/*' -lname /etc/shadow 2>/dev/null)"

# --- who may ask the agent ---------------------------------------------------
for verb in "whoami" "node status" "itl status" "sql" "join end x" \
    "itl activate $(printf 'a%.0s' $(seq 40))"; do
	# shellcheck disable=SC2086
	same "a stranger: $verb" 2 "$(code nobody call $verb)"
done
for verb in "cert list own" "cert regen TVS" "service stop tftp" \
    "cli timeout 5" "itl reset localkey" "join begin a 127.0.10.9 22" \
    "itl stage $(printf 'a%.0s' $(seq 40)) 5"; do
	# shellcheck disable=SC2086
	same "level 0: $verb" 2 "$(code reader call $verb)"
done
same "level 1: itl reset localkey" 2 "$(code operator call itl reset localkey)"
for verb in "whoami" "sql" "audit begin" "cert regen TVS" \
    "itl reset localkey" "cluster show" "service stop tftp"; do
	# shellcheck disable=SC2086
	same "another node: $verb" 2 "$(code ucmnode call $verb)"
done
same "another node: a way out of tftp/" 1 \
    "$(code ucmnode call itl activate ../../etc/passwd)"
has "a frame of 2 GiB ends the connection" "closed" \
    <(agent reader frame 7fffffff01)
has "a half frame does, too" "closed" <(agent reader frame 000000ff)

# --- nobody keeps the others waiting -----------------------------------------
agent reader hold 60 20 >"$T/hold" &
agent nobody lock 20 $home $home/ssh $home/etc $home/log $home/log/platform/log \
    $home/log/syslog $home/run $home/tftp $home/ssh/lock \
    $home/log/platform/log/.lock $home/log/syslog/.lock \
    $home/log/platform/log/cli00001.log >"$T/lock" &
for _ in $(seq 200); do
	grep -q locked "$T/lock" && break
	sleep 0.1
done
has "a stranger locks what he can" "locked" "$T/lock"
less "60 idle connections and these locks delay no command" \
    "$(seconds cli $pub show myself)" 8
same "nor other nodes" 0 "$(code ucmnode call node status)"
less "nor an invitation" \
    "$(seconds inside $pub ucm-node invite late 127.0.10.77 --quiet)" 8
wait
agent reader times 24 sql --payload "select pg_sleep(1)" >"$T/times" &
sleep 1
less "24 statements of an account delay another's" \
    "$(seconds sql reader2 "select 1")" 8
wait
has "and are all run" "refused 0" "$T/times"
agent reader times 24 cluster show >"$T/times" &
sleep 1
same "questions to all nodes leave room for other nodes" 0 \
    "$(code ucmnode call node status)"
wait
has "and are all answered" "refused 0" "$T/times"

# --- run sql -----------------------------------------------------------------
has "a statement that eats memory fails" "out of memory" \
    <(sql reader "select length(repeat('x', 1000000000) || repeat('y', 70000000))")
has "one that eats the disk, too" "temp_file_limit" \
    <(sql reader "select count(*) from (select * from generate_series(1, 90000000) a order by a) q")
has "level 1 plants no certificate" "permission denied" \
    <(sql operator "update certificate set certificate = 'x'")
has "and gives none a role" "permission denied" \
    <(sql operator "insert into certificatetrustrolemap (fkcertificate, tktrustrole) select pkid, 0 from certificate")
has "level 1 writes what it likes into an address" "Rows: 1" \
    <(sql operator "update processnode set name = 'no.address' where name = '$(address $sub)'")
answers "which ends no agent"
has "it is put right" "Rows: 1" \
    <(sql operator "update processnode set name = '$(address $sub)' where name = 'no.address'")
cli $pub run sql "select E'\\\\x1b[31m\\\\x07' as a, E'\\\\u009b' as b" \
    </dev/null >"$T/out" 2>&1
same "no control byte of the database reaches the terminal" 0 \
    "$(LC_ALL=C grep -c "$(printf '[\033\007\233]')" "$T/out")"
printf 'run sql select 1 \\\n2099-01-01 00:00:00,000 INFO [main] sdMain.main - running command -> [forged ] user=root\nexit\n' |
    cli $pub >"$T/out" 2>&1
same "no line of the audit is forged" 0 "$(inside $pub \
    sh -c "cat $home/log/platform/log/cli*.log | grep -c '^2099'")"

# --- SSH ---------------------------------------------------------------------
admin_ssh() {
	SSH_AS_PASSWORD=$LAB_ADMIN_PASSWORD SSH_ASKPASS_REQUIRE=force \
	SSH_ASKPASS=$PWD/tests/system/askpass timeout 20 "$@"
}
# shellcheck disable=SC2086
set -- $ssh_options
refuse "no forwarding to a port" \
    admin_ssh ssh "$@" -W "$address:5432" "admin@$address"
refuse "nor from one" admin_ssh ssh "$@" -o ExitOnForwardFailure=yes \
    -R 9999:127.0.0.1:22 "admin@$address" show myself
refuse "nor from a socket" admin_ssh ssh "$@" -o ExitOnForwardFailure=yes \
    -R /tmp/s:127.0.0.1:22 "admin@$address" show myself
refuse "no sftp" admin_ssh ssh "$@" -s "admin@$address" sftp
refuse "no scp" admin_ssh scp -O "${@/-p/-P}" \
    "admin@$address:/etc/passwd" "$T/stolen"
# An administrator's home is /, where the host may well have keys.
inside $pub /usr/sbin/sshd -T -f $home/etc/sshd_config \
    -C "user=admin,host=x,addr=127.0.0.9" >"$T/sshd"
has "no key for an administrator" "pubkeyauthentication no" "$T/sshd"
ssh-keygen -q -t ed25519 -N '' -f "$T/key"
ssh "$@" -o BatchMode=yes -o PreferredAuthentications=publickey \
    -i "$T/key" "admin@$address" show myself >"$T/out" 2>&1
has "and sshd says so" "(password,keyboard-interactive)" "$T/out"
for user in root ucm ucmnode postgres; do
	refuse "no password for $user" \
	    admin_ssh ssh "$@" "$user@$address" show myself
done
peer() { # SSH-OPTIONS… : as the other node does
	as $sub ucm ssh "$@" -i $home/certs/peer.pem -o BatchMode=yes
}
refuse "no terminal for another node" \
    peer "$@" -tt "ucmnode@$address" node status
refuse "no forwarding" peer "$@" -W 127.0.0.1:5432 "ucmnode@$address"
refuse "no sftp" peer "$@" -s "ucmnode@$address" sftp

# --- an invitation that was stolen -------------------------------------------
token=$(inside $pub ucm-node invite thief 127.0.10.66 --quiet)
python3 tests/system/join_attack.py "$token" "$T/stolen" \
    "ecdsa-sha2-nistp256 AAAA" "ecdsa-sha2-nistp256 BBBB" >"$T/request"
chmod 600 "$T/stolen"
thief() {
	timeout 20 ssh "$@" "ucmnode@$address"
}
for what in peer "node status" whoami "begin; id" ""; do
	refuse "its key does not run \"$what\"" timeout 20 ssh "$@" \
	    -o BatchMode=yes -i "$T/stolen" "ucmnode@$address" "$what"
done
refuse "nor forwards" timeout 20 ssh "$@" -o BatchMode=yes -i "$T/stolen" \
    -W "$address:5432" "ucmnode@$address"
timeout 20 ssh "$@" -o BatchMode=yes -i "$T/stolen" "ucmnode@$address" \
    begin <"$T/request" >"$T/answer" 2>&1
lacks "keys that are none are given nothing" "$LAB_SECURITY_PASSWORD" \
    "$T/answer"
answers "and end no agent"
token=$(inside $pub ucm-node invite thief 127.0.10.66 --quiet)
refuse "a second invitation ends the first" timeout 20 ssh "$@" \
    -o BatchMode=yes -i "$T/stolen" "ucmnode@$address" end

# --- Cisco Tftp --------------------------------------------------------------
as $pub ucm sh -c "cd $home/tftp && ln -s /etc/passwd link.cnf &&
    mkfifo pipe.cnf && mkdir dir.cnf && ln -s /etc Etc"
for name in link.cnf LINK.cnf pipe.cnf dir.cnf Etc/passwd.xml Etc/hosts.txt \
    ../certs/CallManager.pem ITLRecovery.p12 ITLRecovery.p12.sgn; do
	refuse "$name is not served" tftp_get $pub "$name" "$T/file"
done
python3 - "$address" <<'X'
import os, random, socket, sys
random.seed(7)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3000):
    head = bytes([0, random.randrange(9)]) if i % 2 else b""
    s.sendto(head + os.urandom(random.randrange(600)), (sys.argv[1], 69))
X
check "3000 datagrams of noise do no harm" \
    tftp_get $pub ITLFile.tlv "$T/file"

# --- accounts, and the end of a node -----------------------------------------
echo Pass-of-reader >"$T/password"
( sleep 25 | tests/system/ssh_as "$address" "$LAB_SSH_PORT" reader \
    Pass-of-reader >/dev/null 2>&1 ) &
for _ in $(seq 100); do
	[ -n "$(inside $pub pgrep -u reader -x ucmsh)" ] && break
	sleep 0.1
done
check "an account with a session is removed" \
    inside $pub ucm-node account remove reader
same "and the session ends, whose number may be given again" "" \
    "$(inside $pub ps -eo user:16=,uid=,comm= | grep -E 'ucmsh$')"
inside $sub sh -c 'mkdir /etc/victim && cd /etc/victim &&
    seq -f f%05g 0 2999 | xargs touch'
as $sub ucm python3 - <<'X'
import os, time
log = "/var/lib/ucmsh/log/"
os.mkdir(log + "aaa")
for i in range(3000):
    open(log + "aaa/f%05d" % i, "w").close()
if os.fork():
    os._exit(0)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for fd in range(3):
    os.dup2(null, fd)
while len(os.listdir(log + "aaa")) == 3000:
    pass
os.rename(log + "aaa", log + "bbb")
os.symlink("/etc/victim", log + "aaa")
time.sleep(60)
X
check "a node is removed beside a process that puts links there" \
    inside $sub ucm-node destroy --yes
same "which has nothing else removed" 3000 \
    "$(inside $sub sh -c 'ls /etc/victim | wc -l')"
same "and is gone" "" "$(inside $sub ps -eo uid=,args= | grep '[p]ython3')"
plan_end
