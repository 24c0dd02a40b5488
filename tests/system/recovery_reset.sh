#!/usr/bin/env bash
# utils itl reset remotekey with a key that was saved by file get, on the
# cluster it came from and on another one; what is refused; and the passwords
# it depends on.
# takes 130 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
. tests/system/recovery.sh
lab_start 3
sftp_server main 127.0.20.1:22
sftp_server other 127.0.20.2:22 key=ecdsa
sftp_known $pub "127.0.20.1 $SFTP_HOST" '127.0.20.2 other.cisco.com'
there=$(far main /home/joemar2)
saved=/home/joemar2/ITLRecovery.p12

remote() { # PATH [SFTP-PASSWORD [CCM-PASSWORD [HOST]]]
	printf '%s\n' "${2:-$SFTP_PASSWORD}" "${3:-$LAB_CCM_PASSWORD}" |
	    cli $pub utils itl reset remotekey "${4:-$SFTP_HOST}" joemar2 "$1"
}
state() { # what no failure may change, on all nodes
	local node
	for node in $LAB_NODES; do
		inside "$node" sh -c "cd $home && sha256sum certs/*.pem certs/security_password tftp/ITLFile.tlv; sha256sum certs/*.p12 2>/dev/null; ls certs tftp | grep -v known"
	done
	cli $pub run sql "select pkid, serialnumber, subjectname from certificate order by pkid" </dev/null
}
good() { # NAME COMMAND…: must exit with 0
	local name=$1
	shift
	if "$@" >"$T/out" 2>&1; then
		ok "$name"
	else
		sed 's/^/# /' "$T/out"
		not_ok "$name"
	fi
}
agrees() { # NAME SIGNER: every node verifies and has the one checksum
	local node
	for node in $LAB_NODES; do
		cli "$node" show itl </dev/null >"$T/show.$node" 2>&1
		has "$1: the list of $node verifies" \
		    "The ITL file was verified successfully." "$T/show.$node"
		same "$1: $node names its signer" \
		    "CN=$2;OU=tac;O=cisco;L=rtp;ST=nc;C=US" "$(signer "$node")"
	done
	same "$1: one checksum" 1 "$(for node in $LAB_NODES; do
		checksum "$node"
	done | sort -u | grep -c .)"
}
key=ITLRECOVERY_test10pub.joemar2.lab

# --- the saved key -----------------------------------------------------------
good "the key is saved" save $SFTP_HOST
{
	printf '%s\n' prompt \
	    "send utils itl reset remotekey $SFTP_HOST joemar2 $saved" \
	    'wait Enter Sftp password :' "send $SFTP_PASSWORD" \
	    'wait Enter CCM Administrator password :' secret prompt 'send exit' end
} >"$T/steps"
# The dialogue of the reference, with a third node before its last line.
sed -e "s/'test10sub'\]/'test10sub', 'test10sub2']/" \
    -e '$d' tests/data/sessions/reset_remotekey.txt >"$T/want"
printf '%s\n' 'Successfully transferred reset ITL to node test10sub2' '' \
    'Restarting Cisco Tftp service on host test10sub2' \
    'Cisco Tftp service restarted on host test10sub2' '' >>"$T/want"
before=$(p12_sum)
session $pub "$T/steps" >"$T/session" 2>&1
sed -n '/^admin:utils/,/^admin:exit/p' "$T/session" | sed '$d' >"$T/got"
check "the dialogue is that of the reference" diff "$T/want" "$T/got"
agrees "with the key of its own" $key
same "the p12 is the one that came, or opens like it" 0 "$(
	tests/system/p12_matches.sh $pub "$LAB_SECURITY_PASSWORD" >/dev/null 2>&1
	echo $?)"
same "the key counts as saved" off "$(alarm)"
cli $pub utils service restart Cisco Tftp </dev/null >"$T/out" 2>&1
same "a restart of Cisco Tftp brings CallManager back" \
    "CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US" "$(signer $pub)"

