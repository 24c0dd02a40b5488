# shellcheck shell=bash disable=SC2034
# Real OpenSSH servers outside the cluster, for the tests that fetch and save
# files by SFTP.  Sourced after tap.sh; needs a network of its own.
#
#   sftp_server NAME ADDRESS:PORT OPTION…   start one; it ends with the test
#   sftp_stop NAME                 end it and its sessions at once
#   sftp_rekey NAME ADDRESS:PORT OPTION…   the same server with a new host key
#   far NAME PATH                  where PATH of that server is, seen from here
#   far_list NAME                  every file below its /home
#   sftp_key NAME                  fingerprints of its host key: MD5, SHA256
#   sftp_proxy NAME ADDRESS:PORT…  sftp_proxy.py in front of a server
#   sftp_known NODE LINE…          more lines in NODE's hosts file
#
# Each server has its own mount namespace with an /etc of its own: one account,
# joemar2 with the password $SFTP_PASSWORD, and one PAM service.  Below
# /home/joemar2 there are ro/, which he cannot write to, full/, a file system
# without a free block, and files that he can.  OPTIONs:
#
#   key=rsa|ecdsa|ed25519   the one kind of host key (rsa)
#   auth=both|password|kbdint|rounds|sequence   the methods that are offered;
#                           rounds: keyboard-interactive that asks for two
#                           databases; sequence: one method and then the other
#   sftp=ARGUMENTS          for sftp-server
#   anything else    a line of sshd_config

SFTP=$T/sftp
SFTP_USER=joemar2
SFTP_PASSWORD=Joe-mar2-Pass
SFTP_HOST=joemar2-server.cisco.com

sftp_etc() { # NAME DIR: what a program in there needs of /etc
	local etc=$2/etc hash
	mkdir -p "$etc/pam.d"
	cp /etc/ld.so.cache "$etc/"
	hash=$(openssl passwd -6 "$SFTP_PASSWORD")
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' \
	    'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin' \
	    'nobody:x:65534:65534::/:/usr/sbin/nologin' \
	    "$SFTP_USER:x:2001:2001::/home/$SFTP_USER:/bin/sh" >"$etc/passwd"
	printf '%s\n' root:x:0: nogroup:x:65534: "$SFTP_USER:x:2001:" >"$etc/group"
	printf '%s\n' 'root:*:1::::::' 'sshd:!:1::::::' 'nobody:*:1::::::' \
	    "$SFTP_USER:$hash:1::::::" >"$etc/shadow"
	printf '%s\n' 'passwd: files' 'group: files' 'shadow: files' \
	    'hosts: files' >"$etc/nsswitch.conf"
	echo '127.0.0.1 localhost' >"$etc/hosts"
	printf '%s\n' 'auth required pam_unix.so nodelay' \
	    'account required pam_unix.so' 'session required pam_permit.so' \
	    >"$etc/pam.d/sftp-$1"
}

# A second database, which asks on its own.
sftp_second_database() { # NAME DIR
	/usr/bin/python3 - "$2/etc/second" "$SFTP_USER" "$SFTP_PASSWORD" <<'P'
import dbm.ndbm
import sys
with dbm.ndbm.open(sys.argv[1], "n", 0o600) as users:
    users[sys.argv[2]] = sys.argv[3]
P
	sed -i '1a auth required pam_echo.so The second password, please.\
auth required pam_userdb.so db=/etc/second' "$2/etc/pam.d/sftp-$1"
}

sftp_auth() { # KIND: lines of sshd_config
	local password=yes kbdint=yes
	case $1 in
	password) kbdint=no ;;
	kbdint | rounds) password=no ;;
	sequence) echo 'AuthenticationMethods password,keyboard-interactive' ;;
	esac
	printf '%s\n' "PasswordAuthentication $password" \
	    "KbdInteractiveAuthentication $kbdint"
}

