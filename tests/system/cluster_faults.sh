#!/usr/bin/env bash
# What must survive: a stopped node, a lost session, damaged and missing
# files, a full disk, an unknown host key, a database or an agent that is down.
# takes 55 s
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
restart_tftp() {
	cli "$1" utils service restart Cisco Tftp </dev/null >/dev/null
}
sums() {
	for n in $LAB_NODES; do
		inside "$n" sha1sum "$home/tftp/ITLFile.tlv"
	done
}

# --- one subscriber stopped ----------------------------------------------
check "one subscriber is stopped" inside "$sub" ucm-node stop
reset >"$T/out" 2>&1
same "the reset fails" 1 "$?"
has "and names the node" "$sub" "$T/out"
has "and finishes the others" "Successfully transferred reset ITL to node $sub2" "$T/out"
same "which carry the recovery signature" \
    "CN=ITLRECOVERY_$pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US" \
    "$(signer "$sub2")"
check "the subscriber is started again" inside "$sub" ucm-node start
reset >"$T/out" 2>&1
same "run again the reset completes" 0 "$?"
same "and all agree" 1 "$(sums | cut -d' ' -f1 | sort -u | grep -c .)"

# --- a lost session stops nothing ----------------------------------------
restart_tftp "$pub"
restart_tftp "$sub"
begun() { # the reset is at work, and not over
	for _ in $(seq 600); do
		grep -qs Locating "$T/job" && return 0
		sleep 0.05
	done
	return 1
}
"$LAB" ssh "$pub" utils itl reset localkey <"$T/password" >"$T/job" 2>&1 &
job=$!
check "a reset is begun" begun
kill -KILL "$job"
wait "$job"
for _ in $(seq 100); do
	[ "$(sums | cut -d' ' -f1 | sort -u | grep -c .)" = 1 ] && break
	sleep 0.2
done
same "closing the connection in the middle stops nothing" 1 \
    "$(sums | cut -d' ' -f1 | sort -u | grep -c .)"
restart_tftp "$pub"
reset >"$T/job" 2>&1 &
job=$!
check "another one is begun" begun
inside "$pub" pkill -KILL -x ucmsh
wait "$job"
for _ in $(seq 100); do
	[ "$(sums | cut -d' ' -f1 | sort -u | grep -c .)" = 1 ] && break
	sleep 0.2
done
same "killing the shell in the middle stops nothing" 1 \
    "$(sums | cut -d' ' -f1 | sort -u | grep -c .)"
# Files agree before the last restart is over: the next reset waits for that.
check "the reset after it" reset

# --- bad files: a clear line, the trailer, nothing changed ----------------
failing() { # NAME TEXT: a reset must fail, name TEXT and change nothing else
	local before after
	before=$(for n in $sub $sub2; do
		inside "$n" sha1sum "$home/tftp/ITLFile.tlv"
	done)
	reset >"$T/out" 2>&1
	same "$1: the reset fails" 1 "$?"
	has "$1: it says so" "$2" "$T/out"
	has "$1: with the trailer" "Executed command unsuccessfully" "$T/out"
	after=$(for n in $sub $sub2; do
		inside "$n" sha1sum "$home/tftp/ITLFile.tlv"
	done)
	same "$1: nothing changed" "$before" "$after"
}
itl=$home/tftp/ITLFile.tlv
inside "$pub" cp -p "$itl" "$home/tftp/.saved"
inside "$pub" rm "$itl"
failing "no ITL file" ITLFile.tlv
cli "$pub" show itl </dev/null >"$T/out" 2>&1
same "show itl without a file fails" 1 "$?"
has "and says so" "ITL File not found" "$T/out"
inside "$pub" sh -c "head -c 3000 $home/tftp/.saved >$itl"
failing "a truncated ITL" ITLFile.tlv
inside "$pub" sh -c "cp $home/tftp/.saved $itl &&
    printf X | dd of=$itl bs=1 seek=900 conv=notrunc 2>/dev/null"
