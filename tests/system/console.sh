#!/usr/bin/env bash
# The shell on a terminal, with expect; no lab is needed for it.
set -u
cd "$(dirname "$0")/../.." || exit 1
exec tests/expect/console.exp
