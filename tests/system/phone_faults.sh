#!/usr/bin/env bash
# What phones and networks do wrong, to Cisco Tftp and to Cisco Trust
# Verification Service: nothing crashes, no file is served torn, and no good
# phone waits longer than it can.
# takes 75 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 1
pub=test10pub
home=/var/lib/ucmsh
at=$(address $pub)
faults() {
	python3 tests/system/phone_faults.py "$@"
}

# Phones while services are killed: enough for some seconds.
case $BUILD_DIR in
*asan*) many=8000 ;;
*) many=30000 ;;
esac

# A ring list of so many bytes that says which one it is
ring_list() { # WORD BYTES FILE
	yes "$1" | head -c "$2" >"$3"
}
mkdir "$T/one" "$T/two"
ring_list one 3000 "$T/one/Ringlist.xml"
ring_list two 4100 "$T/two/Ringlist.xml"
publish() { # FILE NAME: it replaces what was there in one step
	inside $pub sh -c "cat >$home/tftp/.new && chown ucm:ucm $home/tftp/.new &&
	    chmod 644 $home/tftp/.new && mv $home/tftp/.new $home/tftp/$2" <"$1"
}
publish "$T/one/Ringlist.xml" Ringlist.xml

# The number of a service's process, as it is outside of the node
process() { # PROGRAM
	pgrep --ns $$ --nslist net -x "$1" || echo none
}
phones() { # OPTIONS…: load what every phone loads
	"$BUILD_DIR/bench-tftp" -r "$T/one" "$@" "$at" 69 '!CTLSEP@.tlv' \
	    Ringlist.xml >"$T/phones" 2>&1
}
served() { # N: all of them, and quickly enough for a phone
	faults expect "$T/phones" "served=$1" lost=0 wrong=0 'worst_ms<30000'
}
good_phone() {
	phones && served 1
}
askers() { # OPTIONS…: ask whether the certificate of tomcat is to be trusted
	"$BUILD_DIR/bench-tvs" "$@" "$T/tomcat.pem" "$at" 2445 \
	    >"$T/askers" 2>&1
}
answered() { # N
	faults expect "$T/askers" "served=$1" lost=0 wrong=0 failed=0 \
	    'worst_ms<30000'
}
good_asker() {
	askers && answered 1
}
by_http() {
	python3 -c 'import sys, urllib.request as u
sys.stdout.buffer.write(u.urlopen(sys.argv[1], timeout=20).read())' \
	    "http://$at:6970/Ringlist.xml" >"$T/by_http" &&
	    cmp "$T/by_http" "$T/one/Ringlist.xml"
}
# Descriptors that a process of user ucm may have; only a process of the same
# user may say so.
limit() { # PROGRAM N
	inside $pub setpriv --reuid=ucm --regid=ucm --clear-groups \
	    sh -c "prlimit --pid \$(pgrep -x $1) --nofile=$2:"
}

# --- TFTP: bad phones ----------------------------------------------------------
check "a phone is served" good_phone
check "and finds its ITL" tftp_get $pub ITLFile.tlv "$T/itl"
check "which is good" "$BUILD_DIR/ucm-trust" verify "$T/itl"
tftpd=$(process ucm-tftpd)
check "1,500 transfers at once, and a good phone among them" \
    faults hold "$at" 69 1500 Ringlist.xml \
    "$BUILD_DIR/bench-tftp" -r "$T/one" "$at" 69 Ringlist.xml
phones -n 3000 -k 3000
check "3,000 phones in the same moment" served 3000
check "300 requests by HTTP go no further, and a good phone among them" \
    faults http-half "$at" 6970 300 \
    "$BUILD_DIR/bench-tftp" -r "$T/one" "$at" 69 Ringlist.xml
check "nor does that stop one by HTTP" by_http
check "datagrams that are no TFTP" faults garbage "$at" 69
check "are survived" good_phone

# --- TFTP: lost and late datagrams -----------------------------------------------
python3 tests/system/phone_faults.py proxy 6900 "$at" 69 5 &
proxy=$!
tap_at_end end_of_proxy
end_of_proxy() {
	kill "$proxy" 2>/dev/null
}
far_phones() { # OPTIONS…
	"$BUILD_DIR/bench-tftp" -r "$T/one" -n 100 -k 100 "$@" 127.0.0.1 6900 \
	    Ringlist.xml >"$T/phones" 2>&1
}
far_phones
check "5 % of the datagrams lost, 5 % late: all are served" served 100
check "though not at once" faults expect "$T/phones" 'retransmits>0'
far_phones -b 300 -a
check "the same with blocks of 300 bytes and the size asked for" served 100
far_phones -w 4
check "and with windows" served 100

# --- TFTP: no descriptors ----------------------------------------------------------
check "Cisco Tftp has few descriptors" limit ucm-tftpd 90
phones -n 600 -k 600
check "everyone is served in the end" served 600
check "300 requests by HTTP go no further, and a good phone among them" \
    faults http-half "$at" 6970 300 \
    "$BUILD_DIR/bench-tftp" -r "$T/one" "$at" 69 Ringlist.xml
