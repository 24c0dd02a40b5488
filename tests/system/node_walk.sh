#!/usr/bin/env bash
# What belongs to whom on a node, and that programs running as root open
# nothing in the directories of other users.
# takes 40 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 2 new
pub=test10pub sub=test10sub
home=/var/lib/ucmsh
printf '%s\n' "$LAB_CCM_PASSWORD" >"$T/password"

# find in the node's tree; prints what should not be there
none() { # NAME NODE FIND-ARGUMENTS…
	local name=$1 node=$2
	shift 2
	inside "$node" find "$home" "$@" >"$T/found" 2>&1
	same "$node: $name" "" "$(cat "$T/found")"
}

# --- the tree ----------------------------------------------------------------
walk() {
	local node=$1
	none "root owns etc, service and ssh and all below" "$node" \
	    \( -path "$home/etc*" -o -path "$home/service*" \
	    -o -path "$home/ssh*" \) ! -user root
	none "the service user owns certs, tftp, log and run" "$node" \
	    \( -path "$home/certs*" -o -path "$home/tftp*" \
	    -o -path "$home/log*" -o -path "$home/run*" \) ! -user ucm
	none "postgres owns db" "$node" -path "$home/db*" ! -user postgres
	none "nothing else is there" "$node" -mindepth 1 -maxdepth 1 \
	    ! -name etc ! -name service ! -name ssh ! -name certs \
	    ! -name tftp ! -name log ! -name run ! -name db
	none "nobody else may write anything" "$node" \
	    ! -type l ! -type s -perm /022
	none "the agent's socket is the one exception" "$node" \
	    -type s -perm /022 ! -path "$home/run/agent.sock" \
	    ! -path "$home/db/run/*"
	none "no program gains rights" "$node" -type f -perm /6000
	none "keys are readable by their owner alone" "$node" \
	    \( -path "$home/certs/*.pem" -o -name "*.key" \
	    -o -name "*.pem.new" -o -name "security_password" \
	    -o -path "$home/ssh/ssh_host_*_key" \) \
	    ! -name cluster-ca.pem -perm /077
	none "no key is outside certs, ssh and db/tls" "$node" \
	    -type f ! -path "$home/certs/*" ! -path "$home/ssh/*" \
	    ! -path "$home/db/tls/*" ! -path "$home/db/data/*" \
	    \( -name "*.pem" -o -name "*.key" -o -name "*.p12" \)
	none "tftp holds no key by any name" "$node" -path "$home/tftp/*" \
	    -type f -exec grep -l "PRIVATE KEY" {} +
	none "nothing half written is left" "$node" \
	    -name "*.tmp????????"
	same "$node: certs may be passed, not listed" 2711 \
	    "$(inside "$node" stat -c %a "$home/certs")"
	same "$node: the CA is for its owner alone" 700 \
	    "$(inside "$node" stat -c %a "$home/certs/cluster-ca")"
	check "$node: no directory above lets others write" inside "$node" \
	    sh -c 'for d in / /var /var/lib /var/lib/ucmsh; do
		[ "$(stat -c %u $d)" = 0 ] || exit 1
		[ -z "$(find $d -maxdepth 0 -perm /022)" ] || exit 1
	    done'
}
walk $pub
walk $sub
same "the p12 is for administrators" "640 ucm ucmadm" \
    "$(inside $pub stat -c '%a %U %G' $home/certs/ITLRecovery.p12)"
refuse "a subscriber has none" \
    inside $sub test -e $home/certs/ITLRecovery.p12
same "a subscriber has no CA key" "" \
    "$(inside $sub find $home/certs/cluster-ca -type f)"

# --- an administrator reads no key -------------------------------------------
as_admin() {
	inside "$1" setpriv --reuid=admin --regid=ucmadm --init-groups "${@:2}"
}
check "an administrator reads the p12" \
    as_admin $pub cat $home/certs/ITLRecovery.p12
check "and the logs" as_admin $pub ls $home/log/platform/log
for file in certs/CallManager.pem certs/peer.pem certs/security_password \
    certs/cluster-ca/ca.key ssh/ssh_host_rsa_key db/tls/server.key \
    db/data/PG_VERSION; do
	refuse "but not $file" as_admin $pub cat $home/$file
done
refuse "and lists no keys" as_admin $pub ls $home/certs

# --- what root opens ---------------------------------------------------------
# Everything of a subscriber from start to stop, and of a publisher that is
# made, is traced.
trace() { # FILE COMMAND…: on the subscriber, in the background
	inside $sub strace -f -qq -o "$1" -e trace=%process,%creds,%file "${@:2}"
}
fetch() {
	inside $sub cat "$1" >"$T/trace"
	inside $sub rm -f "$1"
}
check "root reads a key, traced" trace /root/trace \
    sh -c "cat $home/certs/peer.pem"
fetch /root/trace
refuse "and that is found" tests/system/trace_root.py "$T/trace"
check "the subscriber stops" inside $sub ucm-node stop
trace /root/trace ucm-node start --timeout 120 >"$T/start" 2>&1 </dev/null &
for _ in $(seq 600); do
	inside $sub ucm-node status >/dev/null 2>&1 && break
	sleep 0.2
done
check "it starts again, traced" inside $sub ucm-node status
check "a service is restarted" cli $sub utils service restart Cisco Tftp
check "a certificate is regenerated" \
    sh -c "echo yes | $LAB ssh $sub set cert regen tomcat"
check "the cluster's ITL is reset" \
    sh -c "$LAB ssh $pub utils itl reset localkey <$T/password"
check "it stops" inside $sub ucm-node stop
wait
fetch /root/trace
check "root opened nothing of others while it ran" \
    tests/system/trace_root.py "$T/trace"

check "the subscriber is destroyed" inside $sub ucm-node destroy --yes
inside $sub sh -c 'umask 077; cat >/root/pw' <<'EOF'
admin = password1
ccm = password2
security = password3
EOF
check "a publisher is made in its place" trace /root/trace \
    ucm-node init --name other --domain joemar2.lab --address 127.0.10.2 \
    --ssh-port "$LAB_SSH_PORT" --passwords-file /root/pw
fetch /root/trace
check "root opened nothing of others while it was made" \
    tests/system/trace_root.py "$T/trace"
plan_end
