#!/usr/bin/env bash
# Every session printed in README.md and the how-to pages, replayed on a
# cluster as "make lab" makes it; replay_page.py says what may differ.
# takes 150 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
replay=tests/system/replay_page.py
home=/var/lib/ucmsh

# --- what the comparing is worth ---------------------------------------------
cat >"$T/page" <<'X'
```
$ printf 'sum 00112233445566778899aabbccddeeff\n'; date
sum ffeeddccbbaa99887766554433221100
…
```
```
$ printf 'sum 00112233445566778899aabbccddeeff\n'
sum aaaaddccbbaa99887766554433221100
```
```
$ echo one; echo two
one
```
```
$ echo one; echo two
two
```
```
$ echo one; echo two
one
two
three
```
X
same "every session of a page is found" "2 7 11 15 19" \
    "$($replay list "$T/page" | xargs)"
check "a checksum may be another one" $replay run "$T/page" 2 "$T/bond"
refuse "but not another one each time" $replay run "$T/page" 7 "$T/bond"
refuse "more than is printed is found, at the end" \
    $replay run "$T/page" 11 "$T/bond"
refuse "and at the beginning" $replay run "$T/page" 15 "$T/bond"
refuse "and less" $replay run "$T/page" 19 "$T/bond"

# --- a lab, and a server outside of it ---------------------------------------
security() { # NEW: change the security password
	local now
	now=$(inside test10pub cat $home/certs/security_password)
	[ "$now" = "$1" ] || printf '%s\n' "$now" "$1" "$1" y |
	    cli test10pub set password user security
}
# prepared: what every session may expect: the lab's own security password,
# the present recovery key on the server, and the passwords in a file on each
# host
prepared() {
	for node in $LAB_NODES; do
		inside "$node" sh -c 'umask 077; cat >/root/passwords' <<-X
			admin = $LAB_ADMIN_PASSWORD
			security = $LAB_SECURITY_PASSWORD
		X
	done
	# a publisher that is lost has nothing to prepare
	inside test10pub test -e $home/etc/finished || return 0
	security "$LAB_SECURITY_PASSWORD" || return 1
	inside test10pub cat $home/certs/ITLRecovery.p12 \
	    >"$(far main /home/joemar2/ITLRecovery.p12)"
	chown 2001 "$(far main /home/joemar2/ITLRecovery.p12)"
}
# afresh: every list is signed by CallManager again, no timer holds, the server
# is not known, and the recovery key, which is locked anew, not saved
afresh() {
	security 4-Another-Page && security "$LAB_SECURITY_PASSWORD" &&
	    inside test10pub rm -f $home/certs/sftp_known_hosts || return 1
	for node in $LAB_NODES; do
		cli "$node" utils service restart Cisco Tftp && $LAB hold "$node" clear ||
			return 1
	done
}

lab_start 3
set -a
eval "$($LAB env)"
set +a
ip addr add 192.0.2.10/32 dev lo
sftp_server main 192.0.2.10:22
for node in $LAB_NODES; do
	sftp_known "$node" "192.0.2.10 $SFTP_HOST"
done
export SFTP_PASSWORD

# --- where "make lab" ends ---------------------------------------------------
cat >"$T/console" <<'X'
set timeout 60
proc comes {text} {
	expect {
		-ex $text { }
		timeout { puts "no $text"; exit 1 }
		eof { puts "the end before $text"; exit 1 }
	}
}
spawn -noecho sh -c {tools/lab console test10pub; echo ended with $?}
comes "RAM\r\n\r\nadmin:"
send "show\003"
comes "\r\nadmin:"
send "utils itl reset localkey\r"
comes "password :"
send "\003"
comes "\r\nControl-C pressed\r\nadmin:"
send "exit\r"
comes "ended with 0"
X
check "the console takes Ctrl-C for itself" expect "$T/console"

# --- the pages ---------------------------------------------------------------
for page in README.md doc/howto-*.md; do
	rm -f "$T/bond"
	lines=$($replay list "$page")
	check "$page prints sessions" test -n "$lines"
	for line in $lines; do
		prepared >"$T/prepared" 2>&1 || sed 's/^/# /' "$T/prepared"
		check "$page: the session at line $line goes as printed" \
		    "$replay" run "$page" "$line" "$T/bond"
	done
	check "the cluster is brought back after $page" afresh
done
plan_end
