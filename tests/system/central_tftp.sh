#!/usr/bin/env bash
# Centralized TFTP: two clusters, a and b, whose phones all ask a.
# takes 55 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"

home=/var/lib/ucmsh
pub=test10pub
other=otherpub
at_a=127.0.10.1
at_b=127.0.30.1
phone_a=0011AABBCC0A
phone_b=0011AABBCC0B
parameter="Alternate Cisco File Servers"

# Cluster b is a lab of its own, on addresses of its own.
B_DIR=$(mktemp -d /var/tmp/ucmsh-lab.XXXXXX)
b() {
	LAB_DIR=$B_DIR $LAB "$@"
}
b_end() {
	b down >"$T/b.down" 2>&1 || cat "$T/b.down"
}
tap_at_end b_end
LAB_NODE=other LAB_NET=127.0.30 b up 1 </dev/null >"$T/b.up" 2>&1 &
lab_start 1
wait $!
same "and one of another cluster" 0 "$?"

remotes() { # a|b VALUE: the list of a cluster
	if [ "$1" = a ]; then
		cli $pub "set enterprise parameter $parameter $2" </dev/null
	else
		b ssh $other "set enterprise parameter $parameter $2" </dev/null
	fi
}
statistic() { # a|b KEY
	if [ "$1" = a ]; then
		inside $pub cat $home/run/tftpd.statistics
	else
		b exec $other cat $home/run/tftpd.statistics
	fi | sed -n "s/^$2 //p"
}
statistic_is() {
	[ "$(statistic "$1" "$2")" = "$3" ]
}
settled() { # a|b KEY: its value, which is a second late, when it stands still
	local before now
	now=$(statistic "$1" "$2")
	for _ in $(seq 20); do
		before=$now
		sleep 2.5
		now=$(statistic "$1" "$2")
		[ "$before" != "$now" ] || break
	done
	echo "$now"
}
# get ADDRESS NAME FILE: by HTTP; prints the status
get() {
	rm -f "$3"
	curl -sS -m 20 -o "$3" -w '%{http_code}' "http://$1:6970/$2" 2>&1
}
found_at() { # ADDRESS NAME
	[ "$(get "$1" "$2" "$T/found")" = 200 ]
}
# milliseconds that a miss of NAME takes at cluster a, by TFTP
miss_ms() {
	local begin=${EPOCHREALTIME/./} end
	tests/system/tftp_fetch $at_a "$1" "$T/miss" && return 1
	grep -q 'File not found' "$T/miss.log" || return 1
	end=${EPOCHREALTIME/./}
	echo $(((end - begin) / 1000))
}
# A phone waits a second at most; the rest is for a machine that is busy.
waits() { # NAME PHONE
	local ms
	ms=$(miss_ms "SEP0011AABBCC$2.cnf.xml")
	echo "# $1: ${ms:-no answer} ms"
	check "$1" test "${ms:-99999}" -le 3000
}
at_once() { # NAME PHONE…: one of them, before that second is over
	local ms what=$1
	shift
	for phone in "$@"; do
		ms=$(miss_ms "SEP0011AABBCC$phone.cnf.xml")
		echo "# $what: ${ms:-no answer} ms"
		[ "${ms:-99999}" -gt 800 ] || break
	done
	check "$what" test "${ms:-99999}" -le 800
}
identical() { # NAME FILE FILE
	check "$1" cmp "$2" "$3"
}

# --- the files of cluster b, from cluster a -------------------------------------
check "a phone of cluster a" inside $pub ucm-node phone add SEP$phone_a
check "a phone of cluster b" b exec $other ucm-node phone add SEP$phone_b
head -c 200000 /dev/urandom >"$T/firmware"
b exec $other sh -c "cat >$home/tftp/sip88xx.b.loads" <"$T/firmware"
for file in one two; do
	b exec $other cp $home/tftp/sip88xx.b.loads "$home/tftp/$file.raw"
done
check "its files are there" until_true found_at $at_b SEP$phone_b.cnf.xml.sgn
refuse "cluster a has none of them" found_at $at_a SEP$phone_b.cnf.xml.sgn
check "cluster a is told about cluster b" remotes a $at_b
check "and knows" until_true statistic_is a remote_clusters_now 1
for file in ITLSEP$phone_b.tlv SEP$phone_b.cnf.xml SEP$phone_b.cnf.xml.sgn \
    sip88xx.b.loads sip88xx.b.loads.sgn; do
	until_true found_at $at_b "$file"
	get $at_b "$file" "$T/b.file" >/dev/null
	check "$file by TFTP from cluster a" tests/system/tftp_fetch $at_a \
	    "$file" "$T/a.tftp"
	identical "is that of cluster b" "$T/b.file" "$T/a.tftp"
	same "and by HTTP" 200 "$(get $at_a "$file" "$T/a.http")"
	identical "too" "$T/b.file" "$T/a.http"
done
same "in any case, with a slash" 200 "$(get $at_a /itlsep0011aabbcc0b.TLV "$T/a.http")"
get $at_b ITLSEP$phone_b.tlv "$T/b.itl" >/dev/null
identical "too" "$T/b.itl" "$T/a.http"
check "it verifies" "$BUILD_DIR/ucm-trust" verify "$T/b.itl"

