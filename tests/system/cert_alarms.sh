#!/usr/bin/env bash
# The certificate monitor: daily alarms until the recovery key is saved and
# while certificates end, their e-mail, and the service itself.
# takes 75 s
# shellcheck disable=SC2016
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 2
pub=test10pub sub=test10sub
home=/var/lib/ucmsh
monitor='Cisco Certificate Expiry Monitor'
mail=

# Ended with the group, whatever happens.
end_mail() {
	[ -z "$mail" ] || kill "$mail" 2>/dev/null
	[ -z "$mail" ] || wait "$mail" 2>/dev/null
	mail=
}
trap 'end_mail; tap_end' EXIT

# Lines in CiscoSyslog of NODE that hold TEXT
lines() { # NODE TEXT
	inside "$1" sh -c 'cat "$1" 2>/dev/null | grep -cF -- "$2"' sh \
	    $home/log/syslog/CiscoSyslog "$2" </dev/null
}
await() { # NUMBER COMMAND…: until it prints that number or more; prints it
	local n=$1 got=0 _
	shift
	for _ in $(seq 200); do
		got=$("$@")
		[ "${got:-0}" -lt "$n" ] || break
		sleep 0.2
	done
	echo "${got:-0}"
}
raised() {
	lines $pub UC_CERT-4-ITLRecoveryCertBackup
}
log() { # NODE TEXT: how often the service's own log says it
	inside "$1" sh -c 'grep -cF -- "$2" "$1"' sh \
	    $home/log/platform/certmon/current "$2"
}
runs() { # NODE: how many daily runs there were
	log "$1" "alarms raised:"
}
# The verb alone: what the shell asks for after a proven copy.
saved() { # SHA256
	inside $pub python3 - call recovery saved "$1" \
	    <tests/system/agent_client.py >"$T/saved" 2>&1
	cat "$T/saved"
	grep -q '^code 0 ' "$T/saved"
}

# --- a new cluster -------------------------------------------------------------
# Only age brings a run: the time of day is half a day away.
time=$(inside $pub date -d '12 hours' +%H:%M)
check "the time of day is set" cli $pub set cert monitor time "$time"
same "nothing is raised before it" 0 "$(raised)"
$LAB age $pub 1d
$LAB age $sub 1d
same "day 1" 1 "$(await 1 raised)"
same "a subscriber has its run, too" 1 "$(await 1 runs $sub)"
same "and nothing to raise" 0 "$(lines $sub UC_CERT)"
inside $pub cat $home/log/syslog/CiscoSyslog >"$T/line"
check "the line has the shape of the reference" grep -Eq \
    '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} test10pub local7 4 : [0-9]+: test10pub: [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{4} [0-9:]{8} [AP]M\.[0-9]{3} UTC :  %UC_CERT-4-ITLRecoveryCertBackup: %\[Message=\]\[AppID=Cisco Certificate Monitor\]\[ClusterID=\]\[NodeID=test10pub\]: This cluster has an ITLRecovery certificate that has not been backed up\. Taking a manual backup of this certificate is recommended to avoid the need to manually delete the ITL file from every phone in the cluster after certain cluster reconfiguration operations\.$' \
    "$T/line"
cli $pub run sql "select severity, name from alarm where node = '$pub'" \
    </dev/null >"$T/out" 2>&1
has "it is a row of table alarm" "4        ITLRecoveryCertBackup" "$T/out"
cli $pub show cert alarm </dev/null >"$T/out" 2>&1
same "show cert alarm" 0 $?
for text in "Name: ITLRecoveryCertBackup" "Severity: Warning" \
    "App ID: Cisco Certificate Monitor" \
    "Description: This cluster has an ITLRecovery certificate that has not" \
    "Explanation: This alarm indicates that the newly generated ITL Recovery" \
    'Recommended Action: Use the CLI command "file get tftp ITLRecovery.p12"' \
    "Active Since: "; do
	has "tells ${text%%:*}" "$text" "$T/out"
done
check "in JSON, too" sh -c "$LAB ssh $pub show cert alarm json </dev/null |
    python3 -c 'import json, sys
