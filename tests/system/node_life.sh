#!/usr/bin/env bash
# The life of a node: stopped and started, made again after interruptions,
# invited and joined, its accounts, its end.
# takes 120 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 2
pub=test10pub sub=test10sub
home=/var/lib/ucmsh

# Exit status of a command inside a node; its output is in $T/out.
status_of() {
	inside "$@" >"$T/out" 2>&1 </dev/null
	echo $?
}

# --- stop, start, status -------------------------------------------------------
same "all is up" 0 "$(status_of $sub ucm-node status)"
has "and status says what" "  A Cisco DB                        up, pid " "$T/out"
check "status in JSON" sh -c "$LAB exec $sub ucm-node status --json |
    python3 -c 'import json, sys
s = json.load(sys.stdin)
assert s[\"role\"] == \"subscriber\" and s[\"state\"] == \"running\"
assert len(s[\"services\"]) == 6'"
same "starting what runs is no error" 0 "$(status_of $sub ucm-node start)"
cli $sub show myself >"$T/session" 2>&1 </dev/null
mkfifo "$T/typed"
cli $sub >/dev/null 2>&1 <"$T/typed" &
session=$!
exec 3>"$T/typed"
for _ in $(seq 200); do
	[ -n "$(inside $sub pgrep -x ucmsh)" ] && break
	sleep 0.1
done
check "a node with a session stops" inside $sub ucm-node stop
same "and nothing of it runs" "" \
    "$(inside $sub ps -eo pid=,comm= | grep -Ev '^ *1 |sleep|ps$')"
exec 3>&-
wait $session 2>/dev/null
same "status knows" 3 "$(status_of $sub ucm-node status)"
check "stopping again is no error" inside $sub ucm-node stop
inside $sub sh -c "touch $home/tftp/x.tmp0123abcd $home/etc/y.tmp0123abcd"
check "it starts" inside $sub ucm-node start
same "and what was half written is gone" "" \
    "$(inside $sub find $home -name '*.tmp????????')"
check "it stops" inside $sub ucm-node stop
inside $sub sh -c "cp $home/etc/postgresql/postgresql.conf /root/keep &&
    echo nonsense >>$home/etc/postgresql/postgresql.conf"
same "a start that cannot succeed fails" 1 \
    "$(status_of $sub ucm-node start --timeout 4)"
has "and names the service" "A Cisco DB is " "$T/out"
inside $sub sh -c "cat /root/keep >$home/etc/postgresql/postgresql.conf"
check "put right, it starts" inside $sub ucm-node start

# --- a node of an earlier version ------------------------------------------------
check "it stops" inside $sub ucm-node stop
# Names, owners and modes of what makes a node; contents of what is generated.
tree() {
	inside $sub sh -c "cd $home && find etc service log -type d -printf '%p %u %m\n' |
	    grep -v supervise | sort
	    find etc service ! -path '*/supervise*' -type f -printf '%p %u %m\n' |
	    sort; cat etc/rendered; sha256sum -c --quiet etc/rendered"
}
tree >"$T/made"
inside $sub sh -c "cd $home && rm -r service/tvs service/certmon log/cm/trace/tvs \
    log/platform/certmon etc/cli.conf etc/rendered &&
    usermod --shell /usr/bin/ucm-node ucmnode &&
    echo 'exec sleep 1000' >service/tftp/run && echo '# mine' >>etc/sshd_config"
inside $sub sh -c "cd $home && cp etc/sshd_config /root/mine && cat etc/node.conf" \
    >"$T/conf"
check "a node of an earlier version starts" inside $sub ucm-node start
check "it stops" inside $sub ucm-node stop
inside $sub rm $home/service/tftp/run.old
check "what was changed there is kept" inside $sub sh -c "cmp /root/mine \
    $home/etc/sshd_config.old && rm $home/etc/sshd_config.old"
tree >"$T/again"
check "and it has all that a new one has" diff "$T/made" "$T/again"
same "its description is as it was" "$(cat "$T/conf")" \
    "$(inside $sub cat $home/etc/node.conf)"
inside $sub sh -c "echo '# mine' >>$home/etc/sshd_config"
check "it starts" inside $sub ucm-node start
check "and what was changed by hand stays" \
    inside $sub grep -q '^# mine' $home/etc/sshd_config
refuse "with no other beside it" inside $sub test -e $home/etc/sshd_config.old
check "it stops" inside $sub ucm-node stop
inside $sub setsid ucm-node start --foreground >/dev/null 2>&1 </dev/null &
for _ in $(seq 300); do
	inside $sub ucm-node status >/dev/null 2>&1 && break
	sleep 0.1
done
same "in the foreground all comes up" 0 "$(status_of $sub ucm-node status)"
inside $sub sh -c 'kill -HUP "$(cut -d" " -f1 /run/ucm-node.pid)"'
wait
same "and a HUP ends it" 3 "$(status_of $sub ucm-node status)"

# --- accounts ------------------------------------------------------------------
add() { # NAME LEVEL PASSWORD
	inside $pub sh -c "ucm-node account add $1 $2 --password-fd 0" <<<"$3"
}
as() { # NAME PASSWORD COMMAND…
	tests/system/ssh_as "$(address $pub)" "$LAB_SSH_PORT" "$@"
}
add reader 0 'a pass: word1' >"$T/out" 2>&1
same "an account is added" 0 $?
inside $pub ucm-node account list >"$T/out"
has "and listed" "reader            0" "$T/out"
same "a short password is refused" 2 "$(add other 0 abc >/dev/null 2>&1; echo $?)"
refuse "and leaves no account" inside $pub id other
same "root is no administrator" 1 \
    "$(add root 4 password >/dev/null 2>&1; echo $?)"
inside $pub getent shadow reader >"$T/out"
has "its password is hashed" 'reader:$y$' "$T/out"
same "the last of level 4 stays" 1 \
    "$(status_of $pub ucm-node account remove admin)"
check "an account is removed" inside $pub ucm-node account remove reader
refuse "with its login" inside $pub id reader

# --- refusals --------------------------------------------------------------------
same "a node is not made twice" 1 "$(status_of $pub ucm-node init \
    --address 127.0.10.1 --domain joemar2.lab)"
has "and told so" "this host is node $pub already" "$T/out"
same "a subscriber invites nobody" 1 \
    "$(status_of $sub ucm-node invite other 127.0.10.9)"
has "and says who does" "run it on $pub (127.0.10.1)" "$T/out"
same "an unknown command" 2 "$(status_of $pub ucm-node frobnicate)"
same "nobody but root" 1 "$(status_of $pub setpriv --reuid=nobody \
    --clear-groups ucm-node status)"
has "is told so" "only root may do this" "$T/out"
same "destroy asks" 2 "$(status_of $sub ucm-node destroy)"

# --- joining ---------------------------------------------------------------------
inside $sub sh -c 'umask 077; cat >/root/pw' <<'EOF'
admin = password1
ccm = password2
security = password3
EOF
invite() {
	inside $pub ucm-node invite $sub 127.0.10.2 --ssh-port "$LAB_SSH_PORT" \
	    --quiet
}
join() { # TOKEN
	inside $sub ucm-node join "$1" --passwords-file /root/pw
}
kill_after() { # SECONDS COMMAND…: and everything it has started
	inside $sub sh -c 's=$1; shift; setsid "$@" & p=$!
	    sleep "$s"; kill -KILL $p; wait $p' - "$@" >/dev/null 2>&1 </dev/null
}
certificates() { # what the database of a node holds; its host key is new
	inside "$1" setpriv --reuid=admin --regid=ucmadm --init-groups \
	    /usr/bin/ucmsh -c 'run sql select subjectname, serialnumber
	    from certificate order by 1, 2' </dev/null
}
finish_join() { # what an interrupted join left is completed
	join "$1" || join "$(invite)"
}
check "the subscriber is destroyed" inside $sub ucm-node destroy --yes
same "nothing of it is left" "" "$(inside $sub sh -c "ls -A $home
    ls /etc/pam.d/ucm-sshd 2>/dev/null; grep ucm /etc/passwd /etc/group")"

token=$(invite)
inside $pub sed -i 's/expiry-time="20/expiry-time="19/' \
    $home/ssh/authorized_keys.ucmnode
same "an expired token is refused" 1 \
    "$(status_of $sub ucm-node join "$token" --passwords-file /root/pw)"
has "with advice" "get a new one" "$T/out"
same "a cut token is refused" 1 \
    "$(status_of $sub ucm-node join "${token%?????}" --passwords-file /root/pw)"

token=$(invite)
inside $pub sh -c "cp -p $home/ssh/ssh_host_ecdsa_key /root/hk &&
    ssh-keygen -q -t ecdsa -N '' -f $home/ssh/other </dev/null &&
    mv $home/ssh/other $home/ssh/ssh_host_ecdsa_key"
inside $pub pkill -x ucm-sshd
check "the publisher shows another host key" served_key $pub
same "another host key than the token's is refused" 1 \
    "$(status_of $sub ucm-node join "$token" --passwords-file /root/pw)"
has "by its fingerprint" "SHA256:" "$T/out"
inside $pub sh -c "mv /root/hk $home/ssh/ssh_host_ecdsa_key; rm $home/ssh/other.pub"
inside $pub pkill -x ucm-sshd
check "the publisher shows its own host key again" served_key $pub

# the key in a token runs one command and nothing else
token=$(invite)
TOKEN=$token python3 - "$T/key" <<'EOF'
import base64, os, re, sys
text = os.environ["TOKEN"].split(".", 1)[1]
data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
pem = re.search(rb"-----BEGIN.*KEY-----\n", data, re.S).group()
with open(sys.argv[1], "wb") as f:
    f.write(pem)
EOF
chmod 600 "$T/key"
with_key() {
	timeout 20 ssh -F none -i "$T/key" -o IdentitiesOnly=yes -o BatchMode=yes \
	    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	    -o LogLevel=ERROR -p "$LAB_SSH_PORT" ucmnode@127.0.10.1 "$@" </dev/null
}
with_key id >"$T/out" 2>&1
same "its key runs no other command" 2 $?
has "and says so" "this key is for joining only" "$T/out"
refuse "it starts no shell" with_key
refuse "it forwards nothing" with_key -W 127.0.0.1:5432
refuse "it is no administrator's" \
    timeout 20 ssh -F none -i "$T/key" -o BatchMode=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -p "$LAB_SSH_PORT" admin@127.0.10.1 id

for seconds in 0.1 0.4 0.8 1.4; do
	token=$(invite)
	kill_after $seconds ucm-node join "$token" --passwords-file /root/pw
	if inside $sub test -e $home/etc/finished; then
		# a fast machine: the kill came when the node was made
		refuse "the invitation is gone before the node is made" \
		    inside $pub grep -q invite: $home/ssh/authorized_keys.ucmnode
		check "a node made before the kill after $seconds s can be destroyed" \
		    inside $sub ucm-node destroy --yes
		continue
	fi
	check "a join killed after $seconds s is completed" finish_join "$token"
	check "and the node starts" inside $sub ucm-node start
	same "with the publisher's data" "$(certificates $pub)" \
	    "$(certificates $sub)"
	same "its own certificates are the recorded ones" "" \
	    "$(inside $sub grep -h "differ" $home/log/platform/agent/current)"
	refuse "its invitation is gone" inside $pub grep -q invite: \
	    $home/ssh/authorized_keys.ucmnode
	check "and it can be destroyed" inside $sub ucm-node destroy --yes
done

# --- init ----------------------------------------------------------------------
init() {
	inside $sub ucm-node init --name other --domain joemar2.lab \
	    --address 127.0.10.2 --ssh-port "$LAB_SSH_PORT" \
	    --passwords-file /root/pw
}
for seconds in 0.1 0.5 1 1.6 2.2; do
	kill_after $seconds ucm-node init --name other --domain joemar2.lab \
	    --address 127.0.10.2 --ssh-port "$LAB_SSH_PORT" \
	    --passwords-file /root/pw
	inside $sub test -e $home/etc/finished ||
		check "an init killed after $seconds s is completed" init
	check "and the node starts" inside $sub ucm-node start
	check "and its ITL verifies" sh -c "$LAB exec $sub cat \
	    $home/tftp/ITLFile.tlv >$T/itl && $BUILD_DIR/ucm-trust verify $T/itl"
	check "and it can be destroyed" inside $sub ucm-node destroy --yes
done

# --- a port that is taken ------------------------------------------------------
check "another node is made" init
inside $sub python3 -c "import socket, time
s = socket.create_server(('127.0.10.2', $LAB_SSH_PORT))
open('/run/held', 'w')
time.sleep(600)" &
for _ in $(seq 200); do
	inside $sub test -e /run/held && break
	sleep 0.1
done
inside $sub ucm-node start --timeout 6 >"$T/out" 2>&1
same "it does not start while its SSH port is taken" 1 "$?"
has "and says by whom" \
    "port $LAB_SSH_PORT of 127.0.10.2 is taken by python3 (process" "$T/out"
inside $sub pkill -f create_server
check "once it is free the node starts" inside $sub ucm-node start
plan_end
