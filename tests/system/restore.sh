#!/usr/bin/env bash
# The publisher is destroyed and rebuilt from a subscriber by "ucm-node init
# --restore-from"; the old one comes back from the dead.
# takes 110 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
. tests/system/restore_lab.sh
own_network "$0" "$@"
lab_start 3

# --- a subscriber that lags, and the end of the publisher -------------------------
passwords $pub "$LAB_SECURITY_PASSWORD"
passwords $sub "$LAB_SECURITY_PASSWORD"
passwords $sub2 "$LAB_SECURITY_PASSWORD"
check "all nodes know each other" until_true together
same "a publisher that works is not replaced" 1 "$(status_of $sub ucm-node \
    invite --publisher --passwords-file /root/pw)"
has "and told so" "the publisher $pub (127.0.10.1) works" "$T/out"
same "nor does it invite one" 1 "$(status_of $pub ucm-node invite --publisher \
    --passwords-file /root/pw)"
has "but a subscriber" "a subscriber that has survived" "$T/out"
itl=$(inside $sub md5sum $home/tftp/ITLFile.tlv)
database $sub2 d
psql $pub "update nodelink set domain = 'changed.lab' where hostname = '$sub'" \
    >/dev/null
for _ in 1 2 3 4; do
	psql $pub "select pg_switch_wal(); checkpoint" >/dev/null
	psql $pub "update nodelink set dbport = dbport" >/dev/null
done
check "the other subscriber has what was changed" until_true has_value $sub
inside $pub ucm-node stop >/dev/null
files_to $pub $home /root/old
inside $pub sh -c "cp -a /root/old/. $home/"
check "the publisher is destroyed" inside $pub ucm-node destroy --yes
database $sub2 u
until_true psql $sub2 "select 1"

# --- who may not ----------------------------------------------------------------
passwords $sub2 "not this one"
same "an invitation needs the security password" 1 "$(status_of $sub2 ucm-node \
    invite --publisher --passwords-file /root/pw)"
has "and says so" "not the cluster security password" "$T/out"
refuse "and nobody is invited" inside $sub2 grep -q invite: \
    $home/ssh/authorized_keys.ucmnode
passwords $sub2 "$LAB_SECURITY_PASSWORD"
token=$(token_of $sub2)
before="$(trusts $sub) $(trusts $sub2)"
passwords $pub "not this one"
same "the token alone is not enough" 1 "$(status_of $pub ucm-node init \
    --restore-from "$token" --passwords-file /root/pw)"
has "the security password is needed" "password is another one" "$T/out"
same "nothing has changed on the others" "$before" "$(trusts $sub) $(trusts $sub2)"
for _ in 1 2; do
	status_of $pub ucm-node init --restore-from "$token" \
	    --passwords-file /root/pw >/dev/null
done
refuse "guessing closes the invitation" inside $sub2 grep -q invite: \
    $home/ssh/authorized_keys.ucmnode
passwords $pub "$LAB_SECURITY_PASSWORD"
same "and the token is worth nothing then" 1 "$(status_of $pub ucm-node init \
    --restore-from "$token" --passwords-file /root/pw)"
has "with advice" "get a new one" "$T/out"
token=$(token_of $sub2)
same "a publisher of another name is refused" 1 "$(status_of $pub ucm-node init \
    --restore-from "$token" --passwords-file /root/pw --name other)"
has "and told which it is" "publisher is $pub.joemar2.lab (127.0.10.1)" "$T/out"
same "nothing has changed on the others" "$before" "$(trusts $sub) $(trusts $sub2)"
TOKEN=$token python3 - "$T/key" <<'EOP'
import base64, os, re, sys
text = os.environ["TOKEN"].split(".", 1)[1]
data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
pem = re.search(rb"-----BEGIN.*KEY-----\n", data, re.S).group()
with open(sys.argv[1], "wb") as f:
    f.write(pem)
