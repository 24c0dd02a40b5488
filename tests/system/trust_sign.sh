#!/usr/bin/env bash
# ucm-trust sign, unsign, encrypt and decrypt as programs: what they make is
# held against a parser that shares nothing with them and the openssl command,
# what others made is read, and thousands of files are made at once.
# STRIDE=1 makes the sweep over a whole file complete.
# takes 50 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
trust=$BUILD_DIR/ucm-trust
v=tests/data/vectors
pem=$v/pem
ccm=$pem/callmanager.pem
phone=$pem/phone_lsc2048.pem
witness="python3 tests/system/parse_signed.py"
cnf=SEP58971ECC97C1.cnf.xml
plain=$v/payload_s01_$cnf

case $BUILD_DIR in
*asan*) stride=${STRIDE:-97} many=200 ;;
*) stride=${STRIDE:-23} many=3000 ;;
esac

# says NAME STATUS TEXT COMMAND…: it exits with STATUS, TEXT is on its
# standard error.
says() {
	local name=$1 want=$2 text=$3 got
	shift 3
	"$@" >"$T/printed" 2>"$T/said" </dev/null
	got=$?
	if [ "$got" -ne "$want" ]; then
		sed 's/^/# /' "$T/said"
		not_ok "$name: status $got, expected $want"
	else
		has "$name" "$text" "$T/said"
	fi
}

# --- what others made ---------------------------------------------------------
check "s01 by the witness" $witness $v/s01_$cnf.sgn --cert $ccm \
    --content $plain
check "e01 by the witness" $witness $v/e01_$cnf.enc.sgn --cert $ccm \
    --phone $phone --content $v/payload_e01_$cnf
check "s01 is unsigned" "$trust" unsign $v/s01_$cnf.sgn --cert $ccm \
    --out "$T/s01"
check "and is what it was made of" cmp "$T/s01" $plain
check "e01 is decrypted" "$trust" decrypt $v/e01_$cnf.enc.sgn --cert $ccm \
    --phone $phone --out "$T/e01"
check "and is what it was made of" cmp "$T/e01" $v/payload_e01_$cnf
same "for its owner alone" 600 "$(stat -c %a "$T/e01")"
refuse "the witness sees a wrong content" $witness $v/s01_$cnf.sgn \
    --cert $ccm --content $ccm
refuse "and another signer" $witness $v/s01_$cnf.sgn --cert $pem/capf.pem
head -c 669 $v/s01_$cnf.sgn >"$T/cut.sgn"
refuse "the witness sees a byte that is gone" $witness "$T/cut.sgn" \
    --cert $ccm

mkdir "$T/cases"
python3 tests/system/encrypted_cases.py "$trust" "$T/cases" \
    --stride "$stride" >"$T/lines" 2>"$T/trace"
status=$?
while IFS= read -r line; do
	case $line in
	"ok - "*) ok "${line#ok - }" ;;
	"not ok - "*) not_ok "${line#not ok - }" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$T/lines"
sed 's/^/# /' "$T/trace"
same "all cases were tried" 0 "$status"

# --- signed files by the witness ----------------------------------------------
mkdir -p "$T/tftp/New_Zealand" "$T/sgn/back"
cp $plain "$T/tftp/$cnf"
printf '<tones/>\r\n' >"$T/tftp/New_Zealand/g3-tones.xml"
: >"$T/tftp/empty.xml"
head -c 100000 /dev/urandom >"$T/tftp/ring.raw"
for digest in sha1 sha512; do
	check "files of all kinds are signed with $digest" "$trust" sign \
	    "$T/tftp/$cnf" "$T/tftp/New_Zealand/g3-tones.xml" \
	    "$T/tftp/empty.xml" "$T/tftp/ring.raw" --root "$T/tftp" \
	    -o "$T/sgn" --key $ccm --digest $digest --time 1393439067
	for f in $cnf New_Zealand/g3-tones.xml empty.xml ring.raw; do
		check "$f with $digest is right, tag by tag" $witness \
		    "$T/sgn/$f.sgn" --cert $ccm --name "$f.sgn" \
		    --digest $digest --time 1393439067 --content "$T/tftp/$f"
	done
done
check "a file for new firmware is signed" "$trust" sign "$T/tftp/ring.raw" \
    --suffix sha512 --key $ccm
