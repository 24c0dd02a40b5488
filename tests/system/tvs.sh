#!/usr/bin/env bash
# Cisco Trust Verification Service on a real cluster: what it answers to
# phones, with which TLS, and when it runs.
# takes 45 s
# shellcheck disable=SC2016
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
lab_start 2
pub=test10pub sub=test10sub
home=/var/lib/ucmsh
tvs='Cisco Trust Verification Service'
ccm='Cisco CallManager'

pem() { # NODE UNIT FILE: the certificate of a unit, without its key
	inside "$1" openssl x509 -in "$home/certs/$2.pem" >"$3" </dev/null
}
# ask NODE verify|query|raw PEM-or-HEX [OPTIONS…]: the answer, element by
# element; the server's certificate is that of $T/NODE.TVS
ask() {
	local node=$1 what=$2 file=$3
	shift 3
	python3 tests/system/tvs_client.py "$@" "$(address "$node")" 2445 \
	    "$T/$node.TVS" "$what" "$file" </dev/null
}
# answers NAME NODE WHAT FILE LINES: exactly these lines
answers() {
	ask "$2" "$3" "$4" >"$T/answer" 2>&1
	same "$1" "$5" "$(grep -v '^hex' "$T/answer")"
}
# The same within the second in which TVS looks at the database, and some.
soon() { # NAME NODE WHAT FILE LINES
	local _
	for _ in $(seq 100); do
		ask "$2" "$3" "$4" >"$T/answer" 2>&1
		[ "$(grep -v '^hex' "$T/answer")" != "$5" ] || break
		sleep 0.2
	done
	same "$1" "$5" "$(grep -v '^hex' "$T/answer")"
}
list() { # NODE: states of the services
	cli "$1" utils service list </dev/null >"$T/list" 2>&1
}
counter() { # NODE KEY
	inside "$1" sed -n "s/^$2 //p" "$home/run/tvsd.statistics" </dev/null
}
await() { # NODE KEY NUMBER: until the counter has at least that value
	local _
	for _ in $(seq 100); do
		[ "$(counter "$1" "$2")" -lt "$3" ] || return 0
		sleep 0.2
	done
	return 1
}
handshake() { # NODE OPTIONS…: what openssl says
	local node=$1
	shift
	openssl s_client -connect "$(address "$node"):2445" "$@" \
	    </dev/null >"$T/tls" 2>&1
}
regen() { # NODE UNIT
	$LAB hold "$1" clear >"$T/hold" 2>&1
	echo yes | cli "$1" set cert regen "$2"
}
pid() { # NODE
	inside "$1" pgrep -x ucm-tvsd </dev/null
}

for node in $pub $sub; do
	pem "$node" TVS "$T/$node.TVS"
	pem "$node" CallManager "$T/$node.CallManager"
	pem "$node" tomcat "$T/$node.tomcat"
done
openssl req -new -newkey rsa:2048 -nodes -keyout "$T/key" -subj /CN=x \
    -out "$T/csr" 2>"$T/err"
openssl x509 -req -in "$T/csr" -signkey "$T/key" -days -1 \
    -out "$T/unknown" 2>"$T/err"

# --- TLS ------------------------------------------------------------------------
for node in $pub $sub; do
	list "$node"
	has "$node: $tvs runs" "${tvs}[STARTED]" "$T/list"
	has "$node: $ccm has no program" \
	    "${ccm}[STOPPED]  Component is not running" "$T/list"
done
for version in 1.2 1.3; do
	check "openssl talks TLS $version" handshake $pub "-tls${version/./_}"
	has "and gets it" "New, TLSv$version" "$T/tls"
	openssl x509 -in "$T/tls" >"$T/shown" 2>&1
	check "with the certificate of the unit TVS" \
	    cmp "$T/shown" "$T/$pub.TVS"
	lacks "and is not asked for its own" "Acceptable client certificate" \
	    "$T/tls"
done
old=(-tls1 -cipher 'AES256-SHA:@SECLEVEL=0')
refuse "TLS 1.0 is refused" handshake $pub "${old[@]}"
has "with the alert that says so" "alert protocol version" "$T/tls"