EOP
chmod 600 "$T/key"
with_key() {
	timeout 20 ssh -F none -i "$T/key" -o IdentitiesOnly=yes -o BatchMode=yes \
	    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	    -o LogLevel=ERROR -p "$LAB_SSH_PORT" ucmnode@127.0.10.3 "$@" </dev/null
}
for words in "id" "begin" "node status" "look" "look $sub extra" "adopt" \
    "restore adopt 5"; do
	refuse "its key does not run \"$words\"" with_key "$words"
done
refuse "it adopts nothing without a pledge" with_key "adopt $sub"
refuse "it starts no shell" with_key
refuse "it forwards nothing" with_key -W 127.0.0.1:5432
check "it tells the facts" with_key facts
lacks "which hold no password" "$LAB_SECURITY_PASSWORD" "$T/out"

# --- interrupted, and run again ---------------------------------------------------
for seconds in 0.7 3 7 12; do
	killed_after $seconds "$token"
	if inside $pub test -e $home/etc/finished; then
		break
	fi
	same "a plain init after $seconds s does not mix with it" 1 "$(status_of $pub \
	    ucm-node init --domain joemar2.lab --address 127.0.10.1 \
	    --passwords-file /root/pw --name $pub --ssh-port "$LAB_SSH_PORT")"
done
if ! inside $pub test -e $home/etc/finished; then
	check "interrupted, it is run again" restore "$token"
	has "and takes the data from the most advanced" \
	    "The database of $sub is the most advanced." "$T/out"
fi
refuse "its invitation is gone" inside $sub2 grep -q invite: \
    $home/ssh/authorized_keys.ucmnode
check "it starts" inside $pub ucm-node start
check "all nodes know each other again" until_true together
for node in $pub $sub $sub2; do
	check "$node has the data" until_true has_value "$node"
done
inside $sub2 cat $home/log/platform/agent/current >"$T/log"
has "the one that lagged got a new copy" "copying it" "$T/log"
same "both standbys follow" "test10sub test10sub2" "$(psql $pub "select string_agg(
    application_name, ' ' order by 1) from pg_stat_replication")"
check "the new publisher's ITL verifies" sh -c "$LAB exec $pub cat \
    $home/tftp/ITLFile.tlv >$T/itl && $BUILD_DIR/ucm-trust verify $T/itl"
same "a subscriber keeps the list that phones trust" "$itl" \
    "$(inside $sub md5sum $home/tftp/ITLFile.tlv)"
inside $pub sh -c "openssl x509 -in $home/certs/ITLRecovery.pem -noout -serial" |
    tr 'A-F' 'a-f' | sed 's/serial=//' >"$T/serial"
certificates $sub >"$T/certs"
has "its recovery certificate is in every database" "$(cat "$T/serial")" "$T/certs"
psql $pub "update processnode set description = description" >/dev/null
printf 'yes\n' >"$T/yes"
inside $pub setpriv --reuid=admin --regid=ucmadm --init-groups /usr/bin/ucmsh \
    -c "set cert regen TVS" <"$T/yes" >"$T/out" 2>&1
has "a certificate can be regenerated" "Successfully Regenerated" "$T/out"
for node in $sub $sub2; do
	same "and $node sees it" "$(certificates $pub)" "$(certificates "$node")"
done

# --- the old one comes back from the dead ---------------------------------------
inside $pub ucm-node stop >/dev/null
files_to $pub $home /root/new
files_to $pub /root/old $home
check "the old publisher's disk is started again" inside $pub ucm-node start
psql $pub "update nodelink set domain = 'split.lab' where hostname = '$sub'" \
    >/dev/null
check "no subscriber knows it" apart $sub $pub
check "nor does the other" apart $sub2 $pub
check "it knows none" apart $pub $sub
same "nobody follows it" "" "$(psql $pub "select application_name
    from pg_stat_replication")"
same "and its changes go nowhere" "changed.lab changed.lab" \
    "$(value $sub) $(value $sub2)"
inside $pub ucm-node stop >/dev/null
files_to $pub $home /root/old
files_to $pub /root/new $home
check "the rebuilt one starts again" inside $pub ucm-node start
check "and all know each other" until_true together
plan_end
