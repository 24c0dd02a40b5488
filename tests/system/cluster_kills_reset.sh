#!/usr/bin/env bash
# The agent killed at random moments of resets; the next reset repairs the rest.
# takes 70 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/kills.sh
lab_start 3

survives reset
reset >"$T/out" 2>&1
same "the next reset repairs the rest" 0 "$?"
same "and all nodes agree" 1 "$(sums | cut -d' ' -f1 | sort -u | grep -c .)"
plan_end