sftp_config() { # NAME DIR ADDRESS OPTION…
	local name=$1 dir=$2 address=$3 option key=rsa auth=both args=
	shift 3
	for option; do
		case $option in
		key=*) key=${option#*=} ;;
		auth=*) auth=${option#*=} ;;
		sftp=*) args=${option#*=} ;;
		*) echo "$option" ;;
		esac
	done
	[ -e "$dir/key_$key" ] ||
		ssh-keygen -q -t "$key" -N '' -f "$dir/key_$key"
	echo "$key" >"$dir/key"
	[ "$auth" != rounds ] || sftp_second_database "$name" "$dir"
	sftp_auth "$auth"
	printf '%s\n' "ListenAddress $address" "HostKey $dir/key_$key" \
	    'HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ssh-ed25519' \
	    "Subsystem sftp /usr/lib/openssh/sftp-server $args" \
	    'UsePAM yes' 'PubkeyAuthentication no' 'PidFile none' \
	    'UseDNS no' 'PrintMotd no' 'MaxStartups 100'
}

# Runs inside the new mount namespace, and becomes sshd.
sftp_inside() { # NAME DIR
	cat <<'P'
mount --make-rprivate /
mount --bind "$2/etc" /etc
mount --bind "$2/home" /home
mount -t tmpfs -o size=64k,mode=777 tmpfs /home/joemar2/full
cat /dev/zero >/home/joemar2/full/ballast 2>/dev/null
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/sshd
cd / && exec "$2/sftp-$1" -D -e -f "$2/sshd_config"
P
}

sftp_server() {
	local name=$1 address=$2 dir=$SFTP/$1
	shift 2
	if [ ! -e "$dir" ]; then
		mkdir -p "$dir/home/$SFTP_USER"
		sftp_etc "$name" "$dir"
		mkdir "$dir/home/$SFTP_USER/full" "$dir/home/$SFTP_USER/ro"
		chown 2001:2001 "$dir/home/$SFTP_USER"
		ln -s /usr/sbin/sshd "$dir/sftp-$name"
	fi
	# What it needs is reached by this user's processes, too.
	chmod 711 "$T"
	sftp_config "$name" "$dir" "$address" "$@" >"$dir/sshd_config"
	# Its sessions end with it.
	unshare -m -p -f --kill-child -- sh -c "$(sftp_inside)" sh "$name" "$dir" \
	    </dev/null >>"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	disown
	case " $SFTP_STARTED " in
	*" $name "*) ;;
	*) SFTP_STARTED="$SFTP_STARTED $name" ;;
	esac
	sftp_wait "$address" "$dir/log"
}

sftp_wait() { # ADDRESS LOG: until somebody listens there
	local _
	for _ in $(seq 200); do
		[ -z "$(ss -H -ltn "src $1")" ] || return 0
		sleep 0.1
	done
	echo "# nobody listens at $1"
	sed 's/^/# /' "$2"
	return 1
}

sftp_stop() {
	local pid
	pid=$(cat "$SFTP/$1/pid")
	kill -KILL "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.05
	done
}

sftp_end() {
	local name
	for name in $SFTP_STARTED; do
		sftp_stop "$name"
	done
}
SFTP_STARTED=
tap_at_end sftp_end

sftp_rekey() { # NAME ADDRESS:PORT OPTION…: with another host key
	sftp_stop "$1"
	rm "$SFTP/$1"/key_*
	sftp_server "$@"
}

far() {
	echo "/proc/$(cat "$SFTP/$1/pid")/root$2"
}

far_list() {
	(cd "$(far "$1" /home)" && find . -type f ! -name ballast | sort)
}

sftp_key() {
	local dir=$SFTP/$1 kind hash
	kind=$(cat "$dir/key")
	for hash in md5 sha256; do
		ssh-keygen -E "$hash" -lf "$dir/key_$kind.pub" |
		    cut -d' ' -f2 | sed 's/^MD5://'
	done
}

sftp_proxy() {
	local name=$1 address=$2
	shift 2
	mkdir -p "$SFTP/$name"
	python3 tests/system/sftp_proxy.py "$address" "$@" </dev/null \
	    >>"$SFTP/$name/log" 2>&1 &
	echo $! >"$SFTP/$name/pid"
	disown
	SFTP_STARTED="$SFTP_STARTED $name"
	sftp_wait "$address" "$SFTP/$name/log"
}

sftp_known() {
	local node=$1
	shift
	printf '%s\n' "$@" | $LAB exec "$node" tee -a /etc/hosts >/dev/null
}
