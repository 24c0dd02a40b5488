#!/usr/bin/env bash
# The agent killed at 50 random moments of resets and regenerations.  After
# each kill every ITL is whole and verifies, every key pairs with its
# certificate, and files and database agree; the next run repairs the rest.
# takes minutes
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 3
pub=test10pub
units="CallManager TVS CAPF tomcat ipsec ITLRecovery"
printf '%s\n' "$LAB_CCM_PASSWORD" >"$T/password"

reset() {
	cli "$pub" utils itl reset localkey <"$T/password"
}
sums() {
	for n in $LAB_NODES; do
		inside "$n" sha1sum /var/lib/ucmsh/tftp/ITLFile.tlv
	done
}
consistent() {
	local n serial
	cli "$pub" run sql "select serialnumber from certificate" </dev/null |
	    tr A-F a-f >"$T/known" || return 1
	for n in $LAB_NODES; do
		inside "$n" "$PWD/tests/system/node_consistent.sh" \
		    "$PWD/$BUILD_DIR/ucm-trust" >"$T/serials" || return 1
		while read -r serial; do
			grep -q "^$serial" "$T/known" || {
				echo "$n: the database does not know $serial"
				return 1
			}
		done <"$T/serials"
	done
}
moment() { # a random time of up to 1.5 s
	sleep "$(awk "BEGIN { srand($RANDOM); print rand() * 1.5 }")"
}
bad=0
for i in $(seq 50); do
	if [ $((i % 2)) -eq 0 ]; then
		reset >"$T/job" 2>&1 &
	else
		$LAB hold "$pub" clear >/dev/null
		unit=$(echo $units | cut -d' ' -f$((i / 2 % 6 + 1)))
		echo yes | cli "$pub" set cert regen "$unit" >"$T/job" 2>&1 &
	fi
	job=$!
	moment
	inside "$pub" pkill -KILL -x ucm-agent
	wait "$job"
	agent_up "$pub" || { echo "# $i: the agent does not come back"; bad=$i; break; }
	# the agent repairs right after its start, as soon as the database is there
	whole=
	for _ in $(seq 30); do
		consistent >"$T/state" 2>&1 && whole=yes && break
		sleep 0.2
	done
	if [ -z "$whole" ]; then
		sed "s/^/# kill $i: /" "$T/state"
		bad=$i
		break
	fi
done
same "after each of 50 kills files, keys and database are whole" 0 "$bad"
reset >"$T/out" 2>&1
same "the next run repairs the rest" 0 "$?"
same "and all nodes agree" 1 "$(sums | cut -d' ' -f1 | sort -u | grep -c .)"
plan_end
