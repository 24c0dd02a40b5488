# shellcheck shell=bash disable=SC2034
# The agent killed at random moments of what a group does again and again.
# Sourced after tap.sh.
#
#   survives JOB       run the function JOB 25 times, with the number of the
#                      run, and kill the publisher's agent meanwhile: after
#                      each kill every ITL must be whole and verify, every key
#                      must pair with its certificate, and files and database
#                      must agree.  Under sanitizers a few kills have to do.
#   reset              utils itl reset localkey
#   sums               checksum of each node's ITL

pub=test10pub
home=/var/lib/ucmsh
case $BUILD_DIR in
*asan*) kills=8 ;;
*) kills=25 ;;
esac

reset() {
	cli "$pub" utils itl reset localkey <<<"$LAB_CCM_PASSWORD"
}
sums() {
	for n in $LAB_NODES; do
		inside "$n" sha1sum $home/tftp/ITLFile.tlv
	done
}
consistent() {
	local n serial
	cli "$pub" run sql "select serialnumber from certificate" </dev/null |
	    tr A-F a-f >"$T/known" || return 1
	for n in $LAB_NODES; do
		inside "$n" cat $home/tftp/ITLFile.tlv >"$T/itl" &&
			"$BUILD_DIR/ucm-trust" verify "$T/itl" || return 1
		inside "$n" python3 - <tests/system/node_consistent.py \
		    >"$T/serials" || return 1
		while read -r serial; do
			grep -q "^$serial" "$T/known" || {
				echo "$n: the database does not know $serial"
				return 1
			}
		done <"$T/serials"
	done
}
# The agent repairs right after its start, as soon as the database is there.
becomes_consistent() {
	for _ in $(seq 60); do
		consistent >"$T/state" 2>&1 && return 0
		sleep 0.3
	done
	return 1
}
survives() {
	local i job bad=0
	for i in $(seq $kills); do
		"$1" "$i" >"$T/job" 2>&1 &
		job=$!
		sleep "$(awk "BEGIN { srand($RANDOM); print rand() * 1.5 }")"
		inside "$pub" pkill -KILL -x ucm-agent
		wait "$job"
		agent_up "$pub" || {
			echo "# $i: the agent does not come back"
			bad=$i
			break
		}
		becomes_consistent || {
			sed "s/^/# kill $i: /" "$T/state"
			bad=$i
			break
		}
	done
	same "after each of $kills kills files, keys and database are whole" \
	    0 "$bad"
}