check "it has many again" limit ucm-tftpd 4096
check "and afterwards at once" good_phone
same "one process has served all of them" "$tftpd" "$(process ucm-tftpd)"

# --- phones of the database ----------------------------------------------------------
known_phones() { # N: load what is made for them alone
	"$BUILD_DIR/bench-tftp" -r "$T/known" -n "$1" -k "$1" "$at" 69 \
	    SEP@.cnf.xml.sgn >"$T/phones" 2>&1
}
known_again() {
	known_phones 300
	served 300
}
mkdir "$T/known"
{
	echo name,model
	printf 'SEP%012X,8861\n' $(seq $((0x1122000000)) $((0x1122000000 + 299)))
} | inside $pub sh -c 'cat >/run/phones.csv'
check "300 phones are known" inside $pub ucm-node phone import /run/phones.csv
check "and have their files" until_true \
    faults copy "$at" "$T/known" 300 SEP@.cnf.xml.sgn
known_phones 300
check "the same by TFTP" served 300

# --- TVS -------------------------------------------------------------------------
check "Cisco CallManager is activated" cli $pub utils service activate \
    Cisco CallManager
inside $pub openssl x509 -in $home/certs/tomcat.pem >"$T/tomcat.pem"
check "TVS answers" until_true good_asker
tvsd=$(process ucm-tvsd)
check "unknown elements, and what is no request" \
    faults tvs-garbage "$at" 2445 "$T/tomcat.pem"
check "are survived" good_asker
check "300 handshakes go no further, and a good phone among them" \
    faults tvs-half "$at" 2445 300 \
    "$BUILD_DIR/bench-tvs" "$T/tomcat.pem" "$at" 2445
check "phones that vanish" faults tvs-vanish "$at" 2445 120
check "are survived, too" good_asker
askers -n 20 -i 1000
check "1,000 silent connections, and 20 phones one by one" answered 20
askers -n 300 -k 300
check "300 phones in the same moment" answered 300
askers -n 100 -k 20 -v 1.2 -s
check "100 phones come with a session" answered 100
check "which is resumed" faults expect "$T/askers" resumed=100
check "it has few descriptors" limit ucm-tvsd 80
askers -n 200 -k 200 -i 200
check "most of them silent: everyone is answered" answered 200
check "it has many again" limit ucm-tvsd 4096
check "and afterwards at once" good_asker
same "one process has answered all of them" "$tvsd" "$(process ucm-tvsd)"

# --- the database goes and comes back ----------------------------------------------
inside $pub sv -w 20 down $home/service/postgresql >/dev/null
phones -n 200 -k 50
check "without the database phones are served" served 200
known_phones 300
check "also those that the database knows" served 300
askers -n 50 -k 10
check "and answered" answered 50
check "Cisco Tftp is started again without it" \
    inside $pub sv -w 20 restart $home/service/tftp
check "and serves" until_true good_phone
check "an ITL that is good" tftp_get $pub ITLFile.tlv "$T/itl"
check "as it was" "$BUILD_DIR/ucm-trust" verify "$T/itl"
inside $pub sv -w 20 up $home/service/postgresql >/dev/null
agent_up $pub
check "with the database again those phones are served" \
    until_true known_again
askers -n 50 -k 10
check "and answered" answered 50

# --- SIGKILL under load, and files that change ---------------------------------------
change_files() {
	for _ in $(seq 40); do
		publish "$T/two/Ringlist.xml" Ringlist.xml
		publish "$T/one/Ringlist.xml" Ringlist.xml
	done
}
kill_services() {
	for _ in 1 2 3; do
		sleep 1.5
		kill -KILL "$(process ucm-tftpd)" 2>/dev/null
	done
}
# What is signed while the file changes is one of the two, and signed well.
signed_file_whole() {
	tftp_get $pub Ringlist.xml.sgn "$T/signed" || return
	for which in one two; do
		python3 tests/system/parse_signed.py "$T/signed" --cert \
		    "$T/ccm.pem" --content "$T/$which/Ringlist.xml" && return
	done
	return 1
}
signed_files_whole() {
	while kill -0 "$changes"; do
		signed_file_whole || return
	done
}
inside $pub openssl x509 -in $home/certs/CallManager.pem >"$T/ccm.pem"
change_files &
changes=$!
check "a file that changes is signed whole each time" signed_files_whole
wait "$changes"
change_files &
changes=$!
kill_services &
kills=$!
phones -n $many -k 500 -t 60 -r "$T/two"
check "killed and started again, files changing: all are served" served $many
check "who was not answered has asked again" \
    faults expect "$T/phones" 'retransmits>0'
wait "$kills" "$changes"
check "Cisco Tftp is back" until_true good_phone
kill -KILL "$(process ucm-tftpd)" 2>/dev/null
known_phones 300
check "phones of the database are served right after a kill" served 300
tftp_get $pub ITLFile.tlv "$T/itl"
check "its ITL is whole" "$BUILD_DIR/ucm-trust" verify "$T/itl"
askers -n 500 -k 50 &
job=$!
sleep 0.3
kill -KILL "$(process ucm-tvsd)" 2>/dev/null
wait "$job"
check "TVS, killed and started again" until_true good_asker
askers -n 200 -k 50
check "answers as before" answered 200
plan_end
