#!/usr/bin/env bash
# file list, view, search, tail, dump, delete, check and get on real nodes:
# what they show of them, and that whatever lies in their directories leads
# nowhere else.
# takes 35 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
own_network "$0" "$@"
. tests/system/sftp_servers.sh
. tests/system/recovery.sh
lab_start 2
home=/var/lib/ucmsh
sftp_server main 127.0.20.1:22
sftp_known $pub "127.0.20.1 $SFTP_HOST"

says() { # NAME TEXT COMMAND…: the command of the publisher prints TEXT
	local name=$1 text=$2
	shift 2
	cli $pub "$*" </dev/null >"$T/out" 2>&1
	has "$name" "$text" "$T/out"
}

fails_with() { # NAME TEXT COMMAND…: and ends with status 1 and the trailer
	local name=$1 text=$2
	shift 2
	cli $pub "$*" </dev/null >"$T/out" 2>&1
	local status=$?
	grep -qx "Executed command unsuccessfully" "$T/out" || status=none
	same "$name: status" 1 "$status"
	has "$name" "$text" "$T/out"
}

# --- what a node holds -------------------------------------------------------
says "the logs are listed" "dir count = 3, file count = 0" 'file list activelog *'
says "the recovery key is seen on the publisher" ITLRecovery.p12 file list tftp /
cli test10sub 'file list tftp /' </dev/null >"$T/out" 2>&1
lacks "and on no subscriber" p12 "$T/out"
says "the audit is read" "[file list tftp / ] user=admin" \
    file search activelog platform/log/cli00001.log '"list tftp"'
says "what Cisco Tftp serves is seen as a log" ITLFile.tlv \
    file list activelog cm/tftpdata
says "and is dumped" "ITLFile.tlv" file dump activelog cm/tftpdata/ITLFile.tlv hex
says "roots without files are empty" "dir count = 0, file count = 0" \
    'file list inactivelog *'
says "the programs are those installed" "different = 0" file check 0
cli $pub 'file list tftp * json' </dev/null >"$T/json" 2>&1
check "JSON is JSON" python3 -m json.tool "$T/json"

# --- what others put there ---------------------------------------------------
inside $pub sh -c "cd $home/log && ln -s ../etc out && ln -s /etc/passwd \
    syslog/link && mkfifo syslog/fifo && mkdir -m 700 closed && mkdir deep \
    && printf x >\"syslog/\$(printf 'odd\\nname\\033[2J')\" \
    && cp ../certs/CallManager.pem ../tftp/stray.pem \
    && ln ../certs/CallManager.pem syslog/hardlink"
for spec in ../../etc/node.conf /../etc/accounts syslog/../../etc/accounts; do
	fails_with "no way out by $spec" 'cannot contain ".."' \
	    file view activelog $spec
done
for spec in out/accounts syslog/link syslog/fifo 's*/fifo' 'o*/acc*'; do
	fails_with "nothing at $spec" "File not found" file view activelog "$spec"
done
fails_with "no key by a hard link" "Permission denied" \
    file view activelog syslog/hardlink
fails_with "no key in tftp" "File not found" file dump tftp stray.pem
fails_with "no recovery key on the screen" "is not shown" \
    file view tftp ITLRecovery.p12
says "names act on no terminal" 'odd\nname\x1b[2J' 'file list activelog syslog'
says "what cannot be read is told" "1 directory cannot be read" \
    'file search activelog * UC_CERT recurs'

# --- large ones --------------------------------------------------------------
inside $pub sh -c "cd $home/log/deep && seq -f f%06g 1 5000 | xargs touch &&
    truncate -s 2G big && echo needle >>big && chmod a+r *"
says "many files are counted" "dir count = 0, file count = 5001" \
    file list activelog deep
says "a file of 2 GiB is searched" needle file search activelog deep/big '^need|needle$'

# --- the end of a file ---------------------------------------------------------
until_says() { # TEXT FILE: wait for it
	for _ in $(seq 200); do
		grep -qF -- "$1" "$2" && return 0
		sleep 0.1
	done
	return 1
}

