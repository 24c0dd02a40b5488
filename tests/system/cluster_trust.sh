#!/usr/bin/env bash
# The main job on a real cluster of three nodes: look at the signed ITL,
# fetch it as a phone would, reset it with the recovery key over SSH, and
# bring CallManager back as its signer.
# takes 45 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 3
pub=test10pub sub=test10sub sub2=test10sub2

# --- show itl, and the file itself ---------------------------------------
for node in $LAB_NODES; do
	cli "$node" show itl </dev/null >"$T/show.$node" 2>&1
	has "show itl on $node verifies" \
	    "The ITL file was verified successfully." "$T/show.$node"
	same "CallManager of $node signs its ITL" \
	    "CN=$node.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US" \
	    "$(signer "$node")"
	check "an ordinary TFTP client fetches ITLFile.tlv from $node" \
	    tftp_get "$node" ITLFile.tlv "$T/$node.tlv"
	check "what $node serves is the file on its disk" sh -c \
	    "$LAB exec $node cat /var/lib/ucmsh/tftp/ITLFile.tlv | cmp - $T/$node.tlv"
	check "every number, name and hash of show itl on $node is right" \
	    python3 tests/system/parse_itl.py "$T/$node.tlv" \
	    --compare "$T/show.$node"
	check "atftp with options fetches the same bytes from $node" sh -c \
	    "atftp --option 'blksize 1428' --option 'tsize 0' -g -r ITLFile.tlv -l $T/a.tlv $(address "$node") 69 && cmp $T/a.tlv $T/$node.tlv"
done
same "each TFTP node has a list of its own" 3 \
    "$(for n in $LAB_NODES; do checksum "$n"; done | sort -u | grep -c .)"
for name in ITLRecovery.p12 itlrecovery.P12 ../certs/ITLRecovery.p12 \
    CallManager.pem ../certs/CallManager.pem /etc/passwd; do
	refuse "$name cannot be fetched" tftp_get "$pub" "$name" "$T/stolen"
done

# --- the reset of seeds/000 ----------------------------------------------
cat >"$T/steps" <<'X'
prompt
send utils itl reset localkey
wait Enter CCM Administrator password :
secret
prompt
send exit
end
X
# The dialogue of the reference, with a third node before its last line.
sed -e "s/'test10sub'\]/'test10sub', 'test10sub2']/" \
    -e '$d' tests/data/sessions/reset_localkey.txt >"$T/want"
printf '%s\n' 'Successfully transferred reset ITL to node test10sub2' '' \
    'Restarting Cisco Tftp service on host test10sub2' \
    'Cisco Tftp service restarted on host test10sub2' '' >>"$T/want"
session "$pub" "$T/steps" >"$T/got"
sed -n '/^admin:utils/,/^admin:exit/p' "$T/got" | sed '$d' >"$T/got.reset"
check "the dialogue of the reset is that of the reference" \
    diff "$T/want" "$T/got.reset"

sum=$(checksum "$pub")
for node in $LAB_NODES; do
	same "ITLRECOVERY signs on $node" \
	    "CN=ITLRECOVERY_$pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US" \
	    "$(signer "$node")"
	same "$node has the one checksum" "$sum" "$(checksum "$node")"
	cli "$node" show itl </dev/null >"$T/show.$node" 2>&1
	has "the reset list verifies on $node" \
	    "The ITL file was verified successfully." "$T/show.$node"
	check "$node serves the reset list" sh -c \
	    "tests/system/tftp_fetch $(address "$node") ITLFile.tlv $T/r.tlv && echo '$sum  $T/r.tlv' | sha1sum -c"
	check "a phone's own name gets the reset list from $node" sh -c \
	    "tests/system/tftp_fetch $(address "$node") ITLSEP001122334455.tlv $T/r.tlv && echo '$sum  $T/r.tlv' | sha1sum -c"
done

# --- a second run, then back to CallManager ------------------------------
printf '%s\n' "$LAB_CCM_PASSWORD" >"$T/password"
reset() {
	cli "$pub" utils itl reset localkey <"$T/password"
}
check_reset() { # NAME: a reset that must succeed
	if reset >"$T/out" 2>&1; then
		ok "$1"
	else
		sed 's/^/# /' "$T/out"
		not_ok "$1"
	fi
}
check_reset "the reset can be run again"
same "and keeps the list that is in force" "$sum" "$(checksum "$pub")"
check "Cisco Tftp is restarted on $sub" \
    cli "$sub" utils service restart Cisco Tftp
same "CallManager is back on $sub" \
    "CN=$sub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US" "$(signer "$sub")"
same "the others keep the reset list" "$sum" "$(checksum "$sub2")"

# --- refusals -------------------------------------------------------------
cli "$sub" utils itl reset localkey <"$T/password" >"$T/out" 2>&1
same "a subscriber fails" 1 "$?"
has "a subscriber says why" "This is not a Publisher Node." "$T/out"
has "and prints the trailer" "Executed command unsuccessfully" "$T/out"
before=$(for n in $LAB_NODES; do checksum "$n"; done)
echo wrong | cli "$pub" utils itl reset localkey >"$T/out" 2>&1
same "a wrong CCM Administrator password fails" 1 "$?"
has "and prints the trailer, too" "Executed command unsuccessfully" "$T/out"
same "and changes nothing on any node" "$before" \
    "$(for n in $LAB_NODES; do checksum "$n"; done)"

# --- deactivated and stopped nodes ---------------------------------------
check "Cisco Tftp is deactivated on $sub2" \
    cli "$sub2" utils service deactivate Cisco Tftp
before=$($LAB exec "$sub2" sha1sum /var/lib/ucmsh/tftp/ITLFile.tlv)
check "a restart brings CallManager back on $pub" \
    cli "$pub" utils service restart Cisco Tftp
check_reset "a reset passes over a deactivated node"
reset >"$T/out" 2>&1
lacks "which it does not list" "test10sub2" "$T/out"
same "and does not touch" "$before" \
    "$($LAB exec "$sub2" sha1sum /var/lib/ucmsh/tftp/ITLFile.tlv)"
check "it is activated again" cli "$sub2" utils service activate Cisco Tftp
check "Cisco Tftp is stopped on $sub2" \
    cli "$sub2" utils service stop Cisco Tftp
reset >"$T/out" 2>&1
same "a reset with a stopped service fails" 1 "$?"
has "but lists the node" "['test10pub', 'test10sub', 'test10sub2']" "$T/out"
has "and reports it" "Node test10sub2 was not reset" "$T/out"
check "it is started again" cli "$sub2" utils service start Cisco Tftp
check_reset "then the reset completes"
same "and all nodes agree" 1 \
    "$(for n in $LAB_NODES; do checksum "$n"; done | sort -u | grep -c .)"
plan_end
