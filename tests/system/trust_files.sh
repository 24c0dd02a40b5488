#!/usr/bin/env bash
# ucm-trust against files of every shape, legal and damaged, that an
# independent writer makes on the spot; then its manners on a command line.
# STRIDE=1 makes the sweeps over whole files complete.
# takes 35 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
trust=$BUILD_DIR/ucm-trust
v=tests/data/vectors
c01=$v/c01_seed_shape_5302.tlv
pem=$v/pem

case $BUILD_DIR in
*asan*) stride=${STRIDE:-61} ;;
*) stride=${STRIDE:-7} ;;
esac

# --- files ---
mkdir "$T/files"
python3 tests/system/trustlist_cases.py "$trust" "$T/files" \
    --stride "$stride" >"$T/cases" 2>"$T/trace"
status=$?
while IFS= read -r line; do
	case $line in
	"ok - "*) ok "${line#ok - }" ;;
	"not ok - "*) not_ok "${line#not ok - }" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$T/cases"
sed 's/^/# /' "$T/trace"
same "all cases were tried" 0 "$status"

# --- manners ---
# says NAME STATUS TEXT COMMAND…: it exits with STATUS; TEXT is on its
# standard error, in one line, or in its first when the usage follows.
says() {
	local name=$1 want=$2 text=$3 got
	shift 3
	"$@" >"$T/printed" 2>"$T/said" </dev/null
	got=$?
	if [ "$got" -eq "$want" ] && [ ! -s "$T/printed" ] &&
	    sed '/^usage: /,$d' "$T/said" | grep -qF -- "$text" &&
	    { [ "$want" -eq 64 ] || [ "$(wc -l <"$T/said")" -eq 1 ]; }; then
		ok "$name"
	else
		echo "# status $got, wanted $want: $*"
		sed 's/^/# /' "$T/printed" "$T/said"
		not_ok "$name"
	fi
}

says "a missing file" 66 "$T/none: No such file" "$trust" verify "$T/none"
says "a missing file to show" 66 "$T/none: No such file" \
    "$trust" show "$T/none"
says "a missing directory" 66 "No such file" "$trust" show "$T/none/x"
says "a directory" 66 "$T: not a regular file" "$trust" verify "$T"
says "a device" 66 "not a regular file" "$trust" show /dev/zero
mkfifo "$T/fifo"
says "a FIFO" 66 "not a regular file" timeout 5 "$trust" verify "$T/fifo"
says "no name at all" 66 "No such file" "$trust" verify ""
cp $c01 "$T/unreadable"
chmod 0 "$T/unreadable"
chmod 711 "$T"
if [ "$(id -u)" -eq 0 ]; then
	cp "$trust" "$T/ucm-trust"
	says "a file that may not be read" 66 "Permission denied" \
	    setpriv --reuid 65534 --regid 65534 --clear-groups \
	    "$T/ucm-trust" verify "$T/unreadable"
else
	says "a file that may not be read" 66 "Permission denied" \
	    "$trust" verify "$T/unreadable"
fi
says "an escape sequence in a name" 66 'a\x1b[31mb: No such file' \
    "$trust" verify "$(printf 'a\033[31mb')"
says "a certificate that is none" 66 "$c01: no certificate" \
    "$trust" verify $c01 --cert $c01
says "a certificate that is missing" 66 "$T/none: No such file" \
    "$trust" verify $c01 --cert "$T/none"

same "no command" 64 "$("$trust" 2>"$T/said"; echo $?)"
has "it tells the usage" "usage: ucm-trust COMMAND" "$T/said"
says "an unknown command" 64 "unknown command" "$trust" frobnicate
for command in show verify build resign; do
	says "$command without arguments" 64 "ucm-trust: $command: " \
	    "$trust" "$command"
	says "$command with an unknown option" 64 "--frobnicate" \
	    "$trust" "$command" $c01 --frobnicate
	check "$command --help" "$trust" "$command" --help
	has "it tells the usage" "usage: ucm-trust $command" "$T/out"
done
says "show of two files" 64 "name one file" "$trust" show $c01 $c01
says "an option without its value" 64 "--cert" "$trust" verify $c01 --cert
says "a time that is none" 64 "--time: wrong value: yesterday" \
    "$trust" resign $c01 --time yesterday
says "a digest that is none" 64 "--digest: wrong value: md5" \
    "$trust" build --digest md5
says "an address that is none" 64 "--address: wrong value: 1.2.3" \
    "$trust" build --address 1.2.3
check "--help" "$trust" --help
check "--version" "$trust" --version
has "it names program and version" "ucm-trust 10.0(1)" "$T/out"
check "options may stand in front of the file" "$trust" verify --json $c01
check "a file may begin with dashes" sh -c \
    "cp $c01 '$T/--json' && cd '$T' && '$PWD/$trust' verify -- --json"

# --- output that cannot be written ---
full() {
	"$@" >/dev/full
}
closed() {
	"$@" >&-
}
for how in full closed; do
	for call in "show $c01" "show --json $c01" "verify $c01" \
	    "verify --json $c01" "--help" "--version"; do
		# shellcheck disable=SC2086
		says "$call to a $how output" 73 "standard output" \
		    "$how" "$trust" $call
	done
