/*
 * node/verb_recovery.c: who gets the recovery key, and what counts as saved.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "cluster/recovery_key.h"
#include "node/agent.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/fake_pkcs12.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"
#include "trust/digest.h"

static struct pg_server server;
static struct fake_parent fake;
static struct agent agent;
static struct verb_call c;

/* A fresh key; the p12 of the one before stays. */
static void
new_key(void)
{
	char path[PATH_SIZE];
	struct certfile f;
	struct err e = ERR_INIT;

	if (cert_unit_make(&server.conf, CERT_UNIT_RECOVERY, &f, &e) == -1 ||
	    certfile_write(paths_in(path, "certs/ITLRecovery.pem"), f.key,
		f.cert, &e) == -1)
		fail_msg("%s", e.msg);
	certfile_release(&f);
}

static int
set_up_group(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	pg_server_start_migrated(&server);
	server.conf.key_bits = 1024;
	testing_write(server.root, "certs/security_password", "sec word");
	new_key();
	fake_parent_start(&fake);
	agent_init(&agent, &server.conf, dup(fake.link.fd));
	return cert_unit_write_p12(&e);
}

static int
tear_down_group(void **state)
{
	(void)state;
	agent_release(&agent);
	fake_parent_stop(&fake);
	pg_server_stop(&server);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	verb_call_release(&c);
	agent.conf.role = NODE_PUBLISHER;
	return 0;
}

static void
sha_of_file(char sha[RECOVERY_BACKUP_SHA_SIZE])
{
	struct err e = ERR_INIT;

	if (recovery_key_sha256(sha, &e) == -1)
		fail_msg("%s", e.msg);
}

static bool
is_due(void)
{
	struct recovery_backup b;
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);

	assert_int_equal(recovery_backup_read(db, &b, &e), 0);
	db_close(db);
	return recovery_backup_due(&b);
}

static int
saved(const char *sha)
{
	char words[128];

	verb_call_release(&c);
	(void)str_printf(words, sizeof(words), "recovery,saved,%s", sha);
	return verb_call(&c, &agent, 0, words);
}

static void
file_is_given_to_every_account(void **state)
{
	char sha[RECOVERY_BACKUP_SHA_SIZE];
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	sha_of_file(sha);
	assert_int_equal(verb_call(&c, &agent, 0, "recovery,p12"), 0);
	digest_hex(DIGEST_SHA256, c.data, c.data_len, hex);
	assert_string_equal(hex, sha);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER, "recovery,p12"),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
}

static void
other_nodes_have_none(void **state)
{
	(void)state;
	agent.conf.role = NODE_SUBSCRIBER;
	assert_int_equal(verb_call(&c, &agent, 4, "recovery,p12"), -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
	assert_int_equal(saved("00000000000000000000000000000000"
			       "00000000000000000000000000000000"),
	    -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
}

/* As after a kill between the key and its p12. */
static void
file_of_an_earlier_key_is_not_given(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(verb_call(&c, &agent, 0, "recovery,p12"), 0);
	verb_call_release(&c);
	new_key();
	assert_int_equal(verb_call(&c, &agent, 0, "recovery,p12"), -1);
	assert_int_equal(c.e.code, ERR_STATE);
	assert_int_equal(c.data_len, 0);
	verb_call_release(&c);
	assert_int_equal(cert_unit_write_p12(&e), 0);
	assert_int_equal(verb_call(&c, &agent, 0, "recovery,p12"), 0);
	assert_true(c.data_len > 500);
}

static void
only_the_present_file_counts_as_saved(void **state)
{
	char first[RECOVERY_BACKUP_SHA_SIZE];
	char second[RECOVERY_BACKUP_SHA_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	sha_of_file(first);
	assert_int_equal(recovery_key_note(&server.conf, false, &e), 0);
	assert_true(is_due());
	assert_int_equal(saved(first), 0);
	assert_false(is_due());
	/* wrapped anew while the copy was under way */
	assert_int_equal(cert_unit_write_p12(&e), 0);
	sha_of_file(second);
	assert_int_equal(recovery_key_note(&server.conf, false, &e), 0);
	assert_int_equal(saved(first), -1);
	assert_int_equal(c.e.code, ERR_STATE);
	assert_non_null(strstr(c.e.msg, "has changed"));
	assert_true(is_due());
	assert_int_equal(saved(second), 0);
	assert_false(is_due());
	assert_int_equal(saved("short"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
}

static void
missing_file_is_said(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_remove(paths_in(path, "certs/ITLRecovery.p12"),
			     &e),
	    0);
	assert_int_equal(verb_call(&c, &agent, 0, "recovery,p12"), -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_is_given_to_every_account),
		TEST(other_nodes_have_none),
		TEST(file_of_an_earlier_key_is_not_given),
		TEST(only_the_present_file_counts_as_saved),
		TEST(missing_file_is_said),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
