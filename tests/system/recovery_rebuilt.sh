#!/usr/bin/env bash
# The publisher is destroyed, rebuilt from a subscriber with the same security
# password, and the key that was saved before brings the trust of the phones
# back.
# takes 55 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
. tests/system/recovery.sh
lab_start 2
sftp_server main 127.0.20.1:22 key=ed25519
sftp_known $pub "127.0.20.1 $SFTP_HOST"
saved=/home/joemar2/ITLRecovery.p12
key=CN=ITLRECOVERY_test10pub.joemar2.lab

together() { # both nodes know each other
	local _
	for _ in $(seq 100); do
		! cli $sub show network cluster </dev/null 2>&1 |
		    grep -q 'not authenticated' &&
			cli $pub show network cluster </dev/null 2>&1 |
			grep -q "test10sub .* authenticated" && return 0
		sleep 0.5
	done
	return 1
}
shows() { # NODE: what show itl says there
	cli "$1" show itl </dev/null
}

# --- before ------------------------------------------------------------------
save $SFTP_HOST >"$T/out" 2>&1
same "the key is saved" 0 "$?"
openssl pkcs12 -in "$(far main $saved)" -nokeys \
    -passin "pass:$LAB_SECURITY_PASSWORD" -out "$T/key.crt" 2>"$T/out"
hash=$(openssl x509 -in "$T/key.crt" -noout -fingerprint -sha1 | cut -d= -f2 |
    tr : ' ')
has "it is in the list that the phones have" "$hash" <(shows $sub)
for node in $LAB_NODES; do
	inside "$node" sh -c 'umask 077; cat >/root/passwords' <<-X
		admin = $LAB_ADMIN_PASSWORD
		security = $LAB_SECURITY_PASSWORD
	X
done

# --- the publisher is lost, and rebuilt --------------------------------------
check "the publisher is destroyed" inside $pub ucm-node destroy --yes
token=$(inside $sub ucm-node invite --publisher --quiet \
    --passwords-file /root/passwords </dev/null)
check "a new one takes the database of the subscriber" inside $pub ucm-node \
    init --restore-from "$token" --passwords-file /root/passwords
check "and starts" inside $pub ucm-node start
check "both nodes know each other" together
lacks "its own recovery key is one that no phone knows" "$hash" <(shows $pub)

# --- the saved key -----------------------------------------------------------
ccm=$LAB_CCM_PASSWORD
printf '%s\n' "$SFTP_PASSWORD" yes "$ccm" |
    cli $pub utils itl reset remotekey $SFTP_HOST joemar2 $saved >"$T/out" 2>&1
same "the saved key resets" 0 "$?"
for node in $LAB_NODES; do
	shows "$node" >"$T/show"
	has "the list of $node verifies" \
	    "The ITL file was verified successfully." "$T/show"
	same "$node: the recovery key signs" "$key;OU=tac;O=cisco;L=rtp;ST=nc;C=US" \
	    "$(signer "$node")"
	has "$node: with the certificate that phones know" "$hash" "$T/show"
done
same "both have the one checksum" "$(checksum $pub)" "$(checksum $sub)"
check "what is served verifies with that certificate alone" sh -c \
    "tests/system/tftp_fetch $(address $sub) ITLFile.tlv $T/new.tlv &&
    $BUILD_DIR/ucm-trust verify $T/new.tlv --cert $T/key.crt"
same "the key is the local one now, and saved" off "$(alarm)"
for node in $LAB_NODES; do
	cli "$node" utils service restart Cisco Tftp </dev/null >"$T/out" 2>&1
	shows "$node" >"$T/show"
	has "the list that Cisco Tftp builds on $node has that certificate" \
	    "$hash" "$T/show"
	has "and verifies" "The ITL file was verified successfully." "$T/show"
done
plan_end
