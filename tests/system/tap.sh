# Shared by the system tests, which source it: TAP lines, and a lab of its
# own for a group of tests.
#
#   own_network "$0" "$@"   go on in a new network namespace (loopback only)
#   lab_start 3 [new]       a lab of three nodes, taken down at exit; not new
#                           it may be of a cluster that tools/run-tests keeps
#   check NAME COMMAND…     ok when COMMAND succeeds; else its output is shown
#   refuse NAME COMMAND…    ok when COMMAND fails
#   same NAME A B           ok when the two texts are equal
#   has NAME TEXT FILE      ok when FILE holds TEXT
#   cli NODE COMMAND…       one command in the shell of NODE
#   inside NODE COMMAND…    one command in NODE, as root
#   tap_at_end FUNCTION     called at exit, before the lab is taken down
#   plan_end                the last line; exit status of the group

TAP_N=0
TAP_BAD=0
T=$(mktemp -d /tmp/ucmsh-system.XXXXXX)
BUILD_DIR=${BUILD_DIR:-build}
export BUILD_DIR
LAB=tools/lab
LAB_UP=
TAP_AT_END=

tap_at_end() {
	TAP_AT_END="$TAP_AT_END $1"
}

tap_end() {
	status=$?
	trap - EXIT INT TERM
	for at_end in $TAP_AT_END; do
		$at_end
	done
	if [ -n "$LAB_UP" ]; then
		if [ "$TAP_BAD" -gt 0 ] && [ -n "${KEEP_LOGS:-}" ]; then
			cp -a "$LAB_DIR" "$KEEP_LOGS" || :
		fi
		$LAB down >"$T/down" 2>&1 || { cat "$T/down"; status=1; }
	fi
	rm -rf "$T"
	exit $status
}
trap tap_end EXIT
trap 'exit 1' INT TERM

own_network() {
	if [ "${SYSTEM_TEST_NETWORK:-}" != own ]; then
		rm -rf "$T"
		trap - EXIT
		SYSTEM_TEST_NETWORK=own exec unshare -n -- "$@"
	fi
	ip link set lo up
}

# lab_kept N: a cluster of N nodes for all groups of a run, made by whichever
# comes first.  No process of the lab holds the lock.
lab_kept() {
	(
		flock 9
		[ -d "$LAB_KEPT/$1" ] ||
			{ $LAB up "$1" && $LAB keep "$LAB_KEPT/$1"; } 9>&-
	) 9>"$LAB_KEPT/$1.lock"
}

# lab_up N [new]
lab_up() {
	if [ -n "${LAB_KEPT:-}" ] && [ $# = 1 ]; then
		lab_kept "$1" && LAB_FROM=$LAB_KEPT/$1 $LAB up "$1"
	else
		$LAB up "$1"
	fi
}

lab_start() {
	LAB_DIR=$(mktemp -d /var/tmp/ucmsh-lab.XXXXXX)
	export LAB_DIR
	LAB_UP=yes
	if ! lab_up "$@" </dev/null >"$T/up" 2>&1; then
		sed 's/^/# /' "$T/up"
		not_ok "the lab of $1 nodes starts"
		exit 1
	fi
	ok "the lab of $1 nodes starts"
	eval "$($LAB env)"
}

ok() {
	TAP_N=$((TAP_N + 1))
	echo "ok $TAP_N - $1"
}

not_ok() {
	TAP_N=$((TAP_N + 1))
	TAP_BAD=$((TAP_BAD + 1))
	echo "not ok $TAP_N - $1"
}

check() {
	name=$1
	shift
	if "$@" >"$T/out" 2>&1 </dev/null; then
		ok "$name"
	else
		echo "# status $?: $*"
		head -c 6000 "$T/out" | sed 's/^/# /'
		not_ok "$name"
	fi
}

refuse() {
	name=$1
	shift
	if "$@" >"$T/out" 2>&1 </dev/null; then
		head -c 6000 "$T/out" | sed 's/^/# /'
		not_ok "$name"
	else
		ok "$name"
	fi
}

same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		printf '%s\n' "--- one" "$2" "--- other" "$3" | sed 's/^/# /'
		not_ok "$1"
	fi
}

has() {
	if grep -qF -- "$2" "$3"; then
		ok "$1"
	else
		echo "# not found: $2"
		head -c 6000 "$3" | sed 's/^/# /'
		not_ok "$1"
	fi
}

lacks() {
	if grep -qF -- "$2" "$3"; then
		echo "# found: $2"
		head -c 6000 "$3" | sed 's/^/# /'
		not_ok "$1"
	else
		ok "$1"
	fi
}

cli() {
	$LAB ssh "$@"
}

inside() {
	$LAB exec "$@"
}

# until_true COMMAND…: wait until it succeeds.  How long that takes is up to
# the machine; a command that has still failed after 3 minutes will not succeed.
until_true() {
	local deadline=$((SECONDS + 180))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.2
	done
}

agent_up() { # NODE: wait until the agent answers
	until_true inside "$1" setpriv --reuid="$LAB_ADMIN_USER" \
	    --regid=ucmadm --init-groups --inh-caps=-all /usr/bin/ucmsh \
	    -c "utils service list" </dev/null
}

# served_key NODE: wait until sshd shows the host key that is on disk
served_key() {
	until_true shows_key "$1" "$(inside "$1" ssh-keygen -y \
	    -f /var/lib/ucmsh/ssh/ssh_host_ecdsa_key </dev/null |
	    cut -d' ' -f1,2)"
}

shows_key() { # NODE KEY
	[ "$(ssh-keyscan -t ecdsa -p "$LAB_SSH_PORT" "$(address "$1")" \
	    2>/dev/null | cut -d' ' -f2,3)" = "$2" ]
}

address() {
	eval "echo \$LAB_ADDRESS_$1"
}

# session NODE STEPS: a conversation, its text without CR on standard output
session() {
	SESSION_PASSWORD=$LAB_ADMIN_PASSWORD \
	SESSION_SECRET=${SESSION_SECRET-$LAB_CCM_PASSWORD} \
	    tests/expect/session.exp "$(address "$1")" "$LAB_SSH_PORT" \
	    "$LAB_ADMIN_USER" "$2" | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# tftp_get NODE NAME FILE: with an ordinary client
tftp_get() {
	tests/system/tftp_fetch "$(address "$1")" "$2" "$3"
}

# The signer's subject and the SHA-1 as the shell of NODE tells them
signer() {
	cli "$1" show itl </dev/null | sed -n 's/^4	SIGNERNAME	[0-9]*	//p'
}

checksum() {
	cli "$1" show itl </dev/null | sed -n 's/(SHA1)$//p'
}

# What sanitized services said before they died went to their logs.
no_reports() {
	! grep -rahE -A 30 'ERROR: [A-Za-z]*Sanitizer|runtime error:|^BUG: ' \
	    "$LAB_DIR"/nodes/*/var/log
}

plan_end() {
	[ -z "$LAB_UP" ] || check "no service ended by a bug" no_reports
	echo "1..$TAP_N"
	[ "$TAP_BAD" -eq 0 ]
}
