/*
 * node/invite.c: the token and the line of the one-time key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/sshkeys.h"
#include "node/token.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"
#include "trust/key.h"

static void
save_conf(enum node_role role)
{
	struct nodeconf n;
	struct err e = ERR_INIT;

	nodeconf_defaults(&n);
	(void)str_copy(n.name, sizeof(n.name), "pub");
	(void)str_copy(n.domain, sizeof(n.domain), "joemar2.lab");
	(void)str_copy(n.address, sizeof(n.address), "127.0.10.1");
	(void)str_copy(n.publisher_name, sizeof(n.publisher_name), "pub");
	(void)str_copy(n.publisher_address, sizeof(n.publisher_address),
	    "127.0.10.1");
	n.role = role;
	n.ssh_port = 2222;
	assert_int_equal(nodeconf_save(&n, NULL, &e), 0);
}

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	if (file_mkdir(paths_in(path, "etc"), 0755, NULL) == -1 ||
	    file_mkdir(paths_in(path, "ssh"), 0755, NULL) == -1)
		return -1;
	testing_write(*state, "etc/finished", "");
	save_conf(NODE_PUBLISHER);
	return sshkeys_make(NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
token_and_key_belong_together(void **state)
{
	char text[TOKEN_MAX];
	char host_key[SSHKEYS_TEXT_SIZE];
	struct err e = ERR_INIT;
	struct token t;
	struct key *k;
	char *public;
	char *print;
	char *keys;

	assert_int_equal(node_call_output("invite sub1 127.0.10.2 --quiet",
			     text, sizeof(text), &e),
	    0);
	assert_int_equal(token_decode(&t, text, &e), 0);
	assert_string_equal(t.name, "sub1");
	assert_string_equal(t.node_address, "127.0.10.2");
	assert_int_equal(t.node_port, 2222);
	assert_string_equal(t.address, "127.0.10.1");
	assert_int_equal(t.port, 2222);
	assert_int_equal(sshkeys_host_key(host_key, &e), 0);
	print = key_ssh_fingerprint(host_key, &e);
	assert_string_equal(t.fingerprint, print);
	free(print);
	k = key_from_pem(t.key, strlen(t.key), &e);
	assert_non_null(k);
	public = key_ssh_public(k, &e);
	keys = testing_read(*state, "ssh/authorized_keys.ucmnode");
	assert_true(str_starts(keys, "restrict,expiry-time=\"20"));
	assert_non_null(strstr(keys,
	    "Z\",command=\"/usr/bin/ucm-node enrol sub1 127.0.10.2 2222\" "));
	assert_non_null(strstr(keys, public));
	assert_true(str_ends(keys, " invite:sub1\n"));
	free(keys);
	free(public);
	key_free(k);
}

static void
a_second_token_voids_the_first(void **state)
{
	char text[TOKEN_MAX];
	struct err e = ERR_INIT;
	char *keys;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    node_call_output("invite sub1 127.0.10.2 --ssh-port 22",
			text, sizeof(text), &e),
		    0);
	assert_non_null(strstr(text, "ucm-node join ucm1."));
	keys = testing_read(*state, "ssh/authorized_keys.ucmnode");
	assert_null(strchr(strchr(keys, '\n') + 1, '\n'));
	assert_non_null(strstr(keys, " 127.0.10.2 22\""));
	free(keys);
}

static void
bad_invitations_are_refused(void **state)
{
	(void)state;
	node_call_refused("invite sub1", ERR_USAGE, "a name and an address");
	node_call_refused("invite a b c", ERR_USAGE, "a name and an address");
	node_call_refused("invite a_b 127.0.10.2", ERR_USAGE,
	    "a_b: not a host name");
	node_call_refused("invite sub1 sub1.lab", ERR_USAGE,
	    "sub1.lab: not an IPv4 address");
	node_call_refused("invite pub 127.0.10.2", ERR_USAGE,
	    "name or address of this node itself");
	node_call_refused("invite sub1 127.0.10.1", ERR_USAGE,
	    "name or address of this node itself");
	save_conf(NODE_SUBSCRIBER);
	node_call_refused("invite sub1 127.0.10.2", ERR_STATE,
	    "only the publisher invites nodes");
}

static void
who_may_invite_the_publisher(void **state)
{
	(void)state;
	node_call_refused("invite --publisher", ERR_STATE,
	    "this node is the publisher; a subscriber that has survived "
	    "invites a new one");
	node_call_refused("invite --publisher pub", ERR_USAGE,
	    "--publisher: its name, address and port are those of the cluster");
	node_call_refused("invite --publisher --ssh-port 22", ERR_USAGE,
	    "--publisher: its name, address and port are those of the cluster");
	node_call_refused("invite sub1 127.0.10.2 --passwords-file x",
	    ERR_USAGE, "--passwords-file belongs to --publisher");
}

/* Checked before anybody is invited. */
static void
the_publisher_s_invitation_needs_the_password(void **state)
{
	char path[PATH_SIZE];
	char line[512];
	struct err e = ERR_INIT;

	save_conf(NODE_SUBSCRIBER);
	assert_int_equal(file_replace(paths_in(path, "pw"),
			     "security = another one\n", 23, 0600, &e),
	    0);
	(void)str_printf(line, sizeof(line),
	    "invite --publisher --passwords-file %s", path);
	assert_int_equal(node_call_line(line, NULL, &e), -1);
	assert_int_equal(access(paths_in(path, "ssh/authorized_keys.ucmnode"),
			     F_OK),
	    -1);
	testing_write(*state, "pw", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(token_and_key_belong_together,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_token_voids_the_first,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(bad_invitations_are_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(who_may_invite_the_publisher,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_publisher_s_invitation_needs_the_password, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
