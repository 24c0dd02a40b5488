#!/usr/bin/env bash
# Links between agents that stay open: they are used again, noticed when they
# are dead, never trusted longer than their keys, and nobody waits for them.
# takes 45 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 3
pub=test10pub sub=test10sub sub2=test10sub2
home=/var/lib/ucmsh
printf '%s\n' "$LAB_CCM_PASSWORD" >"$T/password"

reset() {
	cli "$pub" utils itl reset localkey <"$T/password"
}
peers() { # NODE: the processes of links that other nodes hold open there
	inside "$1" pgrep -x ucm-peer
}
network() { # how many nodes the publisher can talk to, itself included
	cli "$pub" show network cluster </dev/null |
	    grep -v 'not authenticated' | grep -c authenticated
}
gone() { # NODE PID: that process ends soon
	for _ in $(seq 200); do
		inside "$1" test -d "/proc/$2" || return 0
		sleep 0.1
	done
	return 1
}

# --- kept and used again ---------------------------------------------------
same "all nodes answer" 3 "$(network)"
first=$(peers "$sub")
same "one link to a node is open" 1 "$(grep -c . <<<"$first")"
same "all answer again" 3 "$(network)"
check "the reset works" reset
same "over the same link" "$first" "$(peers "$sub")"
same "in one session there" 1 \
    "$(inside "$sub" pgrep -fc 'ucm-sshd: ucmnode@')"
same "show network cluster on a subscriber opens one of its own" 3 \
    "$(cli "$sub2" show network cluster </dev/null | grep -c authenticated)"
same "which is one more there" 2 "$(peers "$sub" | grep -c .)"

# --- dead links ------------------------------------------------------------
link=$(inside "$sub" pgrep -fx "ucm-peer -c /usr/bin/ucm-node peer $pub")
inside "$sub" kill -KILL "$link"
same "a killed link is no failure" 3 "$(network)"
link=$(inside "$sub" pgrep -fx "ucm-peer -c /usr/bin/ucm-node peer $pub")
check "it was opened anew" [ -n "$link" ]
inside "$sub" kill -STOP "$link"
same "nor is one that says nothing" 3 "$(network)"
inside "$sub" kill -STOP "$(inside "$sub" \
    pgrep -fx "ucm-peer -c /usr/bin/ucm-node peer $pub" | grep -vx "$link")"
check "not even for a reset" reset
inside "$sub" pkill -CONT -x ucm-peer
inside "$sub" sv restart "$home/service/agent" >/dev/null
agent_up "$sub"
link=$(inside "$sub" pgrep -nfx "ucm-peer -c /usr/bin/ucm-node peer $pub")
same "the agent there may restart" 3 "$(network)"
same "which ends no link" "$link" "$(inside "$sub" \
    pgrep -nfx "ucm-peer -c /usr/bin/ucm-node peer $pub")"
inside "$sub" sv restart "$home/service/sshd" >/dev/null
same "and so may its SSH server" 3 "$(network)"
inside "$pub" sv restart "$home/service/agent" >/dev/null
agent_up "$pub"
check "the agent here takes its links with it" gone "$sub" "$link"
same "and opens others" 3 "$(network)"

# --- keys ------------------------------------------------------------------
link=$(inside "$sub" pgrep -fx "ucm-peer -c /usr/bin/ucm-node peer $pub")
inside "$sub" sh -c "cp -p $home/ssh/authorized_keys.ucmnode $home/ssh/saved &&
    sed -i '/ $pub\$/d' $home/ssh/authorized_keys.ucmnode"
same "a node whose key is no longer let in is not heard over its link" 2 \
    "$(network)"
check "which ends" gone "$sub" "$link"
inside "$sub" mv "$home/ssh/saved" "$home/ssh/authorized_keys.ucmnode"
same "with the key back it is" 3 "$(network)"
inside "$sub" sh -c "cp -p $home/ssh/ssh_host_ecdsa_key $home/ssh/saved &&
    rm $home/ssh/ssh_host_ecdsa_key &&
    ssh-keygen -q -t ecdsa -b 256 -N '' -f $home/ssh/ssh_host_ecdsa_key &&
    sv restart $home/service/sshd" >"$T/out" 2>&1
for _ in $(seq 100); do
	[ "$(network)" = 2 ] && break
	sleep 0.1
done
same "a node with another host key is not trusted over the link of before" 2 \
    "$(network)"
inside "$sub" sh -c "mv $home/ssh/saved $home/ssh/ssh_host_ecdsa_key &&
    sv restart $home/service/sshd" >"$T/out" 2>&1
for _ in $(seq 100); do
	[ "$(network)" = 3 ] && break
	sleep 0.1
done
same "with its own again it is" 3 "$(network)"

# --- nobody waits for them -------------------------------------------------
link=$(inside "$sub" pgrep -fx "ucm-peer -c /usr/bin/ucm-node peer $pub")
check "there is a link when the node is stopped" [ -n "$link" ]
SECONDS=0
check "the node stops" inside "$sub" ucm-node stop
check "without waiting for it" [ "$SECONDS" -lt 15 ]
same "and takes it along" "" "$(peers "$sub")"
same "two nodes are left" 2 "$(network)"
reset >"$T/out" 2>&1
same "a reset fails" 1 "$?"
has "and names the one that is away" "Node $sub was not reset" "$T/out"
check "the node starts again" inside "$sub" ucm-node start
check "and is reached" reset
plan_end