# --- files that are no such key ----------------------------------------------
secret=pass:$LAB_SECURITY_PASSWORD
openssl pkcs12 -in "$there/ITLRecovery.p12" -passin "$secret" -nodes \
    -out "$T/key.pem" 2>/dev/null
inside $pub cat $home/certs/CallManager.pem >"$T/CallManager.pem"
make() { # FILE PEM PASSWORD OPTION…
	local file=$1 pem=$2 password=$3
	shift 3
	openssl pkcs12 -export -in "$pem" -name ITLRecovery \
	    -passout "pass:$password" -out "$there/$file" "$@"
	chmod 644 "$there/$file"
}
subject=/C=US/ST=nc/L=rtp/O=cisco/OU=tac/CN=$key
openssl req -x509 -newkey rsa:1024 -nodes -subj "$subject" -days 1800 \
    -keyout "$T/short.key" -out "$T/short.crt" 2>/dev/null
cat "$T/short.key" "$T/short.crt" >"$T/short.pem"
openssl req -x509 -newkey rsa:2048 -nodes -subj "$subject" -days 1800 \
    -keyout "$T/twin.key" -out "$T/twin.crt" 2>/dev/null
openssl x509 -in "$T/key.pem" -out "$T/key.crt"
make callmanager.p12 "$T/CallManager.pem" "$LAB_SECURITY_PASSWORD"
make short.p12 "$T/short.pem" "$LAB_SECURITY_PASSWORD"
make other.p12 "$T/key.pem" Other-Password-77
make 3des.p12 "$T/key.pem" "$LAB_SECURITY_PASSWORD" -legacy \
    -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg SHA1
make rc2.p12 "$T/key.pem" "$LAB_SECURITY_PASSWORD" -legacy \
    -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -macalg SHA1
openssl pkcs12 -export -nocerts -inkey "$T/twin.key" -name ITLRecovery \
    -passout "$secret" -out "$there/nocert.p12"
openssl pkcs12 -export -nokeys -in "$T/key.crt" -passout "$secret" \
    -out "$there/nokey.p12"
chmod 644 "$there/nocert.p12" "$there/nokey.p12"
python3 - "$there" <<'X'
import sys
there = sys.argv[1] + "/"
whole = open(there + "ITLRecovery.p12", "rb").read()
half = len(whole) // 2
open(there + "damaged.p12", "wb").write(
    whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1:])
open(there + "cut.p12", "wb").write(whole[:half])
open(there + "empty.p12", "wb").close()
open(there + "text.p12", "w").write("This is no key.\n")
open(there + "huge.p12", "wb").truncate(1 << 30)
X
mkdir "$there/directory.p12"
STATE=$(state)
fails "a path that there is not" "nosuch.p12" 20 remote /home/joemar2/nosuch.p12
fails "a directory" "directory.p12" 20 remote /home/joemar2/directory.p12
fails "a wrong SFTP password" "password|authent|log" 20 remote $saved wrong
fails "a wrong CCM password" "CCM Administrator password" 20 \
    remote $saved "" wrong
fails "a server that there is not" "nowhere" 40 \
    remote $saved "" "" nowhere.cisco.com
fails "a port where nobody listens" "connect|refused" 20 \
    remote $saved "" "" '[127.0.20.1]:7'
fails "text" "PKCS ?#?12|p12|recovery key" 20 remote /home/joemar2/text.p12
fails "nothing" "empty|PKCS ?#?12|p12|recovery key" 20 \
    remote /home/joemar2/empty.p12
fails "half a file" "PKCS ?#?12|p12|recovery key" 20 remote /home/joemar2/cut.p12
fails "a damaged file" "damaged|password|p12" 20 remote /home/joemar2/damaged.p12
fails "a file of a GiB" "large|big|more than|long" 20 \
    remote /home/joemar2/huge.p12