done
# shellcheck disable=SC2016
check "show to a pipe that closes is not a crash" sh -c \
    'trap "" PIPE; { "$1" show "$2"; echo $? >"$3"; } 2>&1 | :
     grep -qx -e 0 -e 73 "$3"' - "$trust" $c01 "$T/status"

# --- results ---
resign() {
	"$trust" resign $c01 --key $pem/seed_itlrecovery_pub.pem --out "$1"
}
says "a result in a missing directory" 73 "No such file" \
    resign "$T/none/x"
says "a result on a directory" 73 "$T: not a regular file" resign "$T"
mknod "$T/null" c 1 3 2>/dev/null || mkfifo "$T/null"
says "a result on a device" 73 "$T/null: not a regular file" \
    resign "$T/null"
check "the device is still there" [ ! -f "$T/null" ]
mkdir "$T/out.d"
echo old >"$T/out.d/list"
exec 9<"$T/out.d/list"
check "a file that exists is replaced" resign "$T/out.d/list"
same "whoever had it open keeps the old one" old "$(cat <&9)"
exec 9<&-
same "nothing else is left beside it" list "$(ls "$T/out.d")"
same "anybody may read it" 644 "$(stat -c %a "$T/out.d/list")"
check "and it is valid" "$trust" verify "$T/out.d/list"
cp $c01 "$T/out.d/list"
check "a list may be signed into its own file" "$trust" resign \
    "$T/out.d/list" --key $pem/seed_itlrecovery_pub.pem \
    --out "$T/out.d/list" --time "$("$trust" show --json $v/c02_*.tlv |
    sed -n 's/.*"timestamp": \([0-9]*\).*/\1/p')"
check "it is the other writer's, byte for byte" \
    cmp "$T/out.d/list" $v/c02_seed_shape_reset_5322.tlv
rm "$T/out.d/list"
says "a damaged list is not signed" 1 "signature invalid" "$trust" resign \
    $v/m01_*.tlv --key $pem/sast2048.pem --out "$T/out.d/list"
says "a malformed list is not signed" 2 "malformed: offset 428" "$trust" \
    resign $v/x13_*.tlv --key $pem/sast2048.pem --out "$T/out.d/list"
says "a key that no token has does not sign" 65 "issuer and serial" \
    "$trust" resign $c01 --key $pem/sast2048.pem --out "$T/out.d/list"
openssl rsa -in $pem/sast2048.pem -aes128 -passout pass:x \
    -out "$T/locked.pem" 2>/dev/null
says "a locked key is refused without a question" 66 \
    "locked.pem: no private key" "$trust" build --key "$T/locked.pem" \
    --sast $pem/sast2048.pem --out "$T/out.d/list"
same "nothing was written by any of them" "" "$(ls "$T/out.d")"

# --- built lists, judged by openssl alone ---
openssl ecparam -name secp384r1 -genkey -noout -out "$T/ec.key" 2>/dev/null
openssl req -x509 -new -key "$T/ec.key" -subj /CN=ec -days 9 \
    -out "$T/ec.pem" 2>/dev/null
for digest in sha1 sha256 sha512; do
	check "a list is built with $digest" "$trust" build --ctl \
	    --key $pem/seed_callmanager_pub.pem --digest $digest \
	    --out "$T/built" --host test10pub --address 127.0.10.1 \
	    --sast $pem/seed_callmanager_pub.pem --address 127.0.10.1 \
	    --ccm+tftp $pem/seed_callmanager_pub.pem --hash --tvs \
	    $pem/tvs1.pem --full --tftp "$T/ec.pem" --blank app-server
	"$trust" show --json "$T/built" >"$T/json"
	check "openssl finds its signature right" python3 - "$T" $digest \
	    $pem/seed_callmanager_pub.pem <<-'END'
		import json, subprocess, sys
		where, digest, pem = sys.argv[1:]
		data = open(where + "/built", "rb").read()
		shown = json.load(open(where + "/json"))
		signature = bytes.fromhex(shown["signature"])
		at = data.index(b"\x0c\x00\x80" + signature)
		open(where + "/sig", "wb").write(signature)
		key = subprocess.run(["openssl", "x509", "-in", pem, "-noout",
		    "-pubkey"], check=True, stdout=subprocess.PIPE).stdout
		open(where + "/pub", "wb").write(key)
		subprocess.run(["openssl", "dgst", "-" + digest, "-verify",
		    where + "/pub", "-signature", where + "/sig"],
		    input=data[:at] + data[at + 3 + 128:], check=True)
		roles = [r["function"] for r in shown["records"]]
		assert shown["kind"] == "CTL" and shown["verified"], shown
		assert roles == ["System Administrator Security Token",
		    "CCM+TFTP", "TVS", "TFTP", "APP-SERVER"], roles
		assert shown["records"][3]["public_key_length"] == 97, shown
		assert [r.get("ip_address") for r in shown["records"]] == [
		    "127.0.10.1"] * 2 + [None] * 3, shown
	END
done
plan_end
