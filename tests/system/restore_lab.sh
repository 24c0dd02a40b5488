# Shared by the groups that rebuild a publisher, which source it after tap.sh:
# a lab of three nodes whose host keys change, so its shells are entered
# without SSH.
# shellcheck shell=bash disable=SC2034
pub=test10pub sub=test10sub sub2=test10sub2
home=/var/lib/ucmsh

status_of() { # Exit status of a command inside a node; its output is in $T/out.
	inside "$@" >"$T/out" 2>&1 </dev/null
	echo $?
}
shell() { # NODE COMMAND…: host keys change here, so not by SSH
	local node=$1
	shift
	inside "$node" setpriv --reuid=admin --regid=ucmadm --init-groups \
	    /usr/bin/ucmsh -c "$*" </dev/null
}
psql() { # NODE SQL: as the database's administrator
	inside "$1" setpriv --reuid=postgres --regid=postgres --clear-groups \
	    /usr/lib/postgresql/15/bin/psql -X -A -t -h $home/db/run -U dbadmin \
	    ucm -c "$2" </dev/null
}
value() { # NODE: the data that is changed
	psql "$1" "select domain from nodelink where hostname = '$sub'"
}
has_value() {
	[ "$(value "$1")" = changed.lab ]
}
together() { # every node finds every other one authenticated
	local node
	for node in $pub $sub $sub2; do
		[ "$(shell "$node" show network cluster | grep -c authenticated)" = 3 ] &&
			! shell "$node" show network cluster | grep -q 'not authenticated' ||
			return 1
	done
}
apart() { # NODE OTHER: NODE does not find OTHER authenticated
	shell "$1" show network cluster | grep "$2" | grep -q 'not authenticated'
}
trusts() { # NODE: what it trusts, and what it is
	inside "$1" sh -c "cd $home && cat certs/cluster-ca.pem certs/db-client.pem \
	    db/tls/*.pem ssh/known_hosts; grep -v invite: ssh/authorized_keys.ucmnode
	    ls certs" | md5sum
}
passwords() { # NODE SECURITY
	inside "$1" sh -c 'umask 077; cat >/root/pw' <<-X
		admin = $LAB_ADMIN_PASSWORD
		security = $2
	X
}
token_of() {
	inside "$1" ucm-node invite --publisher --quiet --passwords-file /root/pw \
	    </dev/null
}
restore() { # TOKEN
	inside $pub ucm-node init --restore-from "$1" --passwords-file /root/pw
}
killed_after() { # SECONDS TOKEN: with everything it has started
	# shellcheck disable=SC2016
	inside "$pub" sh -c 's=$1; shift; setsid "$@" & p=$!
	    sleep "$s"; kill -KILL $p; wait $p' - "$1" ucm-node init \
	    --restore-from "$2" --passwords-file /root/pw >/dev/null 2>&1 </dev/null
}
database() { # NODE d|u: stop it, start it again
	inside "$1" sh -c "printf $2 >$home/service/postgresql/supervise/control"
	until_true inside "$1" sh -c \
	    "grep -q '$([ "$2" = d ] && echo down || echo run)' \
	    $home/service/postgresql/supervise/stat"
}
files_to() { # NODE FROM TO: everything of a stopped node
	inside "$1" sh -c "mkdir -p $3 && find $3 -mindepth 1 -delete &&
	    cp -a $2/. $3/ && find $2 -mindepth 1 -delete"
}
certificates() {
	psql "$1" "select subjectname, serialnumber from certificate order by 1, 2"
}