fails "the key of another cluster's password" "security password" 20 \
    remote /home/joemar2/other.p12
fails "the key of CallManager" "ITLRecovery|recovery" 20 \
    remote /home/joemar2/callmanager.p12
fails "a key of 1024 bits" "1024|bits" 20 remote /home/joemar2/short.p12
fails "a key without certificate" "certificate" 20 remote /home/joemar2/nocert.p12
fails "a certificate without key" "key" 20 remote /home/joemar2/nokey.p12
cli $sub utils itl reset remotekey $SFTP_HOST joemar2 $saved \
    </dev/null >"$T/out" 2>&1
has "a subscriber is no publisher" "This is not a Publisher Node." "$T/out"
lacks "and asks for nothing" "password" "$T/out"
cli $pub utils itl reset remotekey $SFTP_HOST joemar2 </dev/null >"$T/out" 2>&1
has "a missing path is an error" "Executed command unsuccessfully" "$T/out"
same "nothing of all this changed the file" "$before" "$(p12_sum)"

# --- old encodings, and a server that is not known yet -----------------------
for kind in 3des rc2; do
	good "a p12 of $kind is taken" remote /home/joemar2/$kind.p12
	check "and kept in a good encoding" tests/system/p12_matches.sh $pub \
	    "$LAB_SECURITY_PASSWORD"
done
agrees "after them" $key
cp "$there/ITLRecovery.p12" "$(far other /home/joemar2/)"
chmod 644 "$(far other $saved)"
sed -e "s/$SFTP_HOST/other.cisco.com/" \
    -e "/^wait Enter CCM/i wait Are you sure you want to continue connecting (yes/no)? \\
send yes" "$T/steps" >"$T/steps.other"
check "an unknown server is asked about, then taken" \
    session $pub "$T/steps.other"
has "with the fingerprint of its key" "$(sftp_key other | tail -n 1)" "$T/out"
has "to the end" "test10sub2 serves the reset ITL file already" "$T/out"

# --- set password user security ----------------------------------------------
security() { # OLD NEW CONFIRM [ANSWER]
	printf '%s\n' "$1" "$2" "$3" "${4:-y}" | cli $pub set password user security
}
old=$LAB_SECURITY_PASSWORD new=New-Security-Word-42
STATE=$(state)
fails "a wrong old password" "password" 20 security wrong-one $new $new
fails "two new ones" "differ" 20 security "$old" $new $new.
fails "a weak one" "password|characters" 20 security "$old" short short
security "$old" $new $new n >"$T/out" 2>&1
same "n changes nothing" "$STATE" "$(state)"
inside $sub2 ucm-node stop >"$T/out" 2>&1
before=$(inside $pub sha256sum $p12 $home/certs/security_password)
security "$old" $new $new >"$T/out" 2>&1
same "with a node down it is refused" 1 "$?"
has "which is named" "test10sub2" "$T/out"
same "and nothing is changed" "$before" \
    "$(inside $pub sha256sum $p12 $home/certs/security_password)"
inside $sub2 ucm-node start --timeout 60 >"$T/out" 2>&1
same "the node comes back" 0 "$?"
agent_up $sub2
cat >"$T/steps.security" <<X
prompt
send set password user security
wait Please enter the old password: 
send $old
wait Please enter the new password: 
send $new
wait Reenter new password to confirm: 
send $new
wait Continue (y/n)?
send y
prompt
send exit
end
X
check "it is changed" session $pub "$T/steps.security"
tr -d '\r' <"$T/out" | sed -n '/^admin:set/,/^admin:exit/p' | grep -v '^$' |
    sed '/^Please wait/q' >"$T/got"
