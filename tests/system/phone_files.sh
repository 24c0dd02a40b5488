#!/usr/bin/env bash
# What Cisco Tftp makes and signs itself: when, with what, what it keeps for
# its next start, and what it never hands out.  The files are read by
# tests/system/parse_signed.py, which shares nothing with the programs.
# takes 35 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 1

home=/var/lib/ucmsh
pub=test10pub
phone=0011AABBCC01
secret=0011AABBCC02
signed=$home/tftp/.signed
pack=$signed/pack.1

fetch() { # NAME: into $T/got
	rm -f "$T/got"
	curl -fsS -m 20 -o "$T/got" "http://127.0.10.1:6970/$1"
}
missing() { # NAME
	! fetch "$1"
}
says() { # NAME TEXT
	fetch "$1" && grep -qF -- "$2" "$T/got"
}
witness() { # NAME OPTIONS…: what is served is right, tag by tag
	local name=$1
	shift
	fetch "$name" && python3 tests/system/parse_signed.py "$T/got" \
	    --cert "$T/ccm.pem" --name "$name" "$@"
}
statistic() { # KEY
	inside $pub sed -n "s/^$1 //p" $home/run/tftpd.statistics
}
statistic_is() { # KEY VALUE
	[ "$(statistic "$1")" = "$2" ]
}
kept() { # NAME: for the next start
	inside $pub grep -qaF "$1" "$pack"
}
not_kept() {
	! kept "$1"
}
put() { # NAME TEXT: a file below tftp/, replaced at once
	inside $pub su -s /bin/sh ucm -c \
	    "printf '%s' '$2' >$home/tftp/.new && mv $home/tftp/.new '$home/tftp/$1'"
}
control() { # SERVICE LETTER
	inside $pub sh -c "printf $2 >$home/service/$1/supervise/control"
}
tftpd() {
	inside $pub cat $home/service/tftp/supervise/pid
}
is_new() { # PID: there is another one
	local now
	now=$(tftpd)
	[ -n "$now" ] && [ "$now" != "$1" ]
}
kill_tftpd() { # its successor has started
	local before
	before=$(tftpd)
	inside $pub kill -9 "$before" && until_true is_new "$before"
}
alone() { # the pack is all there is
	[ "$(inside $pub ls $signed)" = pack.1 ]
}
import() {
	inside $pub ucm-node phone import - <"$T/phones.csv"
}

inside $pub sed -n '/BEGIN CERT/,/END CERT/p' $home/certs/CallManager.pem >"$T/ccm.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 10 -subj "/CN=SEP$secret" \
    -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
cat "$T/key.pem" "$T/cert.pem" >"$T/phone.pem"

# Configurations.
check "two phones" inside $pub ucm-node phone add SEP$phone SEP$secret \
    --description "a description"
check "are served" until_true fetch SEP$secret.cnf.xml
cp "$T/got" "$T/plain"
check "and signed, as the format says" witness SEP$secret.cnf.xml.sgn \
    --content "$T/plain" --digest sha1
check "so is the default one" witness XMLDefault.cnf.xml.sgn
check "a phone that nobody knows has none" missing SEP0011AABBCCFF.cnf.xml.sgn
check "they are kept for the next start" until_true kept SEP$secret.cnf.xml.sgn
check "which no phone gets by its name" missing .signed/SEP$secret.cnf.xml.sgn

# An encrypted one.
inside $pub sh -c "cat >/root/phone.pem" <"$T/cert.pem"
check "one is to be encrypted" inside $pub ucm-node phone set SEP$secret \
    --certificate /root/phone.pem --encrypted-config enabled
check "then there is no plain one" until_true missing SEP$secret.cnf.xml
check "but a stub" witness SEP$secret.cnf.xml.sgn --stub-of "$T/cert.pem"
check "and a file for that phone alone" witness SEP$secret.cnf.xml.enc.sgn \
    --phone "$T/phone.pem"
check "in which nobody reads a word" sh -c "! grep -q description '$T/got'"
check "it is kept, too" until_true kept SEP$secret.cnf.xml.enc.sgn
check "and no word that could be read" not_kept "a description"

