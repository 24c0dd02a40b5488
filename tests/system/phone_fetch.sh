#!/usr/bin/env bash
# Ordinary clients fetch every kind of file from every node: tftp (tftp-hpa),
# atftp with options, curl by TFTP and by HTTP.
# takes 50 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 3

home=/var/lib/ucmsh
pub=test10pub
common=0011AABBCC01 # its call manager group has all nodes
branch=0011AABBCC02 # its group has one
lonely=0011AABBCC03 # its group has none

on_all() { # COMMAND…
	local node
	for node in $LAB_NODES; do
		inside "$node" "$@" || return 1
	done
}
# The clients: NODE NAME FILE each
by_http() {
	curl -fsS -m 20 -o "$3" "http://$(address "$1"):6970/$2"
}
by_curl() {
	curl -fsS -m 20 -o "$3" "tftp://$(address "$1")/$2"
}
by_curl_blksize() {
	curl -fsS -m 20 --tftp-blksize 1428 -o "$3" "tftp://$(address "$1")/$2"
}
by_tftp() {
	tftp_get "$1" "$2" "$3"
}
by_atftp() {
	atftp --get --option "blksize 1428" --option "tsize 0" \
	    --option "timeout 2" -r "$2" -l "$3" "$(address "$1")" 69 2>&1
}
by_atftp_window() {
	atftp --get --option "windowsize 8" -r "$2" -l "$3" "$(address "$1")" 69 2>&1
}
served() { # NODE NAME
	by_http "$1" "$2" "$T/served"
}
phones_on() { # NODE NUMBER
	inside "$1" grep -qx "phones $2" $home/run/tftpd.statistics
}
# Every client has the bytes of FILE under NAME from NODE.
everybody() { # NODE NAME FILE
	local client
	for client in by_http by_curl by_curl_blksize by_tftp by_atftp \
	    by_atftp_window; do
		rm -f "$T/got"
		$client "$1" "$2" "$T/got" >"$T/client" 2>&1
		cmp "$3" "$T/got" >>"$T/client" 2>&1 && continue
		sed "s/^/# $client: /" "$T/client"
		return 1
	done
}
same_everywhere() { # NAME FILE: from every node, with every client
	local node
	for node in $LAB_NODES; do
		everybody "$node" "$1" "$2" || return 1
	done
}
itl_of() { # NODE NAME: the SHA-1
	by_http "$1" "$2" "$T/itl" && sha1sum <"$T/itl" | cut -d' ' -f1
}

# --- phones and files -------------------------------------------------------------
check "a group with one node" inside $pub ucm-node phone group set Branch \
    test10sub2
check "a pool with it" inside $pub ucm-node phone pool set Branch Branch
check "a phone of the group with all nodes" inside $pub ucm-node phone add \
    SEP$common
check "one of the group with one node" inside $pub ucm-node phone add \
    SEP$branch --pool Branch
check "a group whose node" inside $pub ucm-node phone group set Empty test10sub
check "a pool with it" inside $pub ucm-node phone pool set Empty Empty
check "a phone of it" inside $pub ucm-node phone add SEP$lonely --pool Empty
check "has no call manager any more" cli test10sub utils service deactivate \
    Cisco CallManager
for node in $LAB_NODES; do
	check "phones are on $node" until_true phones_on "$node" 3
done
head -c 70000 /dev/urandom >"$T/random"
on_all mkdir -p $home/tftp/German_Germany $home/tftp/Desktops/320x212x16
for file in RingList.xml RingList AppDialRules.xml dialplan.xml g3-tones.xml \
    featurePolicyDefault.xml SKb0ec7a33-8fb1-9a5b-a0d4-5d1e2f3a4b5c.xml \
    defaultheadsetconfig.json Analog1.raw SIP45.9-4-2SR3-1S.loads \
    jar45sip.9-4-2ES26.sbn German_Germany/be-sip.jar \
    Desktops/320x212x16/List.xml; do
	head -c $((RANDOM * 2 + 1)) "$T/random" >"$T/file"
	for node in $LAB_NODES; do
		inside "$node" sh -c "cat >$home/tftp/$file" <"$T/file"
	done
	check "$file" same_everywhere "$file" "$T/file"
	until_true served $pub "$file.sgn"
	by_http $pub "$file.sgn" "$T/signed"
	check "$file.sgn" everybody $pub "$file.sgn" "$T/signed"
	check "is the same, signed" sh -c \
	    "tail -c $(wc -c <"$T/file") '$T/signed' | cmp - '$T/file'"
done
check "an empty file" sh -c ": >'$T/file'"
on_all sh -c ": >$home/tftp/empty.xml"
for client in by_http by_atftp; do
	rm -f "$T/got"
	check "$client" $client $pub empty.xml "$T/got"
	same "nothing comes" 0 "$(wc -c <"$T/got")"
done
inside $pub cat $home/tftp/German_Germany/be-sip.jar >"$T/file"
check "names in another case" everybody $pub /german_GERMANY/BE-sip.jar \
    "$T/file"

