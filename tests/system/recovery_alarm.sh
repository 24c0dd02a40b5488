#!/usr/bin/env bash
# The alarm of a recovery key that nobody has saved, as an administrator sees
# it: raised every day until a copy is proven, raised again when that copy is
# worth nothing any more.
# takes 45 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
. tests/system/recovery.sh
lab_start 2
sftp_server main 127.0.20.1:22
sftp_server noread 127.0.20.2:22 "sftp=-P read"
sftp_known $pub "127.0.20.1 $SFTP_HOST"
monitor='Cisco Certificate Expiry Monitor'
saved=/home/joemar2/ITLRecovery.p12

expected=0 # lines of the alarm in the log
raised() {
	cli $pub file search activelog syslog/CiscoSyslog \
	    UC_CERT-4-ITLRecoveryCertBackup </dev/null |
	    grep -c '%UC_CERT-4-ITLRecoveryCertBackup'
}
# A day passes, until the monitor has noted its daily run; so whatever it had
# to raise is raised.
day() {
	local _ before
	before=$(inside $pub cat $home/run/certmon)
	$LAB age $pub 1d
	for _ in $(seq 200); do
		[ "$(inside $pub cat $home/run/certmon)" = "$before" ] || return
		sleep 0.1
	done
	echo "# no daily run"
}
silent_day() { # NAME
	day
	same "$1" $expected "$(raised)"
}
loud_day() { # NAME
	day
	expected=$((expected + 1))
	same "$1" $expected "$(raised)"
}

# --- a new cluster -----------------------------------------------------------
# No daily moment comes by itself while this runs.
cli $pub set cert monitor time "$(inside $pub date -d '12 hours' +%H:%M)" \
    </dev/null >"$T/out" 2>&1
same "the time of day is set" 0 "$?"
loud_day "day 1"
cli $pub show cert alarm </dev/null >"$T/alarm" 2>&1
same "show cert alarm works" 0 "$?"
for text in "ITLRecoveryCertBackup" "Warning" "Cisco Certificate Monitor" \
    "This cluster has an ITLRecovery certificate that has not been backed up. Taking a manual backup of this certificate is recommended to avoid the need to manually delete the ITL file from every phone in the cluster after certain cluster reconfiguration operations" \
    "This alarm indicates that the newly generated ITL Recovery Certificate and key have not yet been backed up." \
    "Use the CLI command \"file get tftp ITLRecovery.p12\" to back up the ITL Recovery Certificate as soon as possible."; do
	check "it tells: ${text:0:40}" sh -c \
	    'tr -s " \n\t" " " <"$1" | grep -qF -- "$2"' sh "$T/alarm" "$text"
done
cli $pub file search activelog syslog/CiscoSyslog UC_CERT-4 \
    </dev/null >"$T/log" 2>&1
check "the line in the log has the shape of the reference" grep -Eq \
    '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} test10pub local7 4 : [0-9]+: test10pub: [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{4} [0-9:]{8} [AP]M\.[0-9]{3} UTC :  %UC_CERT-4-ITLRecoveryCertBackup: %\[Message=\]\[AppID=Cisco Certificate Monitor\]\[ClusterID=[^]]*\]\[NodeID=test10pub\]: This cluster has an ITLRecovery certificate that has not been backed up\. .* cluster reconfiguration operations\.*$' \
    "$T/log"
cli $pub utils service restart $monitor </dev/null >"$T/out" 2>&1
same "a restart of the monitor ends" 0 "$?"
loud_day "day 2"
loud_day "day 3"
same "a subscriber has none" 0 "$(cli $sub file search activelog \
    syslog/CiscoSyslog ITLRecoveryCertBackup </dev/null | grep -c %UC_CERT)"

# --- what does not stop it ---------------------------------------------------
cli $pub file get tftp ITLRecovery.p12 <<<n >"$T/out" 2>&1
same "not stopped by a cancelled transfer" on "$(alarm)"
transfer "tftp ITLRecovery.p12" $SFTP_HOST "" wrong >"$T/out" 2>&1
same "nor by a wrong password" on "$(alarm)"
transfer "tftp ITLRecovery.p12" $SFTP_HOST "" "" /home/joemar2/full/ \
    >"$T/out" 2>&1
same "nor by a full disk" on "$(alarm)"
save 127.0.20.2 >"$T/out" 2>&1
same "a copy that cannot be read back arrives" "$(p12_sum)" \
    "$(p12_sum "$(far noread $saved)")"
same "and does not stop it" on "$(alarm)"
cli $sub file get tftp ITLRecovery.p12 </dev/null >"$T/out" 2>&1
same "nor does a subscriber" on "$(alarm)"
loud_day "so day 4"

# --- what stops it -----------------------------------------------------------
save $SFTP_HOST >"$T/out" 2>&1
same "a transfer that is completed and proven" 0 "$?"
same "stops it" off "$(alarm)"
silent_day "day 5 is silent"
transfer "tftp ITLRecovery.p12" $SFTP_HOST "" wrong >"$T/out" 2>&1
same "a later failure does not bring it back" off "$(alarm)"

# --- what brings it back -----------------------------------------------------
new=New-Security-Word-42
printf '%s\n' "$LAB_SECURITY_PASSWORD" $new $new y |
    cli $pub set password user security >"$T/out" 2>&1
same "a new security password" 0 "$?"
same "brings it back" on "$(alarm)"
loud_day "so day 6"
save $SFTP_HOST >"$T/out" 2>&1
same "saving the new file stops it" off "$(alarm)"
silent_day "day 7 is silent"
$LAB hold $pub clear
cli $pub set cert regen ITLRecovery <<<yes >"$T/out" 2>&1
same "a new recovery certificate" 0 "$?"
same "brings it back, too" on "$(alarm)"
loud_day "so day 8"

# --- a reset with the saved key ----------------------------------------------
printf '%s\n' "$SFTP_PASSWORD" "$LAB_CCM_PASSWORD" |
    cli $pub utils itl reset remotekey $SFTP_HOST joemar2 $saved >"$T/out" 2>&1
same "a reset with the key saved before" 0 "$?"
same "clears it: that file opens the key in use" off "$(alarm)"
silent_day "day 9 is silent"
plan_end