a = json.load(sys.stdin)[\"alarms\"]
assert [x[\"name\"] for x in a] == [\"ITLRecoveryCertBackup\"]'"
cli $sub show cert alarm </dev/null >"$T/out" 2>&1
same "a subscriber has none" "No certificate alarm is active on this node." \
    "$(cat "$T/out")"

# --- day after day ---------------------------------------------------------------
for day in 2 3; do
	$LAB age $pub 1d
	same "day $day" $day "$(await $day raised)"
	check "the monitor is restarted" cli $pub utils service restart "$monitor"
done
sleep 7
same "which repeats nothing" 3 "$(raised)"
check "it is stopped" cli $pub utils service stop "$monitor"
cli $pub utils service list </dev/null >"$T/out" 2>&1
has "by command" "${monitor}[STOPPED]  Commanded Out of Service" "$T/out"
$LAB age $pub 1d
check "and started the next day" cli $pub utils service start "$monitor"
same "which leaves nothing out" 4 "$(await 4 raised)"
cli $pub utils service list </dev/null >"$T/out" 2>&1
has "it is in the list" "${monitor}[STARTED]" "$T/out"
refuse "no node can do without" cli $pub utils service deactivate "$monitor"
has "and it says so" "belongs to every node" "$T/out"
same "its process has no right but its user's" "0000000000000000 ucm " "$(
	inside $pub sh -c 'p=$(pgrep -x ucm-certmon)
	    sed -n "s/^CapEff:\t//p" /proc/$p/status
	    stat -c %U /proc/$p; sed -n "s/^Groups:\t//p" /proc/$p/status' |
	    tr -s '\n ' '  ')"
# syslog(3), as seen by the kernel: a lab's /dev is the host's
inside $pub sh -c 'exec timeout 60 strace -f -e trace=connect -o /root/trace \
    -p "$(pgrep -x ucm-certmon)"' >"$T/strace" 2>&1 &
tracer=$!
await 1 grep -c attached "$T/strace" >/dev/null
$LAB age $pub 1d
same "day 5" 5 "$(await 5 raised)"
inside $pub sh -c 'kill "$(pgrep -x strace)"'
wait $tracer
inside $pub cat /root/trace >"$T/trace"
has "syslog is told, too" '"/dev/log"' "$T/trace"

# --- until it is saved, and again --------------------------------------------------
sum() {
	inside $pub sha256sum $home/certs/ITLRecovery.p12 | cut -d' ' -f1
}
active() {
	cli $pub show cert alarm </dev/null | grep -c ITLRecoveryCertBackup
}
refuse "a copy of another file" saved "$(printf '%064d' 0)"
same "does not count" 1 "$(active)"
check "a proven copy" saved "$(sum)"
same "clears the alarm" 0 "$(active)"
before=$(runs $pub)
$LAB age $pub 1d
await $((before + 1)) runs $pub >/dev/null
same "the next day has none" 5 "$(raised)"
check "a new recovery certificate" \
    sh -c "echo yes | $LAB ssh $pub set cert regen ITLRecovery"
same "brings it back" 1 "$(active)"
$LAB age $pub 1d
same "so the next day has one" 6 "$(await 6 raised)"
check "the new file is saved" saved "$(sum)"
same "and it is clear again" 0 "$(active)"
new=New-Security-Word-42
check "a new security password" sh -c "printf '%s\n' \
    '$LAB_SECURITY_PASSWORD' $new $new y | $LAB ssh $pub set password user security"
same "brings it back, too" 1 "$(active)"
check "that file is saved" saved "$(sum)"

$LAB hold $pub clear
check "a new tomcat certificate" \
    sh -c "echo yes | $LAB ssh $pub set cert regen tomcat"
same "is told at once" 1 "$(await 1 lines $pub "%UC_CERT-2-TomcatCertRegen: ")"

# --- e-mail ------------------------------------------------------------------
serve() { # [OPTION…]: an SMTP server that keeps what it takes in $T/mail
	/usr/bin/aiosmtpd -n -l 127.0.0.1:2525 "$@" \
	    -c aiosmtpd.handlers.Mailbox "$T/mail" >"$T/smtp" 2>&1 &
	mail=$!
	for _ in $(seq 200); do
		[ -z "$(ss -H -lnt 'sport = :2525')" ] || return 0
		sleep 0.1
	done
	return 1
}
received() {
	find "$T/mail/new" -type f 2>/dev/null | wc -l
}
next_day() { # a day passes, and its run is over
	local before
	before=$(runs $pub)
	$LAB age $pub 1d
	await $((before + 1)) runs $pub >/dev/null
}
cli $sub show cert monitor </dev/null >"$T/out" 2>&1
has "nothing is sent at first" "E-mail notification : disabled" "$T/out"
refuse "nor can it be, without a server" cli $sub set cert monitor email enable
has "which it says" "E-mail needs an address and a server first." "$T/out"
inside $pub python3 - call cert monitor set address 'a@b
Bcc: c@d' <tests/system/agent_client.py >"$T/out" 2>&1
has "an address cannot hold another field" "code 1 " "$T/out"
check "an address is set on the subscriber" \
    cli $sub set cert monitor address ops@example.com,ca@example.com
check "a server" cli $sub set cert monitor server 127.0.0.1:2525
check "a window that all certificates are in" cli $sub set cert monitor days 3000
check "e-mail is enabled" cli $sub set cert monitor email enable
cli $pub show cert monitor json </dev/null >"$T/json" 2>&1
check "the publisher knows" python3 -c 'import json, sys
assert json.load(open(sys.argv[1])) == {"email": True,
    "address": "ops@example.com,ca@example.com", "server": "127.0.0.1:2525",
    "days": 3000, "time": sys.argv[2]}' "$T/json" "$time"

cli $pub show cert alarm </dev/null >"$T/out" 2>&1
has "the publisher tells of trusted certificates" "Type:trust-certs" "$T/out"
cli $sub show cert alarm </dev/null >"$T/out" 2>&1
has "a subscriber of its own" "Unit:tomcat Type:own-cert" "$T/out"
lacks "and of no trusted ones, which would be told twice" trust-certs "$T/out"

over=UC_CERT-5-CertValidityOver30Days
next_day
same "with the mail server down there are alarms" yes \
    "$([ "$(lines $pub $over)" -gt 0 ] && echo yes)"
same "and a line about it" 1 "$(await 1 log $pub "mail server 127.0.0.1 port 2525")"
sleep 3
same "one" 1 "$(log $pub "mail server 127.0.0.1 port 2525")"
check "an SMTP server starts" serve
$LAB age $pub 1h
same "an hour later the mail arrives" 1 "$(await 1 received)"
sleep 2
same "once" 1 "$(received)"
cat >"$T/read.py" <<'X'
import email, email.policy, sys
raw = open(sys.argv[1], "rb").read()
m = email.message_from_bytes(raw, policy=email.policy.default)
assert m["X-RcptTo"] == "ops@example.com, ca@example.com", m["X-RcptTo"]
assert m["X-MailFrom"] == "ucm-certmon@test10pub.joemar2.lab"
assert m["From"] == \
    "Cisco Certificate Monitor <ucm-certmon@test10pub.joemar2.lab>", m["From"]
assert m["To"] == "ops@example.com, ca@example.com", m["To"]
for wanted in sys.argv[2:]:
    assert wanted in m["Subject"], m["Subject"]
assert m["Auto-Submitted"] == "auto-generated" and m["Date"]
assert m["Message-ID"].endswith("@test10pub.joemar2.lab>")
body = " ".join(m.get_content().split())
for wanted in ("Node test10pub.joemar2.lab (127.0.10.1) has ",
               "Certificate expiration Notification. Certificate "
               "name:tomcat.der Unit:tomcat Type:own-cert Expiration:",
               "Recommended Action: Use the CLI command \"set cert regen "
               "tomcat\" on this node",
               "Unit:CallManager-trust Type:trust-certs "):
    assert wanted in body, body
X
check "it says what an administrator wants to know" python3 "$T/read.py" \
    "$T"/mail/new/* "test10pub: " "certificate alarms:" CertValidityOver30Days
end_mail
rm -r "$T/mail"
check "with a server that insists on TLS" sh -c "openssl req -x509 -newkey \
    rsa:2048 -nodes -days 1 -subj /CN=mail -keyout $T/key -out $T/cert 2>&1"
check "of its own making" serve --tlscert "$T/cert" --tlskey "$T/key"
next_day
same "it is TLS" 1 "$(await 1 received)"
end_mail
check "e-mail is disabled" cli $pub set cert monitor email disable
check "the window is set back" cli $pub set cert monitor days 30

# --- the end of certificates -------------------------------------------------
end=$(cli $pub run sql "select min(c.notafter) from certificate c
    join certificateservicecertificatemap m on m.fkcertificate = c.pkid
    join typecertificateservice t on t.enum = m.tkcertificateservice
    where t.name = 'TVS' and c.servername = '$pub'" </dev/null |
    tr -d ' ' | tail -n 1)
clock() {
	inside $pub sh -c 'echo $(($(date +%s) +
	    $(sed -n "s/^age_offset *= *//p" /var/lib/ucmsh/etc/node.conf)))'
}
# SECONDS before the end of TVS, and the alarm of that day about TVS
ends_in() { # NAME SECONDS ALARM
	local before
	before=$(lines $pub "$3: %[Message=Certificate expiration Notification. Certificate name:TVS.der Unit:TVS Type:own-cert Expiration:")
	$LAB age $pub $((end - $(clock) - $2))s
	same "$1" $((before + 1)) "$(await $((before + 1)) lines $pub \
	    "$3: %[Message=Certificate expiration Notification. Certificate name:TVS.der Unit:TVS Type:own-cert Expiration:")"
	cli $pub show cert alarm </dev/null >"$T/out" 2>&1
	has "show cert alarm has it" "Name: ${3#UC_CERT-?-}" "$T/out"
}
day=86400
same "the end is known" yes "$([ "$end" -gt 1700000000 ] && echo yes)"
ends_in "20 days before the end" $((20 * day)) UC_CERT-4-CertValidLessThanMonth
ends_in "6 days before" $((6 * day)) UC_CERT-2-CertValidfor7days
ends_in "hours before" $((day - 3600)) UC_CERT-1-CertValidLessthanADay
ends_in "a day after" $((-day)) UC_CERT-0-CertExpired
check "the monitor runs as it did" cli $pub utils service list
plan_end
