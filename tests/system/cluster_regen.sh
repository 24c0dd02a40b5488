#!/usr/bin/env bash
# Regeneration of certificates under the hold timer, on a real cluster.
# takes 40 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 3
pub=test10pub sub=test10sub sub2=test10sub2
held='CallManager certificate was modified in the last 5 minutes. Please re-try regnerating TVS certificate at a later time'

# regen NODE UNIT [ANSWER]: over SSH without a terminal
regen() {
	echo "${3-yes}" | cli "$1" set cert regen "$2"
}
fingerprint() { # NODE UNIT: of the certificate in force
	$LAB exec "$1" openssl x509 -noout -fingerprint -sha1 \
	    -in "/var/lib/ucmsh/certs/$2.pem" | tr -d ':' | cut -d= -f2
}
in_database() { # NODE SUBJECT: serial numbers the database of NODE knows
	cli "$1" run sql "select serialnumber from certificate where subjectname like '%$2%'" </dev/null
}
serial() { # NODE UNIT
	$LAB exec "$1" openssl x509 -noout -serial \
	    -in "/var/lib/ucmsh/certs/$2.pem" | cut -d= -f2
}
refused() { # NAME NODE: TVS must be refused with the seed's sentence
	old=$(fingerprint "$2" TVS)
	regen "$2" TVS >"$T/out" 2>&1
	same "$1: refused" 1 "$?"
	has "$1: with the seed's sentence" "$held" "$T/out"
	has "$1: and the trailer" "Executed command unsuccessfully" "$T/out"
	same "$1: nothing changed" "$old" "$(fingerprint "$2" TVS)"
}

# --- no, and the dialogue of the seed ------------------------------------
old=$(fingerprint "$pub" CallManager)
regen "$pub" CallManager no >"$T/out" 2>&1
same "'no' changes nothing" "$old" "$(fingerprint "$pub" CallManager)"
regen "$pub" Phone >"$T/out" 2>&1
same "an unknown unit fails" 1 "$?"
for unit in CallManager TVS CAPF tomcat ipsec ITLRecovery; do
	has "and lists $unit" "$unit" "$T/out"
done

cat >"$T/steps" <<'X'
prompt
send set cert regen CallManager
wait (yes|no)? 
send yes
prompt
send exit
end
X
session "$pub" "$T/steps" >"$T/got"
sed -n '/^admin:set/,/^admin:exit/p' "$T/got" | sed '$d' | sed '${/^$/d}' \
    >"$T/got.regen"
check "the dialogue of a regeneration is the seed's" \
    diff tests/data/sessions/regen_callmanager.txt "$T/got.regen"
new=$(fingerprint "$pub" CallManager)
refuse "the certificate is another one" test "$old" = "$new"

# --- the hold timer -------------------------------------------------------
refused "at once" "$pub"
refused "after logging in again" "$pub"
$LAB clock "$pub" +10m
refused "with the clock set 10 minutes ahead" "$pub"
$LAB clock "$pub" -1h
refused "with the clock set back an hour" "$pub"
$LAB clock "$pub" reset
$LAB exec "$pub" ucm-node stop >"$T/out" 2>&1
check "the publisher is restarted" $LAB exec "$pub" ucm-node start
refused "after restarting the node" "$pub"
check "another node is free" sh -c \
    "echo yes | $LAB ssh $sub set cert regen TVS"
$LAB age "$pub" 4m
refused "four minutes later" "$pub"
$LAB age "$pub" 2m
check "after five minutes it is allowed" sh -c \
    "echo yes | $LAB ssh $pub set cert regen TVS"
$LAB hold "$sub2" clear
regen "$sub2" CAPF >"$T/one" 2>&1 &
one=$!
regen "$sub2" tomcat >"$T/two" 2>&1
two=$?
wait "$one"
same "of two sessions at the same moment one is refused" "0 1" \
    "$(printf '%s\n' "$?" "$two" | sort | xargs)"

# --- where the new certificates go ---------------------------------------
for node in $LAB_NODES; do
	check "Cisco Tftp of $node is restarted" \
	    cli "$node" utils service restart Cisco Tftp
done
for node in $LAB_NODES; do
	cli "$node" show itl </dev/null >"$T/show.$node"
	for pair in $pub:TVS $sub:TVS; do
		hash=$(fingerprint "${pair%:*}" "${pair#*:}" | sed 's/../& /g; s/ $//')
		has "the ITL of $node has the new $pair" "$hash" "$T/show.$node"
	done
	has "the database of $node has the new certificate of $pub" \
	    "$(serial "$pub" CallManager)" \
	    <(in_database "$node" "CN=$pub.joemar2.lab" | tr a-f A-F)
done
has "the ITL of $pub has the new CallManager" \
    "$(fingerprint "$pub" CallManager | sed 's/../& /g; s/ $//')" \
    "$T/show.$pub"

# --- ITLRecovery ----------------------------------------------------------
for node in $LAB_NODES; do
	$LAB hold "$node" clear
done
sums=$(for n in $LAB_NODES; do checksum "$n"; done)
old=$(fingerprint "$pub" ITLRecovery)
check "ITLRecovery is regenerated on a subscriber" sh -c \
    "echo yes | $LAB ssh $sub set cert regen ITLRecovery"
same "the publisher's stays" "$old" "$(fingerprint "$pub" ITLRecovery)"
check "ITLRecovery is regenerated on the publisher" sh -c \
    "echo yes | $LAB ssh $pub set cert regen ITLRecovery"
same "no ITL changes before Cisco Tftp restarts" "$sums" \
    "$(for n in $LAB_NODES; do checksum "$n"; done)"
days=$($LAB exec "$pub" openssl x509 -noout -startdate -enddate \
    -in /var/lib/ucmsh/certs/ITLRecovery.pem | cut -d= -f2 |
    { read -r a; read -r b; echo $((($(date -d "$b" +%s) - $(date -d "$a" +%s)) / 86400)); })
check "it is valid for 5 years ($days days)" \
    test "$days" -ge 1825 -a "$days" -le 1827
check "the p12 opens with the security password and holds the new key" \
    tests/system/p12_matches.sh "$pub" "$LAB_SECURITY_PASSWORD"

# A reset now: the recovery record in the ITL is the old one and is replaced.
echo "$LAB_CCM_PASSWORD" | cli "$pub" utils itl reset localkey >"$T/out" 2>&1
same "a reset with the regenerated key works" 0 "$?"
cli "$sub2" show itl </dev/null >"$T/show"
has "its list verifies" "The ITL file was verified successfully." "$T/show"
has "and holds the new recovery certificate" \
    "$(fingerprint "$pub" ITLRecovery | sed 's/../& /g; s/ $//')" "$T/show"

# --- the primary unreachable ---------------------------------------------
$LAB hold "$sub" clear
check "the publisher is stopped" $LAB exec "$pub" ucm-node stop
old=$(fingerprint "$sub" tomcat)
regen "$sub" tomcat >"$T/out" 2>&1
same "without the primary a regeneration is refused" 1 "$?"
has "with the trailer" "Executed command unsuccessfully" "$T/out"
same "and nothing changes" "$old" "$(fingerprint "$sub" tomcat)"
check "no half-made certificate is left" sh -c \
    "! $LAB exec $sub ls /var/lib/ucmsh/certs | grep '\\.new'"
check "the publisher is started again" $LAB exec "$pub" ucm-node start
check "then it is allowed" sh -c \
    "echo yes | $LAB ssh $sub set cert regen tomcat"
plan_end
