#!/usr/bin/env bash
# ucm-trust as a program: the verdicts on the vectors, its output held against
# a parser that shares nothing with it, and that parser against damaged files.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
trust=$BUILD_DIR/ucm-trust
v=tests/data/vectors
witness="python3 tests/system/parse_itl.py"

# status WANTED NAME COMMAND…: it exits with WANTED and is not killed.
status() {
	local want=$1 name=$2 got
	shift 2
	"$@" >"$T/said" 2>&1 </dev/null
	got=$?
	same "$name" "$want" "$got"
}

# --- verdicts ----------------------------------------------------------------
for name in c01_seed_shape_5302 c02_seed_shape_reset_5322 \
    c14_ctl_nonsecure_blank_33 p01_itl_basic_2048_sha1; do
	status 0 "$name is valid" "$trust" verify $v/$name.tlv
done
status 1 "m01 has a wrong signature" "$trust" verify $v/m01_*.tlv
status 2 "x13 is malformed" "$trust" verify $v/x13_*.tlv
has "its error names offset and rule" "offset 428: record 1: RECORDLENGTH" \
    "$T/said"
for file in "$v"/s01_*.sgn "$v"/e01_*.sgn; do
	name=$(basename "$file" | cut -c1-3)
	status 3 "$name proves nothing by itself" "$trust" verify "$file"
	status 0 "$name is valid under its certificate" "$trust" verify "$file" \
	    --cert $v/pem/callmanager.pem
	status 1 "$name is not valid under another" "$trust" verify "$file" \
	    --cert $v/pem/capf.pem
done
: >"$T/empty"
status 2 "an empty file is malformed" "$trust" verify "$T/empty"
status 66 "a missing file is no verdict" "$trust" verify "$T/none"
status 64 "a wrong call is no verdict" "$trust" verify
status 64 "no command is a wrong call" "$trust"
status 64 "an unknown command is a wrong call" "$trust" explode
status 0 "--help" "$trust" --help
has "--help names every command" "ucm-trust resign FILE" "$T/said"
status 0 "--version" "$trust" --version

# --- show, by the witness ----------------------------------------------------
for name in c01_seed_shape_5302 c02_seed_shape_reset_5322 \
    c14_ctl_nonsecure_blank_33; do
	"$trust" show $v/$name.tlv >"$T/shown"
	check "every number, name and hash shown of $name is right" \
	    $witness $v/$name.tlv --compare "$T/shown"
	sed 's/1115$/1116/; s/\t33$/\t34/' "$T/shown" >"$T/wrong"
	refuse "the witness sees a wrong number in what is shown of $name" \
	    $witness $v/$name.tlv --compare "$T/wrong"
done
refuse "the witness sees a wrong signature" $witness $v/m01_*.tlv
refuse "the witness sees a wrong length" $witness $v/x13_*.tlv
refuse "the witness sees another signer" $witness $v/c01_*.tlv \
    --signer ITLRECOVERY
check "JSON is JSON" sh -c \
    "$trust show --json $v/c02_*.tlv | python3 -m json.tool"

# --- build and resign, by openssl -------------------------------------------
pem=$v/pem
check "a list is built" "$trust" build --key $pem/sast2048.pem \
    --out "$T/ITLFile.tlv" --digest sha512 --sast $pem/sast2048.pem \
    --tftp $pem/sast2048.pem --capf $pem/capf.pem --tvs $pem/tvs1.pem \
    --sast $pem/seed_itlrecovery_pub.pem
"$trust" show "$T/ITLFile.tlv" >"$T/shown"
check "and right by openssl alone" $witness "$T/ITLFile.tlv" \
    --compare "$T/shown" --signer SAST2048 --cert $pem/capf.pem \
    --cert $pem/tvs1.pem
check "it is signed again" "$trust" resign "$T/ITLFile.tlv" \
    --key $pem/seed_itlrecovery_pub.pem --out "$T/reset.tlv"
"$trust" show "$T/reset.tlv" >"$T/shown"
check "and still right" $witness "$T/reset.tlv" --compare "$T/shown" \
    --signer ITLRECOVERY --cert $pem/capf.pem --cert $pem/tvs1.pem
openssl req -x509 -newkey rsa:3072 -nodes -keyout "$T/odd.pem" \
    -out "$T/odd.crt" -subj /CN=odd -days 2 2>/dev/null
status 65 "a key of 3072 bits cannot sign" "$trust" build \
    --key "$T/odd.pem" --out "$T/odd.tlv" --sast "$T/odd.crt"
has "and the error says which sizes can" "512, 1024, 2048 or 4096" "$T/said"
check "and nothing was written" [ ! -e "$T/odd.tlv" ]
status 73 "a result that cannot be written" "$trust" resign $v/c01_*.tlv \
    --key $pem/seed_itlrecovery_pub.pem --out "$T/none/x"

# --- every truncation ---------------------------------------------------------
bad=0
for n in $(seq 0 47 5301); do
	head -c "$n" $v/c01_*.tlv >"$T/cut"
	"$trust" verify "$T/cut" >/dev/null 2>&1
	case $? in
	1 | 2 | 3) ;;
	*) bad=$((bad + 1)) ;;
	esac
done
same "no truncated list is valid, none crashes" 0 "$bad"
plan_end
