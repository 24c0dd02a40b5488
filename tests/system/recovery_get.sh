#!/usr/bin/env bash
# file get: the recovery key and other files go to real SFTP servers of many
# kinds, and what comes of servers that refuse, fail or fall silent.
# takes 95 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
. tests/system/recovery.sh
lab_start 2
control=$SFTP/control

sftp_server main 127.0.20.1:22 auth=password
sftp_server kbdint 127.0.20.2:22 auth=kbdint key=ecdsa
sftp_server both 127.0.20.3:2022 auth=both key=ed25519
sftp_server rounds 127.0.20.4:22 auth=rounds
sftp_server sequence 127.0.20.5:22 auth=sequence
sftp_server norename 127.0.20.6:22 "sftp=-P rename,posix-rename,hardlink"
sftp_server noread 127.0.20.7:22 "sftp=-P read"
sftp_server dropbox 127.0.20.8:22 "sftp=-u 0777"
sftp_server readonly 127.0.20.9:22 sftp=-R
sftp_server changed 127.0.20.10:22 key=ecdsa
sftp_server still 127.0.20.11:22
sftp_server six '[::1]:22' key=ed25519
sftp_proxy silent 127.0.20.20:22 silent
sftp_proxy cut 127.0.20.21:22 cut 127.0.20.1:22 "$control"
sftp_proxy stall 127.0.20.22:22 stall 127.0.20.11:22 "$SFTP/stall.control"
sftp_proxy slow 127.0.20.23:22 slow 127.0.20.1:22 "$SFTP/slow.control"
# A host that takes no packet: nobody answers at the other end of the line.
ip link add near0 type veth peer name far0
ip addr add 192.0.2.1/24 dev near0
ip link set near0 up
ip link set far0 up
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev near0
sftp_known $pub "127.0.20.1 $SFTP_HOST" '127.0.20.21 cut' '127.0.20.22 stall' \
    '127.0.20.23 slow' '::1 six.cisco.com' '127.0.20.10 changed'