# --- what is cluster a's own ------------------------------------------------------
same "ITLFile.tlv" 200 "$(get $at_a ITLFile.tlv "$T/a.itl")"
inside $pub cat $home/tftp/ITLFile.tlv >"$T/a.disk"
identical "is cluster a's own" "$T/a.disk" "$T/a.itl"
refuse "and not cluster b's" cmp "$T/b.itl" "$T/a.itl"
get $at_a ITLSEP$phone_a.tlv "$T/a.phone" >/dev/null
identical "cluster a's phone has it" "$T/a.itl" "$T/a.phone"
before=$(settled b http_requests)
for file in CTLFile.tlv SIPDefault.cnf CTLSEP$phone_a.tlv SIP$phone_a.cnf; do
	get $at_a "$file" "$T/none" >/dev/null
done
same "for default names and own phones nobody is asked" "$before" \
    "$(settled b http_requests)"

# --- two clusters that name each other ---------------------------------------------
check "cluster b is told about cluster a" remotes b $at_a
check "and knows" until_true statistic_is b remote_clusters_now 1
forwarded=$(statistic a http_forwarded)
same "a phone that nobody knows is missing" 503 \
    "$(get $at_a SEP0011AABBCCFF.cnf.xml.sgn "$T/none")"
same "from both" 503 "$(get $at_b SEP0011AABBCCFE.cnf.xml.sgn "$T/none")"
check "and asked of each once" until_true statistic_is a http_forwarded \
    $((forwarded + 1))
same "cluster b passes on the files of cluster a's phone" 200 \
    "$(get $at_b ITLSEP$phone_a.tlv "$T/a.over")"
identical "unchanged" "$T/a.itl" "$T/a.over"

# --- a reset on cluster a ------------------------------------------------------------
if echo "$LAB_CCM_PASSWORD" | cli $pub utils itl reset localkey >"$T/out" 2>&1
then
	ok "a reset on cluster a"
else
	sed 's/^/# /' "$T/out"
	not_ok "a reset on cluster a"
fi
inside $pub cat $home/tftp/ITLFile.tlv >"$T/reset.itl"
refuse "changes its ITL file" cmp "$T/reset.itl" "$T/a.disk"
check "is served" until_true found_at $at_a ITLFile.tlv
check "cluster b is known" until_true statistic_is a remote_clusters_now 1
until_true found_at $at_a SEP$phone_a.cnf.xml.sgn
get $at_a ITLSEP$phone_a.tlv "$T/a.phone" >/dev/null
identical "cluster a's phone gets the reset file" "$T/reset.itl" "$T/a.phone"
get $at_a ITLSEP$phone_b.tlv "$T/a.http" >/dev/null
identical "cluster b's phone gets its own ITL file" "$T/b.itl" "$T/a.http"
get $at_a ITLSEP0011AABBCCFD.tlv "$T/a.http" >/dev/null
identical "a phone that nobody knows gets the reset file" "$T/reset.itl" \
    "$T/a.http"
same "but not when it asks cluster b" 503 \
    "$(get $at_b ITLSEP0011AABBCCFC.tlv "$T/none")"

# --- cluster b is down ------------------------------------------------------------------
check "Cisco Tftp of cluster b is stopped" b ssh $other \
    "utils service stop Cisco Tftp"
at_once "a miss while cluster b refuses" 10 11 12
same "a phone of cluster b is not taken for one that nobody knows" 503 \
    "$(get $at_a ITLSEP0011AABBCC1F.tlv "$T/none")"
check "it is started" b ssh $other "utils service start Cisco Tftp"
check "its files are found again" until_true found_at $at_a one.raw
b exec $other pkill -STOP -x ucm-tftpd
waits "a miss while cluster b hangs" 20
at_once "then it is left out" 21 22 23
check "as the statistics say" until_true statistic_is a remote_left_out_now 1
same "ITLFile.tlv is served" 200 "$(get $at_a ITLFile.tlv "$T/a.itl")"
b exec $other pkill -CONT -x ucm-tftpd
check "cluster b is asked again" until_true found_at $at_a two.raw

# An address from which nothing comes back.
ip link add ucm0 type veth peer name ucm1
ip address add 198.51.100.1/24 dev ucm0
ip link set ucm0 up
ip link set ucm1 up
check "a cluster that is nowhere" remotes a "198.51.100.2 $at_b"
check "is known" until_true statistic_is a remote_clusters_now 2
waits "a miss that nothing answers" 30
at_once "then it is left out" 31 32 33
same "the phone of cluster b does not notice" 200 \
    "$(get $at_a SEP$phone_b.cnf.xml.sgn "$T/a.http")"

# --- back ---------------------------------------------------------------------------------
check "no more remote clusters" remotes a '""'
check "are known" until_true statistic_is a remote_clusters_now 0
same "and nothing of cluster b is kept" 503 \
    "$(get $at_a SEP$phone_b.cnf.xml.sgn "$T/none")"

plan_end