check "its name and its digest are right" $witness "$T/tftp/ring.raw.sha512" \
    --cert $ccm --name ring.raw.sha512 --digest sha512 \
    --content "$T/tftp/ring.raw"
for bits in 1024 4096; do
	openssl req -x509 -newkey rsa:$bits -nodes -keyout "$T/key.pem" \
	    -out "$T/cert.pem" -subj "/CN=of $bits bits/C=US" -days 2 \
	    2>/dev/null
	check "a key of $bits bits signs" "$trust" sign "$T/tftp/$cnf" \
	    --key "$T/key.pem" --cert "$T/cert.pem" --out "$T/sgn/by$bits"
	check "and the file is right" $witness "$T/sgn/by$bits" \
	    --cert "$T/cert.pem" --name $cnf.sgn --content "$T/tftp/$cnf"
done
check "unsign gives the files back" "$trust" unsign --cert $ccm \
    --root "$T/sgn" -o "$T/sgn/back" "$T/sgn/$cnf.sgn" \
    "$T/sgn/New_Zealand/g3-tones.xml.sgn" "$T/sgn/ring.raw.sgn"
for f in $cnf New_Zealand/g3-tones.xml ring.raw; do
	check "$f as it was" cmp "$T/tftp/$f" "$T/sgn/back/$f"
done

# --- encrypted files by the witness -------------------------------------------
mkdir "$T/phones" "$T/enc" "$T/plain"
cat >"$T/phones/$cnf" <<EOT
<?xml version="1.0" encoding="UTF-8"?>
<device xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <fullConfig>true</fullConfig>
  <ipAddressMode>0</ipAddressMode>
  <sshPassword>hunter2</sshPassword>
  <loadInformation>sip88xx.12-8-1</loadInformation>
  <capfAuthMode>0</capfAuthMode>
  <capfList><capf><phonePort>3804</phonePort></capf></capfList>
</device>
EOT
cp "$T/phones/$cnf" "$T/phones/SEP000000000001.cnf.xml"
cp $phone "$T/phones/${cnf%%.*}.pem"
openssl req -x509 -newkey rsa:1024 -nodes -keyout "$T/key.pem" \
    -out "$T/cert.pem" -subj /CN=SEP000000000001 -days 2 2>/dev/null