# --- answers --------------------------------------------------------------------
verified='command 2
status 0
roles 0 2
ttl 86400
order 7 8 9'
found='command 4
status 0
certificate same
roles 0 2
ttl 86400
order 7 2 8 9'
unknown='command 2
status 1
order 7'
missing='command 4
status 1
order 7'
for node in $pub $sub; do
	for of in $pub $sub; do
		answers "$node verifies CallManager of $of" "$node" verify \
		    "$T/$of.CallManager" "$verified"
		answers "$node has CallManager of $of" "$node" query \
		    "$T/$of.CallManager" "$found"
	done
	answers "$node does not know a stranger's" "$node" verify "$T/unknown" \
	    "$unknown"
	same "byte for byte as published" \
	    "hex 57010200000003e9000407000101" "$(grep '^hex' "$T/answer")"
	answers "and has none" "$node" query "$T/unknown" "$missing"
done
ask $sub verify "$T/$pub.CallManager" --tls 1.3 --device CP-8821-EX-SEP001122334455 \
    >"$T/answer" 2>&1
same "a phone of any model, TLS 1.3" \
    "hex 57010200000003e9001007000100080002000209000400015180" \
    "$(grep '^hex' "$T/answer")"
ask $sub verify "$T/$sub.tomcat" >"$T/answer" 2>&1
has "tomcat has the role of an application server" "roles 7" "$T/answer"
same "what is no request has no answer" closed "$(ask $sub raw 5701050000)"
same "nor has a query without serial number" closed \
    "$(ask $sub raw 5701030000000001000504000261 | head -1)"

# --- changes count without a restart ----------------------------------------------
before=$(pid $pub)
check "CallManager is regenerated" regen $pub CallManager
cp "$T/$pub.CallManager" "$T/old"
pem $pub CallManager "$T/$pub.CallManager"
for node in $pub $sub; do
	soon "$node has the new CallManager" "$node" query "$T/$pub.CallManager" \
	    "$found"
	soon "$node verifies it" "$node" verify "$T/$pub.CallManager" "$verified"
	soon "$node does not know the old one" "$node" verify "$T/old" "$unknown"
done
same "by the same process" "$before" "$(pid $pub)"
# Nobody's own, so that no agent brings it back.
sql() {
	inside $pub setpriv --reuid=postgres --regid=postgres --clear-groups \
	    /usr/lib/postgresql/15/bin/psql -X -q -h $home/db/run -U dbadmin \
	    ucm -c "$1" </dev/null
}
check "a foreign certificate is trusted" sql "with c as (insert into certificate
    (subjectname, issuername, serialnumber, certificate, sha256, notbefore,
    notafter, selfsigned, timetolive) values ('CN=x', 'CN=x', '01',
    '$(cat "$T/unknown")', 'x', 0, 1, true, 600) returning pkid)
    insert into certificateservicecertificatemap (fkcertificate,
    tkcertificateservice) select pkid, 14 from c"
for node in $pub $sub; do
	soon "$node knows it, though it has expired" "$node" query "$T/unknown" \
	    'command 4
status 0
certificate same
roles
ttl 600
order 7 2 8 9'
done
check "it is removed" cli $pub run sql \
    "delete from certificate where subjectname = 'CN=x'"
for node in $pub $sub; do
	soon "$node does not trust it any more" "$node" query "$T/unknown" \
	    "$missing"
done

# --- the database goes away, the service is killed --------------------------------
check "the database of $sub stops" cli $sub utils service stop A Cisco DB
check "which TVS notices" await $sub database_failures 2
answers "what was known still is" $sub query "$T/$pub.CallManager" "$found"
check "the database is back" cli $sub utils service start A Cisco DB
inside $sub pkill -KILL -x ucm-tvsd </dev/null
for _ in $(seq 100); do
	list $sub
	! grep -qF "${tvs}[STARTED]" "$T/list" || break
	sleep 0.2
done
has "after a SIGKILL it is back" "${tvs}[STARTED]" "$T/list"
answers "and answers" $sub query "$T/$pub.CallManager" "$found"