state() { # what no failure may change
	inside $pub sh -c "cd $home && sha256sum certs/*.pem certs/*.p12 tftp/ITLFile.tlv"
	far_list main
	sha256sum "$(far main /home/joemar2/ITLRecovery.p12)" 2>&1
}
arrived() { # NAME SERVER: the copy there is the publisher's
	same "$1" "$sum" "$(p12_sum "$(far "$2" /home/joemar2/ITLRecovery.p12)" 2>&1)"
}
dialogue() { # HOST FILE [yes]: steps of a session
	cat <<-X
		prompt
		send file get $2
		wait Would you like to proceed [y/n]? 
		send y
		wait SFTP server IP: 
		send $1
		wait SFTP server port [22]: 
		send 
		wait User ID: 
		send $SFTP_USER
		wait Password: 
		send $SFTP_PASSWORD
		wait Download directory: 
		send /home/joemar2/
	X
	[ $# -lt 3 ] || printf '%s\n' \
	    'wait Are you sure you want to continue connecting (yes/no)? ' "send $3"
}
sum=$(p12_sum)

# --- what takes long, meanwhile ----------------------------------------------
limit=90 # seconds until the shell must have given up
big=$home/log/cm/trace/test/big.log
inside $pub install -d -o ucm -g ucm -m 755 ${big%/*}
head -c 600000 /dev/urandom >"$T/big"
inside $pub sh -c "cat >$big && chown ucm:ucm $big" <"$T/big"
later() { # NAME HOST SPEC
	(
		from=$(date +%s)
		transfer "$3" "$2" >"$T/later.$1" 2>&1
		echo "$? $(($(date +%s) - from))" >"$T/later.$1.status"
	) &
}
echo "up 300000" >"$SFTP/stall.control"
later silent 127.0.20.20 "tftp ITLRecovery.p12"
later nobody 192.0.2.2 "tftp ITLRecovery.p12"
later stall stall "activelog cm/trace/test/big.log"

# --- the session of the reference --------------------------------------------
# Kbytes: the shortest decimal that is the same 32-bit float.
kbytes() {
	python3 - "$1" <<-'X'
		import struct
		import sys
		want = struct.pack("f", int(sys.argv[1]) / 1024)
		tries = (f"{int(sys.argv[1]) / 1024:.{d}g}" for d in range(1, 18))
		print(float(next(t for t in tries if struct.pack("f", float(t)) == want)))
	X
}
size=$(inside $pub stat -c %s $p12)
sed -e "s/1709/$size/" -e "s/1\.6689453/$(kbytes "$size")/" \
    -e 's/172\.18\.172\.254/127.0.20.1/' \
    -e "s/2c:8f[0-9a-f:]*/$(sftp_key main | head -n 1)/" \
    tests/data/sessions/file_get.txt >"$T/want"
got() { # what the file get of the last session printed
	sed -n '/^admin:file/,/^admin:exit/p' "$T/session" | sed '$d'
}
{ dialogue $SFTP_HOST "tftp ITLRecovery.p12" yes; printf '%s\n' prompt 'send exit' end; } >"$T/steps"
session $pub "$T/steps" >"$T/session" 2>&1
check "the session of the reference, byte for byte" diff "$T/want" <(got)
arrived "the copy is the publisher's file" main
same "and the only file there" "./joemar2/ITLRecovery.p12" "$(far_list main)"
sed -e '/^The authenticity/,/^Are you sure/d' "$T/want" >"$T/want.known"
{ dialogue $SFTP_HOST "tftp ITLRecovery.p12"; printf '%s\n' prompt 'send exit' end; } >"$T/steps"
echo replaced >"$(far main /home/joemar2/ITLRecovery.p12)"
session $pub "$T/steps" >"$T/session" 2>&1
check "a known server is not asked about" diff "$T/want.known" <(got)
arrived "and the existing file is replaced" main
same "nothing else is left there" "./joemar2/ITLRecovery.p12" "$(far_list main)"

# --- an existing file is there at every moment -------------------------------
python3 - "$(far main /home/joemar2)" "$T/watch.end" >"$T/watch" <<'X' &
import os
import stat
import sys
bad = 0
size = os.stat(os.path.join(sys.argv[1], "ITLRecovery.p12")).st_size
while not os.path.exists(sys.argv[2]):
    # One that is renamed between the listing and the look is looked at again.
    for _ in range(20):
        kept = False
        for name in os.listdir(sys.argv[1]):
            try:
                found = os.lstat(os.path.join(sys.argv[1], name))
            except FileNotFoundError:
                continue
            kept |= stat.S_ISREG(found.st_mode) and found.st_size == size
        if kept:
            break
    else:
        bad += 1
print(f"missed {bad}")
X
watch=$!
for _ in 1 2 3; do
	save $SFTP_HOST >"$T/out" 2>&1
done
touch "$T/watch.end"
wait $watch
same "while it is replaced, one of both is always whole" "missed 0" \
    "$(cat "$T/watch")"

# --- every kind of server ----------------------------------------------------
good() { # NAME SERVER ADDRESS [PORT [ANSWERS]]
	transfer "tftp ITLRecovery.p12" "$3" "${4:-}" "" "" "${5:-}" >"$T/out" 2>&1
	same "$1: exits with 0" 0 "$?"
	has "$1: completed" "Transfer completed." "$T/out"
	lacks "$1: no trailer" "unsuccessfully" "$T/out"
	arrived "$1: the copy is whole" "$2"
	same "$1: nothing else is left" "./joemar2/ITLRecovery.p12" "$(far_list "$2")"
}
good "keyboard-interactive only, ECDSA" kbdint 127.0.20.2
has "its key is told by type and SHA-256" \
    "ECDSA key fingerprint is $(sftp_key kbdint | tail -n 1)." "$T/out"
lacks "and the copy is proven" "could not be verified" "$T/out"
good "both methods, ed25519, another port" both 127.0.20.3 2022
has "its key is told by type and SHA-256" \
    "ED25519 key fingerprint is $(sftp_key both | tail -n 1)." "$T/out"
good "several rounds of questions" rounds 127.0.20.4 "" "yes
$SFTP_PASSWORD"
good "one method after the other" sequence 127.0.20.5
good "no rename" norename 127.0.20.6
good "no rename, and a file there" norename 127.0.20.6
good "no reading" noread 127.0.20.7
has "which is said" "could not be verified" "$T/out"
good "a drop box" dropbox 127.0.20.8
has "which is said" "could not be verified" "$T/out"
good "IPv6" six ::1
good "a name that is IPv6" six six.cisco.com

# --- refusals ----------------------------------------------------------------
STATE=$(state)
fails "a wrong password" "password|authentication|denied|refused|log in|login" 30 \
    transfer "tftp ITLRecovery.p12" $SFTP_HOST "" wrong
fails "a wrong port" "connect|refused|unreachable" 30 \
    transfer "tftp ITLRecovery.p12" $SFTP_HOST 2
fails "a port that is none" "port" 10 \
    transfer "tftp ITLRecovery.p12" $SFTP_HOST 99999
fails "a name that is none" "nowhere.cisco.com" 60 \
    transfer "tftp ITLRecovery.p12" nowhere.cisco.com
fails "a missing directory" "/home/joemar2/nowhere" 30 \
    transfer "tftp ITLRecovery.p12" $SFTP_HOST "" "" /home/joemar2/nowhere/
fails "a directory that he cannot write to" "/home/joemar2/ro" 30 \
    transfer "tftp ITLRecovery.p12" $SFTP_HOST "" "" /home/joemar2/ro/
fails "a full disk" "/home/joemar2/full" 30 \
    transfer "tftp ITLRecovery.p12" $SFTP_HOST "" "" /home/joemar2/full/
fails "a full disk in the middle of a file" "/home/joemar2/full" 30 \
    transfer "activelog cm/trace/test/big.log" $SFTP_HOST "" "" /home/joemar2/full/
fails "a server that takes no file" "." 30 \
    transfer "tftp ITLRecovery.p12" 127.0.20.9
fails "a file that there is not" "not found|no such file|no file" 10 \
    cli $pub file get tftp NoSuchFile.p12 </dev/null
cli $pub file get tftp ITLRecovery.p12 <<<n >"$T/out" 2>&1
has "n cancels" "Files transfer cancelled." "$T/out"
fails "a declined key" "key|cancel|not trusted|verification" 30 \
    transfer "tftp ITLRecovery.p12" 127.0.20.10 "" "" "" no
has "which was asked about" "(yes/no)? " "$T/fails"
transfer "tftp ITLRecovery.p12" changed >"$T/out" 2>&1
STATE=$(state)
sftp_rekey changed 127.0.20.10:22 key=ecdsa
fails "a changed key" "changed|differs|another key|does not match" 30 \
    transfer "tftp ITLRecovery.p12" changed
lacks "about which nothing is asked" "(yes/no)?" "$T/fails"
has "and its fingerprint is told" "$(sftp_key changed | tail -n 1)" "$T/fails"
sftp_rekey changed 127.0.20.10:22 key=rsa
fails "a key of another kind" "changed|differs|another key|does not match" 30 \
    transfer "tftp ITLRecovery.p12" changed

# --- the line is cut ---------------------------------------------------------
cuts() { # NAME SPEC WAY TOTAL
	local tenth
	for tenth in 1 2 3 4 5 6 7 8 9; do
		echo "$3 $(($4 * tenth / 10))" >"$control"
		fails "$1, cut at ${tenth}0 %" "connection|closed|reset|lost|cut" 60 \
		    transfer "$2" cut
	done
}
count() { # SPEC: bytes up and down of a transfer that works
	rm -f "$control" "$control.count"
	transfer "$1" cut >"$T/out" 2>&1
	has "it passes when nothing is cut" "Transfer completed." "$T/out"
	for _ in $(seq 100); do
		[ -s "$control.count" ] && break
		sleep 0.1
	done
	read -r up down <"$control.count"
}
count "tftp ITLRecovery.p12"
cuts "the recovery key" "tftp ITLRecovery.p12" up "$up"
cuts "the recovery key on its way back" "tftp ITLRecovery.p12" down "$down"
count "activelog cm/trace/test/big.log"
echo old >"$(far main /home/joemar2/big.log)"
STATE=$(state)
cuts "a log file" "activelog cm/trace/test/big.log" up "$up"
same "the old file is still there" old "$(cat "$(far main /home/joemar2/big.log)")"

# --- Ctrl-C in the middle ----------------------------------------------------
echo "up 100000" >"$SFTP/slow.control"
{
	dialogue slow "activelog cm/trace/test/big.log" yes
	printf '%s\n' 'wait %' 'type \003' 'wait Control-C pressed' prompt \
	    'send exit' end
} >"$T/steps"
check "Ctrl-C leaves a transfer that shows its progress" \
    session $pub "$T/steps"
same "and no partial file" "$STATE" "$(state)"
same "the old file is still there" old "$(cat "$(far main /home/joemar2/big.log)")"

# --- a subscriber ------------------------------------------------------------
cli $sub file get tftp ITLRecovery.p12 </dev/null >"$T/told" 2>&1
same "a subscriber fails" 1 "$?"
check "it says that the file is not found" grep -qi "not found" "$T/told"
has "and prints the trailer" "Executed command unsuccessfully" "$T/told"
lacks "and asks for no server" "SFTP server IP" "$T/told"
same "nothing was changed" "$STATE" "$(state)"

# --- what took long ----------------------------------------------------------
wait
for kind in silent nobody stall; do
	read -r status seconds <"$T/later.$kind.status"
	same "$kind: fails" 1 "$status"
	check "$kind: within its time-out ($seconds s)" test "$seconds" -le $limit
	told "$T/later.$kind" >"$T/told"
	check "$kind: one line ($(head -n 1 "$T/told")) and the trailer" \
	    one_line "$T/told"
done
same "none of them changed anything" "$STATE" "$(state)"
same "or left anything behind" "" "$(far_list still)"
plan_end