# The reference's own text; blank lines apart.
cat >"$T/want" <<X
admin:set password user security
Please enter the old password: $(tr -c '\n' '*' <<<"$old")
Please enter the new password: $(tr -c '\n' '*' <<<$new)
Reenter new password to confirm: $(tr -c '\n' '*' <<<$new)
WARNING:
Please make sure that the security password on the publisher is changed first.
The security password needs to be the same on all cluster nodes,
including the application server, therefore the security password on all nodes
need to be changed.
After changing the security password on a cluster node, please restart that node.
Continue (y/n)?y
Please wait...
X
check "in the words of the reference" diff "$T/want" "$T/got"
lacks "without the trailer" "unsuccessfully" "$T/out"
check "the p12 opens with the new password" tests/system/p12_matches.sh $pub $new
refuse "and not with the old one" tests/system/p12_matches.sh $pub "$old"
same "every node has it" 1 "$(for node in $LAB_NODES; do
	inside "$node" cat $home/certs/security_password
	echo
done | sort -u | grep -c .)"
STATE=$(state)
fails "the file that was saved before no longer does" "security password" 20 \
    remote $saved
fails "nor does the old password" "password" 20 security "$old" "$old" "$old"
good "the file is saved again" save $SFTP_HOST
good "and resets" remote $saved
STATE=

# --- set password user admin -------------------------------------------------
admin_new=Root-Word-4711
login() { # PASSWORD
	tests/system/ssh_as "$(address $pub)" "$LAB_SSH_PORT" "$LAB_ADMIN_USER" \
	    "$1" show myself
}
change() { # OLD NEW CONFIRM
	printf '%s\n' "$1" "$2" "$3" | cli $pub set password user admin
}
fails "admin: a wrong old password" "password" 20 \
    change wrong-one $admin_new $admin_new
fails "admin: two new ones" "differ" 20 \
    change "$LAB_ADMIN_PASSWORD" $admin_new $admin_new.
fails "admin: a weak one" "password|characters" 20 \
    change "$LAB_ADMIN_PASSWORD" abc abc
check "the old password still logs in" login "$LAB_ADMIN_PASSWORD"
cat >"$T/steps.admin" <<X
prompt
send set password user admin
wait Please enter the old password: 
send $LAB_ADMIN_PASSWORD
wait    Please enter the new password: 
send $admin_new
wait Reenter new password to confirm: 
send $admin_new
prompt
send exit
end
X
check "admin: it is changed" session $pub "$T/steps.admin"
tr -d '\r' <"$T/out" | sed -n '/^Please wait/,/^admin:exit/p' >"$T/got"
printf '%s\n' 'Please wait...' '' '' 'Password updated successfully.' \
    admin:exit >"$T/want"
check "in the words of the reference" diff "$T/want" "$T/got"
check "the new password logs in" login $admin_new
refuse "and the old one no more" login "$LAB_ADMIN_PASSWORD"

# --- another cluster with the same security password -------------------------
$LAB down >"$T/down" 2>&1
same "the cluster is destroyed" 0 "$?"
LAB_UP=
echo "security = $new" >"$T/passwords"
LAB_NODE=other LAB_PASSWORDS=$T/passwords lab_start 2 new
pub=otherpub sub=othersub
sftp_known $pub "127.0.20.1 $SFTP_HOST"
same "its own recovery key is not saved" on "$(alarm)"
printf '%s\n' "$SFTP_PASSWORD" yes "$LAB_CCM_PASSWORD" |
    cli $pub utils itl reset remotekey $SFTP_HOST joemar2 $saved >"$T/out" 2>&1
same "it takes the saved key" 0 "$?"
agrees "on the other cluster" $key
check "the p12 is there" tests/system/p12_matches.sh $pub $new
same "and the alarm is clear" off "$(alarm)"
good "a local reset signs with that key from then on" \
    cli $pub utils itl reset localkey <<<"$LAB_CCM_PASSWORD"
agrees "after it" $key
security $new Another-Word-4242 Another-Word-4242 >"$T/out" 2>&1
same "its security password is made another" 0 "$?"
STATE=$(state)
fails "then it refuses the saved key" "security password" 20 remote $saved
plan_end