log_line() { # TEXT: a line more in a log
	inside $pub sh -c "echo '$1' >>$home/log/deep/log"
}

log_line first
inside $pub chmod a+r $home/log/deep/log
timeout 60 tools/lab ssh $pub file tail activelog deep/log >"$T/tail" 2>&1 \
    </dev/null &
tail=$!
check "the last lines come first" until_says first "$T/tail"
log_line second
check "then those that are appended" until_says second "$T/tail"
inside $pub mv $home/log/deep/log $home/log/deep/log.1
log_line third
inside $pub chmod a+r $home/log/deep/log
check "also to the next file of that name" until_says third "$T/tail"
kill $tail
wait $tail 2>/dev/null
gone() {
	for _ in $(seq 200); do
		inside $pub ps -eo args | grep -q "^[u]cmsh -c file tail" || return 0
		sleep 0.1
	done
	return 1
}
check "it ends with its connection" gone

# --- deletion --------------------------------------------------------------------
inside $pub sh -c "mkdir -p $home/tftp/rings/deep && cd $home/tftp/rings &&
    echo 1 >a && echo 2 >deep/b && chown -R ucm:ucm $home/tftp/rings \
    $home/log/deep"
echo n | cli $pub file delete tftp rings/a >"$T/out" 2>&1
has "what is not confirmed is not deleted" "found = 1, deleted = 0" "$T/out"
echo y | cli $pub file delete tftp rings/a >"$T/out" 2>&1
has "what is confirmed is deleted" "found = 1, deleted = 1" "$T/out"
refuse "it is gone" inside $pub test -e $home/tftp/rings/a
echo y | cli $pub file delete dir tftp rings >"$T/out" 2>&1
has "a directory goes with what is in it" "directories: found = 2, deleted = 2" \
    "$T/out"
refuse "and is gone" inside $pub test -e $home/tftp/rings
fails_with "the audit stays" "audit of commands cannot be deleted" \
    'file delete activelog platform/log/* noconfirm'
fails_with "what a service writes stays" "a service has it open" \
    file delete activelog platform/agent/current noconfirm
fails_with "the recovery key stays" "cannot be deleted" \
    file delete tftp ITLRecovery.p12 noconfirm
fails_with "there is no way out" "File not found" \
    file delete activelog out/accounts noconfirm
check "nothing else is missing" inside $pub sh -c "cd $home && test -s \
    etc/accounts -a -s certs/ITLRecovery.p12 -a -s log/platform/log/cli00001.log \
    -a -s tftp/stray.pem"
says "many files go" "files: found = 5000, deleted = 5000" \
    'file delete activelog deep/f* noconfirm'

# --- archives --------------------------------------------------------------------
inside $pub sh -c "cd $home/log/deep && rm -f big && mkdir sub && seq 1 50000 \
    >sub/numbers && echo late >\$(printf %0200d 0) && chmod -R a+rX ."
set -f # file-specs are not the shell's
transfer "activelog deep recurs compress" $SFTP_HOST >"$T/out" 2>&1
has "an archive is sent" "Transfer completed." "$T/out"
archive=$(far_list main | grep "activelog_${pub}_.*\.tar\.gz$")
mkdir "$T/unpacked"
check "tar takes it apart" tar -C "$T/unpacked" -xzf "$(far main "/home/$archive")"
same "it holds the files" "$(inside $pub sh -c "cd $home/log/deep && find . -type f | LC_ALL=C sort | xargs sha256sum")" \
    "$(cd "$T/unpacked" && find . -type f | LC_ALL=C sort | xargs sha256sum)"
transfer "activelog deep/* recurs" $SFTP_HOST >"$T/out" 2>&1
has "files are sent one by one" "Downloading file: /var/log/active/deep/sub/numbers" "$T/out"
check "into directories of theirs" test -s "$(far main /home/$SFTP_USER/sub/numbers)"
transfer "tftp * compress" $SFTP_HOST >"$T/out" 2>&1
has "the key in an archive does not count" "does not count as saved" "$T/out"
same "the alarm stays on" on "$(alarm)"
set +f

plan_end