# Files on disk.
check "a ring list" put ringlist.xml "<CiscoIPPhoneRingList/>"
printf '<CiscoIPPhoneRingList/>' >"$T/plain"
check "is signed at once" witness ringlist.xml.sgn --content "$T/plain"
check "another one" put ringlist.xml "<CiscoIPPhoneRingList></CiscoIPPhoneRingList>"
printf '<CiscoIPPhoneRingList></CiscoIPPhoneRingList>' >"$T/plain"
check "is signed at once, too" witness ringlist.xml.sgn --content "$T/plain"
check "one that was signed by hand" put ringlist.xml.sgn "by hand"
check "stays as it is" says ringlist.xml.sgn "by hand"
check "a folder of a locale" inside $pub su -s /bin/sh ucm -c \
    "mkdir $home/tftp/New_Zealand"
check "with a file" put New_Zealand/g3-tones.xml tones
check "whose name has the folder inside" witness New_Zealand/g3-tones.xml.sgn
inside $pub rm $home/tftp/New_Zealand/g3-tones.xml
check "and which goes with it" missing New_Zealand/g3-tones.xml.sgn

# Starts.
until_true kept SEP$phone.cnf.xml.sgn
fetch SEP$phone.cnf.xml.sgn && cp "$T/got" "$T/before"
fetch SEP$secret.cnf.xml.enc.sgn && cp "$T/got" "$T/before.enc"
inside $pub su -s /bin/sh ucm -c "printf half >$pack.new; printf x >$signed/old.sgn"
check "Cisco Tftp is killed" kill_tftpd
check "it serves what it had signed" until_true fetch SEP$phone.cnf.xml.sgn
check "to the byte" cmp "$T/got" "$T/before"
check "the encrypted one, too" until_true fetch SEP$secret.cnf.xml.enc.sgn
check "is the one it was" cmp "$T/got" "$T/before.enc"
check "two phones are known again" until_true statistic_is phones 2
check "nothing was signed" until_true statistic_is phone_signatures 0
check "nothing but the pack is left" until_true alone
inside $pub su -s /bin/sh ucm -c \
    "printf spoilt | dd of=$pack bs=1 seek=100 conv=notrunc 2>/dev/null"
check "killed again, with a spoilt pack" kill_tftpd
check "files are signed anew" until_true witness SEP$phone.cnf.xml.sgn
check "and kept" until_true kept SEP$phone.cnf.xml.sgn

# A storm of changes, and an end in the middle of it.
{
	echo name,description
	for i in $(seq 2000); do
		printf 'SEP00000000%04X,phone %d\n' "$i" "$i"
	done
} >"$T/phones.csv"
check "2,000 phones" import
until_true inside $pub grep -q "^phones 2" $home/run/tftpd.statistics
check "killed while they are signed" kill_tftpd
check "the last one is served" until_true witness SEP0000000007D0.cnf.xml.sgn
check "all are made" until_true statistic_is phone_waiting_now 0
check "none failed" statistic_is phone_failed_now 0
check "nothing half written is left" until_true alone

# The database.
check "the database stops" control postgresql d
check "which is noticed" until_true statistic_is phone_database 0
check "what was made is served" witness SEP$phone.cnf.xml.sgn
check "Cisco Tftp restarts without it" kill_tftpd
check "the ITL file is served" until_true fetch ITLFile.tlv
check "nothing that could be old" missing SEP$phone.cnf.xml.sgn
check "the database returns" control postgresql u
check "so does the phone" until_true witness SEP$phone.cnf.xml.sgn

# The digest of the next start.
check "SHA-512 from now on" cli $pub set enterprise parameter \
    TFTP File Signature Algorithm SHA-512
check "is for the next start" witness SEP$phone.cnf.xml.sgn --digest sha1
check "Cisco Tftp restarts" cli $pub utils service restart Cisco Tftp
check "now it is SHA-512" until_true witness SEP$phone.cnf.xml.sgn --digest sha512
check "of other files, too" until_true witness XMLDefault.cnf.xml.sgn \
    --digest sha512
check "a phone is removed" inside $pub ucm-node phone remove SEP$phone
check "and so are its files" until_true missing SEP$phone.cnf.xml.sgn
check "Cisco Tftp restarts" cli $pub utils service restart Cisco Tftp
check "nothing of it is kept" until_true not_kept SEP$phone.cnf.xml.sgn
plan_end