failing "an altered ITL" ITLFile.tlv
cli "$pub" show itl </dev/null >"$T/out" 2>&1
same "show itl of an altered list fails" 1 "$?"
has "in the vendor's words" "Error parsing the ITL file!!" "$T/out"
inside "$pub" sh -c "cp -p $home/tftp/.saved $itl && rm $home/tftp/.saved"
restart_tftp "$pub"
key=$home/certs/ITLRecovery.pem
inside "$pub" mv "$key" "$key.away"
failing "a missing recovery key" ITLRecovery
inside "$pub" mv "$key.away" "$key"
inside "$pub" sh -c "chown 0:0 $key"
failing "an unreadable recovery key" ITLRecovery
inside "$pub" chown ucm:ucm "$key"
inside "$pub" sh -c "cp -p $key $key.away &&
    openssl req -x509 -newkey rsa:1024 -nodes -keyout $home/k -out $home/c \
    -subj '/C=US/ST=nc/L=rtp/O=cisco/OU=tac/CN=ITLRECOVERY_test10pub.joemar2.lab' \
    -days 30 2>/dev/null && cat $home/k $home/c >$key; rm -f $home/k $home/c"
failing "a 1024-bit recovery key" "set cert regen ITLRecovery"
inside "$pub" mv "$key.away" "$key"
reset >"$T/out" 2>&1
same "with the key back the reset works" 0 "$?"

# --- a full disk: on a subscriber, then on the publisher -------------------
fill() { # NODE: its TFTP directory becomes a file system without room
	inside "$1" sh -c "cd $home && cp -a tftp full.saved &&
	    mount -t tmpfs -o size=16k,mode=0755 tmpfs tftp && chown ucm:ucm tftp &&
	    cp -a full.saved/. tftp/ && dd if=/dev/zero of=tftp/.fill bs=4k 2>/dev/null; ls tftp/ITLFile.tlv"
}
empty() { # NODE
	inside "$1" sh -c "cd $home && umount tftp && rm -rf full.saved"
}
restart_tftp "$pub"
check "the disk of $sub is full" fill "$sub"
reset >"$T/out" 2>&1
same "a full disk on one node fails the reset" 1 "$?"
has "which names the node" "Node $sub was not reset" "$T/out"
has "and the reason" "No space left on device" "$T/out"
check "there is room again" empty "$sub"
restart_tftp "$pub"
check "the disk of $pub is full" fill "$pub"
failing "a full disk on the publisher" "No space left on device"
check "there is room again, too" empty "$pub"
restart_tftp "$pub"

# --- an unknown host key --------------------------------------------------
restart_tftp "$pub"
inside "$sub" sh -c "cp -p $home/ssh/ssh_host_ecdsa_key $home/ssh/saved &&
    rm $home/ssh/ssh_host_ecdsa_key &&
    ssh-keygen -q -t ecdsa -b 256 -N '' -f $home/ssh/ssh_host_ecdsa_key &&
    sv restart $home/service/sshd" >"$T/out" 2>&1
check "a node has another host key" served_key "$sub"
reset >"$T/out" 2>&1
same "a node with an unknown host key fails the reset" 1 "$?"
has "which names the node" "$sub" "$T/out"
has "and the key" "host key" "$T/out"
inside "$sub" sh -c "mv $home/ssh/saved $home/ssh/ssh_host_ecdsa_key &&
    sv restart $home/service/sshd" >"$T/out" 2>&1
check "it has its own again" served_key "$sub"

# --- the database down, the agent down, the disk full --------------------
inside "$pub" sv -w 30 down "$home/service/postgresql"
cli "$pub" show itl </dev/null >"$T/out" 2>&1
same "with the database down show itl works" 0 "$?"
has "and verifies" "The ITL file was verified successfully." "$T/out"
check "and help works" cli "$pub" help show itl
failing "the database down" atabase
cli "$pub" run sql "select 1" </dev/null >"$T/out" 2>&1
same "run sql fails" 1 "$?"
has "and says what must run" "A Cisco DB must be running on this node." \
    "$T/out"
inside "$pub" sv -w 30 up "$home/service/postgresql"
inside "$pub" sv -w 30 down "$home/service/agent"
check "with the agent down show itl works" cli "$pub" show itl
check "and help works, too" cli "$pub" help utils itl reset localkey
failing "the agent down" agent
inside "$pub" sv up "$home/service/agent"
agent_up "$pub"
plan_end
