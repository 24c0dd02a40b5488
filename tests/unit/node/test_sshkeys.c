/*
 * node/sshkeys.c: host keys and the files that name other nodes.
 */
#include "node/sshkeys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "ssh"), 0755, NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
host_keys_are_made_once(void **state)
{
	char first[SSHKEYS_TEXT_SIZE];
	char second[SSHKEYS_TEXT_SIZE];
	char target[64] = "";
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	struct stat st;
	char *pub;

	assert_int_equal(sshkeys_make(&e), 0);
	assert_int_equal(sshkeys_host_key(first, &e), 0);
	assert_true(str_starts(first, "ecdsa-sha2-nistp256 AAAA"));
	assert_int_equal(sshkeys_make(&e), 0);
	assert_int_equal(sshkeys_host_key(second, &e), 0);
	assert_string_equal(first, second);
	pub = testing_read(*state, "ssh/ssh_host_ecdsa_key.pub");
	assert_int_equal(strncmp(pub, first, strlen(first)), 0);
	free(pub);
	assert_int_equal(stat(paths_in(path, "ssh/ssh_host_ecdsa_key"), &st),
	    0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(readlink(paths_in(path, "ssh/ucm-sshd"), target,
			sizeof(target) - 1) > 0);
	assert_string_equal(target, "/usr/sbin/sshd");
}

static void
the_rsa_key_has_3072_bits(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;
	struct stat again;
	char path[PATH_SIZE];
	char *pub;

	assert_int_equal(sshkeys_make_rsa(NULL, NULL, &e), 0);
	pub = testing_read(*state, "ssh/ssh_host_rsa_key.pub");
	assert_true(str_starts(pub, "ssh-rsa AAAA"));
	/* 384 bytes of modulus make 540 characters and a newline */
	assert_int_equal(strlen(pub), strlen("ssh-rsa ") + 544 + 1);
	free(pub);
	assert_int_equal(stat(paths_in(path, "ssh/ssh_host_rsa_key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(sshkeys_make_rsa(NULL, NULL, &e), 0);
	assert_int_equal(stat(path, &again), 0);
	assert_int_equal(st.st_ino, again.st_ino);
}

/* A node with a real key. */
static void
some_node(struct parent_node *n, const char *name)
{
	char key[SSHKEYS_TEXT_SIZE];
	struct nodeconf conf;
	struct err e = ERR_INIT;

	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), name);
	(void)str_copy(conf.address, sizeof(conf.address), "127.0.10.9");
	assert_int_equal(sshkeys_make(&e), 0);
	assert_int_equal(sshkeys_host_key(key, &e), 0);
	assert_int_equal(sshkeys_node(n, &conf, key, key, &e), 0);
}

static void
keys_of_other_kinds_are_refused(void **state)
{
	struct parent_node n;
	struct nodeconf conf;
	struct err e = ERR_INIT;

	(void)state;
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "sub1");
	(void)str_copy(conf.address, sizeof(conf.address), "127.0.10.9");
	assert_int_equal(sshkeys_node(&n, &conf, "ssh-rsa AAAA", "ssh-rsa AAAA",
			     &e),
	    -1);
	assert_string_equal(e.msg, "node sub1: not an ecdsa-sha2-nistp256 key");
}

static void
invitations_come_and_go(void **state)
{
	static const char one[] =
	    "restrict,expiry-time=\"1\" ecdsa-sha2-nistp256 AAAA invite:sub1\n";
	static const char two[] =
	    "restrict,expiry-time=\"2\" ecdsa-sha2-nistp256 AAAA invite:sub1\n";
	struct parent_node n;
	struct err e = ERR_INIT;
	char *text;

	some_node(&n, "pub");
	assert_int_equal(sshkeys_invite("sub1", one, &e), 0);
	assert_int_equal(sshkeys_write_nodes(&n, 1, &e), 0);
	text = testing_read(*state, "ssh/authorized_keys.ucmnode");
	assert_non_null(strstr(text, " pub\n"));
	assert_non_null(strstr(text, one));
	free(text);
	assert_int_equal(sshkeys_invite("sub1", two, &e), 0);
	text = testing_read(*state, "ssh/authorized_keys.ucmnode");
	assert_non_null(strstr(text, " pub\n"));
	assert_null(strstr(text, one));
	assert_non_null(strstr(text, two));
	free(text);
	assert_int_equal(sshkeys_invite("sub1", "", &e), 0);
	text = testing_read(*state, "ssh/authorized_keys.ucmnode");
	assert_null(strstr(text, "invite:"));
	free(text);
	text = testing_read(*state, "ssh/known_hosts");
	assert_true(str_starts(text, "127.0.10.9 ecdsa-sha2-nistp256 AAAA"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(host_keys_are_made_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(the_rsa_key_has_3072_bits,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(keys_of_other_kinds_are_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(invitations_come_and_go, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
