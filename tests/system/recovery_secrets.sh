#!/usr/bin/env bash
# Passwords typed into the commands about the recovery key are nowhere
# afterwards: not in logs, the history, the audit, the process list, on disk
# or in the memory of the live shell and the agent.
# takes 70 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
. tests/system/recovery.sh
word() { # a password that occurs nowhere else
	printf 'Aa1-%s' "$(tr -dc a-zA-Z0-9 </dev/urandom | head -c 36)"
}
SFTP_PASSWORD=$(word)
printf '%s\n' "admin = $(word)" "ccm = $(word)" "security = $(word)" \
    >"$T/passwords"
LAB_PASSWORDS=$T/passwords lab_start 2 new
sftp_server main 127.0.20.1:22 auth=kbdint
sftp_server plain 127.0.20.2:22 auth=password
sftp_known $pub "127.0.20.1 $SFTP_HOST" '127.0.20.2 plain.cisco.com'
saved=/home/joemar2/ITLRecovery.p12
security_new=$(word) admin_new=$(word)
cat >"$T/secrets" <<X
sftp $SFTP_PASSWORD
ccm $LAB_CCM_PASSWORD
security $LAB_SECURITY_PASSWORD
security-new $security_new
admin $LAB_ADMIN_PASSWORD
admin-new $admin_new
X
search() { # WHAT ARGUMENT…: in the publisher
	inside $pub python3 - "$1" "$T/secrets" "${@:2}" \
	    <tests/system/secret_search.py
}
# Sanitizers keep what was freed, and gigabytes of tables: their programs'
# memory is not that of the real ones, and is not searched.
sanitized() {
	case $BUILD_DIR in
	*asan*) return 0 ;;
	*) return 1 ;;
	esac
}
memory() { # PID…: what is found there, one line each
	search memory "$@" 2>&1
}
shell() { # the pid of the live shell
	inside $pub pgrep -n -x ucmsh </dev/null
}
agents() {
	inside $pub pgrep -x 'ucm-agent|ucm-certmon|ucm-tftpd|ucm-tvsd|runsv' </dev/null
}
search processes "$T/watched" >"$T/processes" 2>&1 &
watch=$!

# A password on its way: typed, looked for, then sent.
number=0
typed() { # NAME PASSWORD: steps; looked_for() is the other side of them
	number=$((number + 1))
	echo "$1" >"$T/typed.$number.name"
	printf '%s\n' "type $2" "mark $T/typed.$number" "until $T/go.$number" \
	    'send '
}
looked_for() {
	local i name _
	for i in $(seq $number); do
		name=$(cat "$T/typed.$i.name")
		for _ in $(seq 600); do
			[ -e "$T/typed.$i" ] && break
			sleep 0.1
		done
		if sanitized; then
			touch "$T/go.$i"
			continue
		fi
		# What was typed may still be on its way through the terminal.
		for _ in $(seq 50); do
			memory "$(shell)" >"$T/found"
			grep -q "^ucmsh [0-9]*: $name (tail, ascii)" "$T/found" && break
			sleep 0.1
		done
		has "$name is found as it is being typed" \
		    ": $name (tail, ascii)" "$T/found"
		touch "$T/go.$i"
	done
	for _ in $(seq 600); do
		[ -e "$T/done" ] && break
		sleep 0.1
	done
}
forget() { # NAME: in memory, after the commands
	! sanitized || return 0
	memory "$(shell)" >"$T/found"
	same "$1: the shell has forgotten all of them" "" "$(cat "$T/found")"
	# shellcheck disable=SC2046
	memory $(agents) >"$T/found"
	same "$1: and so have the agent and the services" "" "$(cat "$T/found")"
}