cat "$T/key.pem" "$T/cert.pem" >"$T/phones/SEP000000000001.pem"
for digest in sha1 sha512; do
	check "each phone's file is encrypted to it with $digest" "$trust" \
	    encrypt "$T/phones"/*.cnf.xml --phones "$T/phones" --key $ccm \
	    -o "$T/enc" --digest $digest --time 1393439067
	for f in ${cnf%%.*} SEP000000000001; do
		check "that of $f is right, tag by tag" $witness \
		    "$T/enc/$f.cnf.xml.enc.sgn" --cert $ccm \
		    --name "$f.cnf.xml.enc.sgn" --digest $digest \
		    --time 1393439067 --phone "$T/phones/$f.pem" \
		    --content "$T/phones/$f.cnf.xml"
		check "and its stub" $witness "$T/enc/$f.cnf.xml.sgn" \
		    --cert $ccm --name "$f.cnf.xml.sgn" --digest $digest \
		    --stub-of "$T/phones/$f.pem"
		refuse "it holds no secret" grep -q hunter2 \
		    "$T/enc/$f.cnf.xml.sgn" "$T/enc/$f.cnf.xml.enc.sgn"
	done
done
check "they decrypt with their phones' keys" "$trust" decrypt \
    "$T/enc"/*.enc.sgn --phones "$T/phones" --cert $ccm -o "$T/plain"
check "and are what they were" cmp "$T/plain/$cnf" "$T/phones/$cnf"
same "for their owner alone" "600 600" "$(stat -c %a "$T/plain"/* | xargs)"
says "not with another's" 65 "for another phone, or damaged" "$trust" decrypt \
    "$T/enc/$cnf.enc.sgn" --phone $pem/capf.pem --cert $ccm --out "$T/none"
check "and nothing was written" [ ! -e "$T/none" ]

# --- many files ---------------------------------------------------------------
mkdir "$T/many" "$T/made"
for i in $(seq "$many"); do
	printf '<device><n>%d</n></device>' "$i" \
	    >"$T/many/SEP$(printf %012X "$i").cnf.xml"
done
status=0
"$trust" sign "$T/many"/*.xml --key $ccm -o "$T/made" >"$T/printed" || status=$?
same "$many files are signed at once" "0 $many files signed" \
    "$status $(cat "$T/printed")"
same "each is there, and nothing else" "$many $many" \
    "$(find "$T/made" -name '*.cnf.xml.sgn' | wc -l) $(find "$T/made" \
    -type f | wc -l)"
same "all for phones to read" 644 "$(stat -c %a "$T/made"/* | sort -u)"
mid=SEP$(printf %012X $((many / 2))).cnf.xml
check "one in the middle is right" $witness "$T/made/$mid.sgn" \
    --cert $ccm --name "$mid.sgn" --content "$T/many/$mid"
one=$("$trust" sign "$T/many"/*.xml --key $ccm -o "$T/made" --jobs 1 \
    --time 5 && cat "$T/made"/* | sha256sum)
four=$("$trust" sign "$T/many"/*.xml --key $ccm -o "$T/made" --jobs 4 \
    --time 5 && cat "$T/made"/* | sha256sum)
same "one thread and four make the same" "$one" "$four"

# Three of them cannot be; the others are made all the same.
: >"$T/many/empty.cnf.xml.sgn"
cp $v/c01_*.tlv "$T/many/list.sgn"
cp "$T/made/$mid.sgn" "$T/many/changed.sgn"
printf x >>"$T/many/changed.sgn"
says "the first that fails gives the status" 2 \
    "changed.sgn: signature invalid" "$trust" unsign "$T/many/empty.cnf.xml.sgn" \
    "$T/many/changed.sgn" "$T/made/$mid.sgn" "$T/many/list.sgn" --cert $ccm \
    -o "$T/plain"
has "each is told with its offset" "list.sgn: malformed: offset 0: header:" \
    "$T/said"
has "and counted" "1 file unsigned, 3 failed" "$T/printed"
check "the good one is there" cmp "$T/plain/$mid" "$T/many/$mid"
"$trust" unsign --json "$T/many/changed.sgn" "$T/made/$mid.sgn" --cert $ccm \
    -o "$T/plain" >"$T/printed"
same "JSON says the same" "1 1 1" "$(python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["status"], d["done"], d["failed"])' <"$T/printed")"

# --- nothing is lost ----------------------------------------------------------
before=$(sha256sum "$T/tftp/$cnf")
says "an input is not replaced" 65 "would replace what is read" "$trust" sign \
    "$T/tftp/$cnf" --key $ccm --out "$T/tftp/$cnf"
says "nor another input" 65 "would replace what is read" "$trust" unsign \
    "$T/made/$mid.sgn" "$T/made/$mid.sgn" --cert $ccm -o "$T/many" \
    "$T/many/$mid"
cp $ccm "$T/ccm.pem"
says "nor the key" 65 "would replace what is read" "$trust" sign \
    "$T/tftp/$cnf" --key "$T/ccm.pem" --out "$T/ccm.pem"
same "the input is as it was" "$before" "$(sha256sum "$T/tftp/$cnf")"
check "so is the key" cmp $ccm "$T/ccm.pem"
says "two results of one name are not both made" 65 "is the result of" \
    "$trust" sign "$T/tftp/$cnf" "$T/phones/$cnf" --key $ccm -o "$T/plain"
says "a directory that is not there" 73 "No such file" "$trust" sign \
    "$T/tftp/$cnf" --key $ccm -o "$T/nowhere"

# Asked to end in the middle: neither results nor what they were to be.
rm -rf "$T/made"
mkdir "$T/made"
"$trust" sign "$T/many"/SEP*.xml --key $ccm -o "$T/made" --jobs 1 \
    >"$T/printed" 2>&1 &
pid=$!
n=0
while [ -z "$(ls "$T/made")" ] && [ $n -lt 2000 ]; do
	n=$((n + 1))
	sleep 0.01
done
kill -TERM $pid 2>/dev/null
wait $pid
status=$?
left=$(find "$T/made" -type f | wc -l)
case "$status $left" in
"143 0" | "0 $many") ok "a signal leaves nothing behind" ;;
*) not_ok "a signal: status $status, $left files" ;;
esac
plan_end
