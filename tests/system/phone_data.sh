#!/usr/bin/env bash
# Phones: added, set, imported by the thousand and removed on any node; run sql
# and the files that phones fetch tell the same; enterprise parameters.
# takes 60 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
sep=SEP001122334455

lab_start 3
pub=$(address test10pub)

phone() { # NODE WORDS…
	local node=$1
	shift
	inside "$node" ucm-node phone "$@"
}
sql() { # NODE STATEMENT: the one value it finds
	cli "$1" "run sql $2" </dev/null | sed -n 3p | tr -d ' '
}
# until COMMAND…: it succeeds within 30 s
until_() {
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}
serves() { # TEXT: the publisher's file of the phone holds it
	curl -fs "http://$pub:6970/$sep.cnf.xml" >"$T/file" && grep -qF -- "$1" "$T/file"
}
lacks_server() {
	serves "<TVS>" && ! grep -qF "<address>127.0.10.3</address>" "$T/file"
}
replicated() {
	[ "$(sql test10sub2 "select count(*) from device")" = 10001 ]
}
gone() {
	! curl -fs "http://$pub:6970/$sep.cnf.xml"
}
says() { # NODE TEXT: its list of phones begins so
	phone "$1" list | grep -qF -- "$2"
}

# --- one phone ----------------------------------------------------------------
check "a phone is added on the publisher" phone test10pub add 00:11:22:33:44:55 \
    --model 7965 --description "Lobby <&> \"1\""
check "the subscribers have it" until_ says test10sub2 \
    "$sep  Cisco 7965      SIP   Default  Lobby <&> \"1\""
check "it is set on a subscriber" phone test10sub set $sep \
    --settings-access restricted --web-access enabled --ssh-access enabled \
    --span-to-pc-port enabled --security encrypted
same "run sql tells the vendor's numbers" "2000" \
    "$(sql test10pub "select settingsaccess || '' || webaccess || sshaccess || spantopcport from device where name = '$sep'")"
same "and names" "Cisco7965" \
    "$(sql test10sub "select m.name from device d, typemodel m where m.enum = d.tkmodel and d.name = '$sep'")"
check "its file says so" until_ serves "<settingsAccess>2</settingsAccess>"
has "web access" "<webAccess>0</webAccess>" "$T/file"
has "device security" "<deviceSecurityMode>3</deviceSecurityMode>" "$T/file"
has "the description is text" "Lobby &lt;&amp;&gt; &quot;1&quot;" "$T/file"
check "it is XML to others, too" python3 -c '
import sys
import xml.etree.ElementTree as tree
device = tree.parse(sys.argv[1]).getroot()
assert device.tag == "device", device.tag
servers = [(m.get("priority"), m.findtext("port"), m.findtext("address"))
           for m in device.findall("TVS/members/member")]
assert servers == [("0", "2445", "127.0.10.1"), ("1", "2445", "127.0.10.2"),
                   ("2", "2445", "127.0.10.3")], servers
' "$T/file"

# --- encrypted to the phone -------------------------------------------------------
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$sep" -days 30 \
    -keyout "$T/phone.key" -out "$T/phone.pem" 2>/dev/null
cat "$T/phone.pem" >>"$T/phone.key"
inside test10pub sh -c 'cat >/root/phone.pem' <"$T/phone.pem"
inside test10pub sed -n '/BEGIN CERT/,/END/p' \
    /var/lib/ucmsh/certs/CallManager.pem >"$T/CallManager.pem"
refuse "encryption needs a certificate" phone test10pub set $sep \
    --encrypted-config enabled
has "which is told" "needs the phone's certificate" "$T/out"
check "the configuration is to be encrypted" phone test10pub set $sep \
    --encrypted-config enabled --certificate /root/phone.pem
encrypted() {
	curl -fs "http://$pub:6970/$sep.cnf.xml.enc.sgn" -o "$T/$sep.cnf.xml.enc.sgn" &&
	    curl -fs "http://$pub:6970/$sep.cnf.xml.sgn" -o "$T/stub"
}
check "there is an encrypted file and a stub" until_ encrypted
check "nobody gets the plain one" gone
has "the stub says so" "<encrConfig>true</encrConfig>" "$T/stub"
hash=$(openssl x509 -in "$T/phone.pem" -outform DER | md5sum | cut -d' ' -f1)
has "and to what" "<certHash>$hash</certHash>" "$T/stub"
check "the phone can read it" "$BUILD_DIR/ucm-trust" decrypt \
    "$T/$sep.cnf.xml.enc.sgn" --phone "$T/phone.key" \
    --cert "$T/CallManager.pem" --out "$T/plain"
has "it is the whole configuration" "<certHash>$hash</certHash>" "$T/plain"
has "of that phone" "<settingsAccess>2</settingsAccess>" "$T/plain"
check "it is plain again" phone test10pub set $sep \
    --encrypted-config disabled --certificate ""