# --- services -------------------------------------------------------------------
check "$tvs is stopped" cli $sub utils service stop "$tvs"
has "with the dialogue" "${tvs}[STOPPED]" "$T/out"
list $sub
has "which the list says" "${tvs}[STOPPED]  Commanded Out of Service" "$T/list"
refuse "nobody can connect" handshake $sub -tls1_2
cli $sub show tvs statistics </dev/null >"$T/out" 2>&1
has "there are no statistics" "$tvs is not running" "$T/out"
check "it is started" cli $sub utils service start "$tvs"
has "and listens then" "${tvs}[STARTED]" "$T/out"
check "at once" handshake $sub -tls1_2
check "$ccm is deactivated" cli $sub utils service deactivate "$ccm"
list $sub
has "so it is" "${ccm}[STOPPED]  Service Not Activated" "$T/list"
has "and $tvs with it" "${tvs}[STOPPED]  Service Not Activated" "$T/list"
refuse "nobody can connect" handshake $sub -tls1_2
refuse "it cannot be started alone" cli $sub utils service start "$tvs"
has "but with $ccm" "utils service activate $ccm" "$T/out"
refuse "nor activated alone" cli $sub utils service activate "$tvs"
list $pub
has "another node has its own" "${tvs}[STARTED]" "$T/list"
check "the node is restarted" inside $sub sh -c \
    'ucm-node stop && ucm-node start'
list $sub
has "and keeps to it" "${tvs}[STOPPED]  Service Not Activated" "$T/list"
check "$ccm is activated" cli $sub utils service activate "$ccm"
has "which starts $tvs" "${tvs}[STARTED]" "$T/out"
check "and phones can connect" handshake $sub -tls1_2
refuse "$ccm is nothing to start" cli $sub utils service start "$ccm"

# --- its own certificate --------------------------------------------------------
check "TVS is regenerated" regen $sub TVS
ask $sub query "$T/$pub.CallManager" >"$T/answer" 2>&1
has "the old one is shown" "certificate same" "$T/answer"
check "until $tvs is restarted" cli $sub utils service restart "$tvs"
pem $sub TVS "$T/$sub.TVS"
answers "then the new one is" $sub query "$T/$pub.CallManager" "$found"

# --- old phones -------------------------------------------------------------------
inside $sub sed -i 's/^tvs_min_tls = .*/tvs_min_tls = 1.0/' \
    $home/etc/node.conf </dev/null
check "with tvs_min_tls = 1.0" cli $sub utils service restart "$tvs"
check "TLS 1.0 is served" handshake $sub "${old[@]}"
has "as phones of the 7900 series speak it" "AES256-SHA" "$T/tls"
ask $sub verify "$T/$pub.CallManager" --tls 1.0 >"$T/answer" 2>&1
has "and answered" "status 0" "$T/answer"
check "and so is TLS 1.3" handshake $sub -tls1_3

# --- what is told -----------------------------------------------------------------
check "TLS 1.0 is counted" await $sub handshakes_tls_1.0 2
check "what was verified is counted" await $sub verify_valid 1
check "show tvs statistics" cli $sub show tvs statistics
cli $sub file view activelog cm/trace/tvs/sdi/tvs00000001.txt \
    </dev/null >"$T/trace" 2>&1
for line in 'tvsSSLHandShake Session ciphers - AES256-SHA' \
    'TLS HS Done for ph_conn .' 'MsgType : TVS_MSG_CERT_VERIFICATION_REQ' \
    'MsgType : TVS_MSG_CERT_VERIFICATION_RES' \
    'MsgType : TVS_MSG_QUERY_CERT_REQ' 'MsgType : TVS_MSG_QUERY_CERT_RES' \
    'getCertificateInformation - Certificate found and equal' \
    'getCertificateInformation - Certificate not found' \
    'from CP-8821-EX-SEP001122334455' 'not understood: header: command 5'; do
	has "the trace: $line" "$line" "$T/trace"
done
check "the level of the trace is set" cli $pub run sql \
    "update processconfig set paramvalue = 'Off' where paramname = 'TVS Trace Level'"
read=$(counter $sub certificates_read)
check "it counts on every node" await $sub certificates_read $((read + 1))
size() {
	inside $sub sh -c "cat $home/log/cm/trace/tvs/sdi/* | wc -c" </dev/null
}
before=$(size)
answers "without a trace" $sub query "$T/$pub.CallManager" "$found"
sleep 1
same "nothing is written" "$before" "$(size)"

# --- rights ---------------------------------------------------------------------
inside $sub sh -c 'p=$(pgrep -x ucm-tvsd)
	ps -o user= -p "$p"; grep -E "^(CapEff|CapPrm|NoNewPrivs)" \
	    "/proc/$p/status"' </dev/null >"$T/rights"
has "it runs as ucm" "ucm" "$T/rights"
has "with no capability" "CapPrm:	0000000000000000" "$T/rights"
has "and gets none" "NoNewPrivs:	1" "$T/rights"
plan_end
