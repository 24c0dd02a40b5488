# shellcheck shell=bash disable=SC2034
# What the groups about the recovery key share.  Sourced after tap.sh and
# sftp_servers.sh.
#
#   save HOST [DIRECTORY]        file get tftp ITLRecovery.p12, without terminal
#   transfer SPEC HOST [PORT [PASSWORD [DIRECTORY [ANSWER]]]]   any file get
#   fails NAME WHY SECONDS COMMAND…
#                                ok when COMMAND exits with 1 within SECONDS,
#                                says nothing after its questions but one line
#                                that matches WHY, perhaps one of advice, and
#                                the trailer, and changes nothing: "state"
#                                prints what may not change, STATE is what it
#                                printed before
#   p12_sum [FILE]               SHA-256 of the publisher's p12, or of FILE
#   alarm                        what show cert alarm says of the key: on or off

pub=test10pub sub=test10sub sub2=test10sub2
home=/var/lib/ucmsh
p12=$home/certs/ITLRecovery.p12

transfer() {
	local spec=$1 host=$2 port=${3:-} password=${4:-$SFTP_PASSWORD}
	local directory=${5:-/home/$SFTP_USER/} answer=${6:-yes}
	# shellcheck disable=SC2086
	printf '%s\n' y "$host" "$port" "$SFTP_USER" "$password" "$directory" \
	    "$answer" | cli "$pub" file get $spec
}

save() {
	transfer "tftp ITLRecovery.p12" "$1" "" "" "${2:-}"
}

# What stands behind the last question in a file.
told() {
	tr -d '\r' <"$1" | awk '{
		if (match($0, /.*(Download directory: |\(yes\/no\)\? |\[y\/n\]\? |\(y\/n\)\?|assword ?: ?|confirm: |port \[22\]: |^Please wait.*\.\.\.(done\.)?)/)) {
			n = 0
			$0 = substr($0, RLENGTH + 1)
		}
		if ($0 != "")
			line[n++] = $0
	}
	END {
		for (i = 0; i < n; i++)
			print line[i]
	}'
}

one_line() { # FILE: one line, perhaps one of advice, and the trailer
	case $(wc -l <"$1") in
	2 | 3) [ "$(tail -n 1 "$1")" = "Executed command unsuccessfully" ] ;;
	*) return 1 ;;
	esac
}

fails() {
	local name=$1 why=$2 limit=$3 from status problem='' said
	shift 3
	from=$(date +%s)
	"$@" >"$T/fails" 2>&1
	status=$?
	[ $(($(date +%s) - from)) -le "$limit" ] ||
		problem="it took $(($(date +%s) - from)) seconds"
	[ "$status" = 1 ] || problem="status $status"
	told "$T/fails" >"$T/told"
	said=$(head -n 1 "$T/told")
	one_line "$T/told" || problem="not one line and the trailer"
	grep -Eqi -- "$why" <<<"$said" || problem="the line is no \"$why\""
	[ -z "${STATE-}" ] || [ "$STATE" = "$(state)" ] ||
		problem="something was changed"
	if [ -z "$problem" ]; then
		ok "$name: $said"
	else
		echo "# $problem"
		[ -z "${STATE-}" ] || state | diff <(echo "$STATE") - | sed 's/^/# /'
		sed 's/^/# /' "$T/fails"
		not_ok "$name"
	fi
}

p12_sum() {
	if [ $# -gt 0 ]; then
		sha256sum <"$1"
	else
		inside "$pub" sha256sum <<<'' "$p12"
	fi | cut -d' ' -f1
}

alarm() {
	if cli "$pub" show cert alarm </dev/null | grep -q ITLRecoveryCertBackup
	then
		echo on
	else
		echo off
	fi
}