check "for everybody" until_ serves "<encrConfig>false</encrConfig>"

# --- groups and pools -----------------------------------------------------------
same "every node is in the group Default" "Default: test10pub test10sub test10sub2" \
    "$(phone test10pub group list)"
check "a group of its own" phone test10pub group set North test10sub2 test10pub
check "and a pool" phone test10pub pool set Hall North
check "the phone goes there" phone test10pub set $sep --pool Hall
in_order() {
	serves "<name>North</name>" &&
	    [ "$(sed -n '/<TVS>/,/<\/TVS>/s/<\/*address>//gp' "$T/file" | xargs)" = \
		"127.0.10.3 127.0.10.1" ]
}
check "its file names the servers in their order" until_ in_order
refuse "a group that is used stays" phone test10pub group remove North
check "a node whose Cisco CallManager ends" cli test10sub2 \
    utils service deactivate Cisco CallManager
same "is in no group any more" "Default: test10pub test10sub
North: test10pub" "$(phone test10pub group list)"
check "and in no file" until_ lacks_server
check "it comes back at the end" cli test10sub2 \
    utils service activate Cisco CallManager
same "of the group Default" "Default: test10pub test10sub test10sub2
North: test10pub" "$(phone test10pub group list)"

# --- many -------------------------------------------------------------------------
python3 - >"$T/phones.csv" <<'X'
print("name,model,description,pool,settings-access\r")
for i in range(10000):
    print(f'0000{i:08x},Cisco 8841,"Desk, no. {i}",Default,disabled\r')
X
import() { # FILE: seconds that it takes
	python3 - "$1" <<'X'
import subprocess
import sys
import time
start = time.monotonic()
with open(sys.argv[1], "rb") as table:
    subprocess.run(["tools/lab", "exec", "test10pub", "ucm-node", "phone",
                    "import", "-"], stdin=table, check=True)
print(f"seconds: {time.monotonic() - start:.2f}")
X
}
import "$T/phones.csv" >"$T/import" 2>&1
has "10,000 phones are imported" "10000 phones added." "$T/import"
has "it says how far it is" "5000 of 10000 phones so far." "$T/import"
sed -n 's/^seconds:/# 10,000 phones added, seconds:/p' "$T/import"
check "in less than 30 s on a busy machine" sh -c \
    "sed -n 's/^seconds: \([0-9]*\)\..*/\1/p' $T/import | xargs -I{} test {} -lt 30"
import "$T/phones.csv" >"$T/import" 2>&1
has "a second time nothing changes" "10000 phones as before." "$T/import"
sed -n 's/^seconds:/# 10,000 phones as before, seconds:/p' "$T/import"
same "the replicas have them" "10001" \
    "$(until_ replicated; sql test10sub2 "select count(*) from device")"
phone test10pub export >"$T/all.csv"
import "$T/all.csv" >"$T/import" 2>&1
has "what is exported is what there is" "10001 phones as before." "$T/import"
sed '5001s/Cisco 8841/Cisco 9999/' "$T/phones.csv" | sed 's/no\. /number /' \
    >"$T/wrong.csv"
import "$T/wrong.csv" >"$T/import" 2>&1
has "a wrong line is named" 'line 5001: model: "Cisco 9999": no known model' \
    "$T/import"
same "and nothing was changed" "0" "$(sql test10pub \
    "select count(*) from device where description like '%number%'")"

# --- the end of phones --------------------------------------------------------------
check "a phone is removed" phone test10sub remove $sep
check "its file is gone" until_ gone
refuse "it is not listed" phone test10pub list $sep
check "the pool can be removed" phone test10pub pool remove Hall
check "and its group" phone test10pub group remove North
cut -d, -f1 "$T/phones.csv" | tail -n +2 | tr -d '\r' >"$T/names"
check "all are removed at once" xargs -a "$T/names" -n 10000 \
    "$LAB" exec test10pub ucm-node phone remove
same "none is left" "" "$(phone test10pub list)"

# --- enterprise parameters ------------------------------------------------------------
check "a parameter is set on a subscriber" cli test10sub \
    set enterprise parameter TFTP File Signature Algorithm SHA-512
has "which says what must be restarted" "utils service restart Cisco Tftp" "$T/out"
check "the others have it" sh -c "$LAB ssh test10sub2 \
    show enterprise parameter TFTP File Signature Algorithm | grep -q ': SHA-512\$'"
refuse "other values are refused" cli test10pub \
    set enterprise parameter TFTP File Signature Algorithm MD5
check "JSON" sh -c "$LAB ssh test10pub show enterprise parameter Cluster ID json |
    python3 -c 'import json, sys; assert json.load(sys.stdin)[\"parameters\"][0][\"value\"] == \"StandAloneCluster\"'"
plan_end