# --- on a terminal -----------------------------------------------------------
{
	printf '%s\n' prompt 'send file get tftp ITLRecovery.p12' \
	    'wait proceed [y/n]? ' 'send y' \
	    'wait SFTP server IP: ' "send $SFTP_HOST" \
	    'wait SFTP server port [22]: ' 'send ' \
	    'wait User ID: ' "send $SFTP_USER" 'wait Password: '
	typed sftp "$SFTP_PASSWORD"
	printf '%s\n' 'wait Download directory: ' 'send /home/joemar2/' \
	    'wait (yes/no)? ' 'send yes' 'wait Transfer completed.' prompt
} >"$T/steps"
{
	printf '%s\n' \
	    "send utils itl reset remotekey plain.cisco.com joemar2 $saved" \
	    'wait Enter Sftp password :'
	typed sftp "$SFTP_PASSWORD"
	printf '%s\n' 'wait (yes/no)? ' 'send yes' \
	    'wait Enter CCM Administrator password :'
	typed ccm "$LAB_CCM_PASSWORD"
	printf '%s\n' 'wait Cisco Tftp service restarted on host test10sub' prompt
} >>"$T/steps"
{
	printf '%s\n' 'send set password user security' 'wait old password: '
	typed security "$LAB_SECURITY_PASSWORD"
	printf '%s\n' 'wait new password: '
	typed security-new "$security_new"
	printf '%s\n' 'wait confirm: ' "send $security_new" \
	    'wait Continue (y/n)?' 'send y' prompt
} >>"$T/steps"
{
	printf '%s\n' 'send set password user admin' 'wait old password: '
	typed admin "$LAB_ADMIN_PASSWORD"
	printf '%s\n' 'wait new password: '
	typed admin-new "$admin_new"
	printf '%s\n' 'wait confirm: ' "send $admin_new" \
	    'wait Password updated successfully.' prompt
} >>"$T/steps"
cat >>"$T/steps" <<X
mark $T/done
until $T/over
type \020
pause 300
type \020
pause 300
type \020
pause 300
type \020
pause 300
type \003
prompt
send exit
end
X
mkdir -p "$(far plain /home/joemar2)"
session $pub "$T/steps" >"$T/session" 2>"$T/session.errors" &
job=$!
# The second command fetches what the first one saved.
(
	for _ in $(seq 600); do
		[ -s "$(far main $saved)" ] && break
		sleep 0.1
	done
	cp "$(far main $saved)" "$(far plain /home/joemar2/)"
	chmod 644 "$(far plain $saved)"
) &
looked_for
check "the four commands went through" test -e "$T/done"
forget "a terminal"
touch "$T/over"
wait $job
same "the session ended well" 0 "$?"
cat "$T/session.errors"
same "nothing of them was shown, nor came back in the history" "" "$(
	cut -d' ' -f2 "$T/secrets" | grep -oFf - "$T/session")"
has "the history did come back" "set password user admin" \
    <(sed -n '/^Password updated/,$p' "$T/session")

# --- commands on standard input ----------------------------------------------
mkfifo "$T/in"
tests/system/ssh_as "$(address $pub)" "$LAB_SSH_PORT" "$LAB_ADMIN_USER" \
    "$admin_new" <"$T/in" >"$T/out" 2>&1 &
job=$!
exec 7>"$T/in"
printf '%s\n' 'file get tftp ITLRecovery.p12' y $SFTP_HOST '' $SFTP_USER \
    "$SFTP_PASSWORD" /home/joemar2/ \
    "utils itl reset remotekey $SFTP_HOST joemar2 $saved" "$SFTP_PASSWORD" \
    "$LAB_CCM_PASSWORD" 'set password user security' "$security_new" \
    "$LAB_SECURITY_PASSWORD" "$LAB_SECURITY_PASSWORD" y \
    'set password user admin' "$admin_new" "$LAB_ADMIN_PASSWORD" \
    "$LAB_ADMIN_PASSWORD" 'show cli pagination' >&7
for _ in $(seq 600); do
	grep -q 'Automatic Pagination' "$T/out" && break
	sleep 0.1
done
has "the same from standard input" "Password updated successfully." "$T/out"
lacks "without a failure" "unsuccessfully" "$T/out"
forget "standard input"
echo exit >&7
exec 7>&-
wait $job

# --- the process list, and everything on disk --------------------------------
touch "$T/watched"
wait $watch
same "no command line and no environment held one" "" "$(cat "$T/processes")"
cut -d' ' -f2 "$T/secrets" >"$T/words"
# One file of the node is there to hold one of them.
found=$(inside $pub sh -c "grep -rlaFf '$T/words' $home /var/log /run /etc 2>/dev/null | grep -v '^/run/lab'")
same "no file has one, but the security password's own" \
    $home/certs/security_password "$found"
has "the audit has the commands" "set password user security" \
    <(inside $pub sh -c "cat $home/log/platform/log/cli*.log")
plan_end
