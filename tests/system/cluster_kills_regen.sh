#!/usr/bin/env bash
# The agent killed at random moments of regenerations, of each unit in turn;
# a reset afterwards works on all nodes.
# takes 90 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/kills.sh
lab_start 3
units=(CallManager TVS CAPF tomcat ipsec ITLRecovery)

regen() { # NUMBER
	$LAB hold "$pub" clear >"$T/hold" 2>&1
	echo yes | cli "$pub" set cert regen "${units[$1 % 6]}"
}
survives regen
reset >"$T/out" 2>&1
same "the next reset works" 0 "$?"
same "and all nodes agree" 1 "$(sums | cut -d' ' -f1 | sort -u | grep -c .)"
plan_end
