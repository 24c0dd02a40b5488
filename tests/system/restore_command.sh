#!/usr/bin/env bash
# The publisher is destroyed, made anew by a plain "ucm-node init", and gets
# the cluster's database by the shell's command; a node that was away then
# joins again.
# takes 95 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
. tests/system/restore_lab.sh
own_network "$0" "$@"
lab_start 3

passwords $sub "$LAB_SECURITY_PASSWORD"
passwords $sub2 "$LAB_SECURITY_PASSWORD"
check "all nodes know each other" until_true together
psql $pub "update nodelink set domain = 'changed.lab' where hostname = '$sub'" \
    >/dev/null
check "what is changed reaches the subscriber" until_true has_value $sub
inside $pub ucm-node destroy --yes >/dev/null
# it takes connections and says nothing
inside $sub2 pkill -STOP -x ucm-sshd
inside $pub sh -c 'umask 077; cat >/root/all' <<X
admin = $LAB_ADMIN_PASSWORD
ccm = another one
security = $LAB_SECURITY_PASSWORD
X
inside $pub ucm-node init --name $pub --domain joemar2.lab --address 127.0.10.1 \
    --organization cisco --unit tac --locality rtp --state nc --country US \
    --ssh-port "$LAB_SSH_PORT" --passwords-file /root/all >/dev/null
check "a plain new publisher starts" inside $pub ucm-node start
until_true shell $pub show network cluster
token=$(token_of $sub)
printf 'yes\n%s\n' "$token" >"$T/answers"
pub_from_sub() {
	inside $pub setpriv --reuid=admin --regid=ucmadm --init-groups \
	    /usr/bin/ucmsh -c \
	    "utils disaster_recovery prepare restore pub_from_sub" <"$T/answers"
}

# Killed when the subscriber has turned to this publisher, which has nothing
# but its own new database: that must not take the place of the cluster's.
pub_from_sub >"$T/first" 2>&1 &
check "the subscriber adopts the new publisher" until_true \
    grep -q "Node $sub has adopted this publisher" "$T/first"
inside $pub pkill -9 -x ucm-agent
wait
sleep 15
check "an empty database is not taken for the cluster's" has_value $sub
until_true shell $pub show network cluster
check "the command brings the database of the subscriber" pub_from_sub
has "names the node it could not reach" "Node $sub2 is left out: " "$T/out"
lacks "and does not show the token" "${token:6:40}" "$T/out"
check "the data is there" has_value $pub
check "publisher and subscriber know each other" until_true sh -c \
    "$LAB exec $sub setpriv --reuid=admin --regid=ucmadm --init-groups \
    /usr/bin/ucmsh -c 'show network cluster' | grep $pub |
    grep -v 'not authenticated' | grep -q authenticated"
same "and the standby follows" test10sub \
    "$(until_true psql $pub 'select 1'; psql $pub "select application_name
    from pg_stat_replication")"
check "its list has the other node's TVS" until_true sh -c "$LAB exec $pub \
    setpriv --reuid=admin --regid=ucmadm --init-groups /usr/bin/ucmsh \
    -c 'show itl' | grep -q CN=$sub.joemar2.lab"
inside $sub2 pkill -CONT -x ucm-sshd
check "the node that was left out stays outside" apart $sub2 $pub
check "it is destroyed" inside $sub2 ucm-node destroy --yes
token=$(inside $pub ucm-node invite $sub2 127.0.10.3 --ssh-port "$LAB_SSH_PORT" \
    --quiet </dev/null)
check "and joins again" inside $sub2 ucm-node join "$token" \
    --passwords-file /root/pw
check "and starts" inside $sub2 ucm-node start
check "all nodes know each other" until_true together
plan_end