# --- a phone's own files ------------------------------------------------------------
for file in SEP$common.cnf.xml SEP$branch.cnf.xml.sgn ITLSEP$common.tlv \
    ITLSEP$branch.tlv ITLFile.tlv XMLDefault.cnf.xml XMLDefault.cnf.xml.sgn; do
	check "$file is made" until_true served $pub "$file"
	by_http $pub "$file" "$T/file"
	check "$file" everybody $pub "$file" "$T/file"
done
by_http $pub SEP$branch.cnf.xml "$T/plain"
by_http $pub SEP$branch.cnf.xml.sgn "$T/signed"
check "a signed configuration holds the plain one" sh -c \
    "tail -c $(wc -c <"$T/plain") '$T/signed' | cmp - '$T/plain'"
inside $pub cat $home/certs/CallManager.pem | openssl x509 >"$T/ccm.pem"
check "and is signed by CallManager" "$BUILD_DIR/ucm-trust" verify \
    --cert "$T/ccm.pem" "$T/signed"
for node in $LAB_NODES; do
	check "the files of a group are signed on $node" until_true served \
	    "$node" ITLSEP$branch.tlv
	same "without a call manager it is ITLFile.tlv on $node" \
	    "$(itl_of "$node" ITLFile.tlv)" "$(itl_of "$node" ITLSEP$lonely.tlv)"
	by_http "$node" ITLSEP$branch.tlv "$T/branch"
	check "a group's own verifies" "$BUILD_DIR/ucm-trust" verify "$T/branch"
	by_http "$node" ITLFile.tlv "$T/itl"
	refuse "and is another one" cmp "$T/branch" "$T/itl"
	same "the rest is missing on $node" "000 503" \
	    "$(curl -sS -m 20 -o /dev/null -w '%{http_code} ' \
	    "tftp://$(address "$node")/CTLFile.tlv" 2>/dev/null
	curl -sS -o /dev/null -w '%{http_code}' -m 20 \
	    "http://$(address "$node"):6970/CTLFile.tlv")"
done

# --- HTTP, as phones know it ------------------------------------------------------------
site=http://$(address $pub):6970
curl -sSi -m 20 "$site/ITLFile.tlv" 2>&1 | tr -d '\r' >"$T/out"
has "the status" "HTTP/1.1 200 OK" "$T/out"
has "the length" "Content-length: $(inside $pub cat $home/tftp/ITLFile.tlv |
    wc -c)" "$T/out"
has "nothing is to be kept" "Cache-Control: no-store" "$T/out"
has "any type" "Content-type: */*" "$T/out"
status() { # ARGUMENTS of curl
	curl -sS -m 20 -o "$T/body" -w '%{http_code}' "$@" 2>/dev/null
}
same "HEAD" 200 "$(status -I "$site/ITLFile.tlv")"
same "a missing file" 503 "$(status "$site/none.xml")"
same "nothing in it" 0 "$(wc -c <"$T/body")"
for path in / /FileList.txt /ConfigFileCacheList.txt /ITLRecovery.p12 \
    /../etc/node.conf /..%2f..%2fetc/passwd /certs/CallManager.pem /.signed/; do
	same "$path" 503 "$(status --path-as-is "$site$path")"
done
same "a query" 400 "$(status "$site/ITLFile.tlv?x")"
same "half a percent sign" 400 "$(status "$site/ITLFile%2")"
same "POST" 405 "$(status -d x=y "$site/ITLFile.tlv")"
same "PUT" 405 "$(status -T "$T/itl" "$site/ITLFile.tlv")"
same "DELETE" 405 "$(status -X DELETE "$site/ITLFile.tlv")"
timeout 20 bash -c "exec 3<>/dev/tcp/$(address $pub)/6970
printf 'GARBAGE\r\n\r\n' >&3; cat <&3" >"$T/out"
has "garbage" "HTTP/1.1 400 Bad Request" "$T/out"

# --- after a reset ------------------------------------------------------------------------
if echo "$LAB_CCM_PASSWORD" | cli $pub utils itl reset localkey >"$T/out" 2>&1
then
	ok "utils itl reset localkey"
else
	sed 's/^/# /' "$T/out"
	not_ok "utils itl reset localkey"
fi
sum=$(inside $pub sha1sum $home/tftp/ITLFile.tlv | cut -d' ' -f1)
has "it is signed by ITLRecovery" "CN=ITLRECOVERY_" <(signer $pub)
for node in $LAB_NODES; do
	check "$node serves it" until_true served "$node" ITLFile.tlv
	for file in ITLFile.tlv ITLSEP$common.tlv ITLSEP$branch.tlv \
	    ITLSEP$lonely.tlv ITLSEP0011AABBCCFF.tlv; do
		until_true served "$node" "$file"
		same "$file of $node" "$sum" \
		    "$(itl_of "$node" "$file")"
		tftp_get "$node" "$file" "$T/got"
		check "by TFTP too" cmp "$T/itl" "$T/got"
	done
done
check "Cisco Tftp starts anew" cli $pub utils service restart Cisco Tftp
check "and signs again" until_true served $pub ITLSEP$branch.tlv
until_true served $pub SEP$branch.cnf.xml.sgn
refuse "the group's file is its own again" test \
    "$(itl_of $pub ITLSEP$branch.tlv)" = "$(itl_of $pub ITLFile.tlv)"
plan_end
