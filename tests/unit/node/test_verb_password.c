/*
 * node/verb_password.c: what is asked for before a password is changed, and
 * a change in a cluster of one node with a real database.
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

#include "base/clock.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "cluster/security_password.h"
#include "db/recovery_backup.h"
#include "node/agent.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/fake_pkcs12.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"

#define OLD "old word"
#define NEW "New-Word-1"
#define ID "00112233445566778899aabbccddeeff"

static struct pg_server server;
static struct fake_parent fake;
static struct agent agent;
static struct verb_call c;

static int
set_up_group(void **state)
{
	char path[PATH_SIZE];
	struct certfile f;
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	server.conf.key_bits = 1024;
	if (cert_unit_make(&server.conf, CERT_UNIT_RECOVERY, &f, &e) == -1 ||
	    certfile_write(paths_in(path, "certs/ITLRecovery.pem"), f.key,
		f.cert, &e) == -1)
		return -1;
	certfile_release(&f);
	db = pg_server_open(DB_RW);
	/* 127.0.0.1 is another node's here */
	db_rows_add_node(db, server.conf.name, "127.0.10.1", NODE_PUBLISHER);
	db_close(db);
	return 0;
}

static int
tear_down_group(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

static int
set_up(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	testing_write(server.root, "certs/security_password", OLD);
	pg_server_sql("update securitychange set currentid = '',"
		      " pendingid = ''");
	fake_parent_start(&fake);
	agent_init(&agent, &server.conf, dup(fake.link.fd));
	agent_set_repaired(&agent, true);
	return cert_unit_write_p12(&e);
}

static int
tear_down(void **state)
{
	(void)state;
	verb_call_release(&c);
	agent_release(&agent);
	fake_parent_stop(&fake);
	return 0;
}

static void
present_is(const char *want)
{
	char id[SECURITY_CHANGE_ID_SIZE];
	struct secret s;
	struct err e = ERR_INIT;

	if (security_password_read(&s, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(s.text, want);
	secret_release(&s);
	assert_false(security_password_staged(id));
	assert_true(cert_unit_p12_current());
}

static int
ask(int level, const char *words, const char *secret)
{
	verb_call_release(&c);
	return verb_call_secret(&c, &agent, level, words, secret);
}

static void
security_password_is_changed(void **state)
{
	struct recovery_backup b;
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	if (ask(1, "password,security", OLD "\n" NEW) == -1)
		fail_msg("%s", c.e.msg);
	assert_string_equal(c.text, "");
	present_is(NEW);
	/* no copy outside opens with it: the alarm is on again */
	db = pg_server_open(DB_RW);
	assert_int_equal(recovery_backup_read(db, &b, &e), 0);
	db_close(db);
	assert_true(recovery_backup_due(&b));
}

static void
wrong_old_password_costs_time(void **state)
{
	int64_t began = clock_ticks();

	(void)state;
	assert_int_equal(ask(4, "password,security", "guess\n" NEW), -1);
	assert_int_equal(c.e.code, ERR_AUTH);
	assert_string_equal(c.e.msg, "The old security password is wrong.");
	assert_true(clock_ticks() - began >= 2000);
	present_is(OLD);
}

/* The node says no, and nobody has guessed anything. */
static void
node_that_refuses_our_key_is_named(void **state)
{
	struct sshd_server other;
	int64_t began = clock_ticks();
	struct node_row row;
	struct err e = ERR_INIT;
	struct db *db;
	char *key;

	(void)state;
	sshd_server_start(&other, NULL);
	db_rows_node(&row, "other", "127.0.0.1", NODE_SUBSCRIBER);
	row.ssh_port = other.port;
	(void)str_copy(row.host_key, sizeof(row.host_key), other.host_key);
	db = pg_server_open(DB_RW);
	assert_int_equal(nodes_add(db, &row, &e), 0);
	db_close(db);
	key = testing_read("", other.other_key_file);
	testing_write(server.root, "certs/peer.pem", key);
	free(key);
	assert_int_equal(ask(4, "password,security", OLD "\n" NEW), -1);
	assert_non_null(strstr(c.e.msg, "other cannot be reached: "));
	assert_non_null(strstr(c.e.msg, "our key is refused"));
	assert_true(clock_ticks() - began < 2000);
	present_is(OLD);
	pg_server_sql("delete from processnode where name = 'other'");
	sshd_server_stop(&other);
}

static void
unfit_new_passwords_are_refused(void **state)
{
	static const char *const bad[] = { OLD "\nshort", OLD "\n" OLD,
		OLD "\n", OLD "\nlowercase only", OLD "\nNew-Word-1\nmore" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ask(1, "password,security", bad[i]), -1);
		assert_int_equal(c.e.code, ERR_USAGE);
		assert_int_equal(ask(1, "password,admin", bad[i]), -1);
		assert_int_equal(c.e.code, ERR_USAGE);
	}
	assert_int_equal(ask(1, "password,security", "no newline"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1, "password,security"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(ask(1, "password,security", "New-Word-1\nNew-Word-1"),
	    -1);
	assert_non_null(strstr(c.e.msg, "must not be the old one"));
	assert_int_equal(fake.texts_len, 0);
	present_is(OLD);
}

static void
only_administrators_may(void **state)
{
	(void)state;
	assert_int_equal(ask(0, "password,security", OLD "\n" NEW), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_int_equal(ask(VERB_CALL_PEER, "password,security", OLD "\n" NEW),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_int_equal(ask(0, "password,admin", OLD "\n" NEW), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	/* root has passwd(1) */
	assert_int_equal(ask(VERB_CALL_ROOT, "password,admin", OLD "\n" NEW),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
}

static void
changed_on_the_publisher_only(void **state)
{
	(void)state;
	agent.conf.role = NODE_SUBSCRIBER;
	(void)str_copy(agent.conf.publisher_name,
	    sizeof(agent.conf.publisher_name), "test10pub");
	assert_int_equal(ask(4, "password,security", OLD "\n" NEW), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_non_null(strstr(c.e.msg, "on the publisher, test10pub"));
	present_is(OLD);
}

static void
own_account_is_handed_to_the_parent(void **state)
{
	char name[64];
	const char *text = (const char *)fake.texts;

	(void)state;
	assert_int_equal(ask(1, "password,admin", OLD "\n" NEW), 0);
	(void)str_copy(name, sizeof(name), text);
	text += strlen(text) + 1;
	assert_string_equal(text, OLD);
	text += strlen(text) + 1;
	assert_string_equal(text, NEW);
	/* its name is no part of a password */
	fake.texts_len = 0;
	{
		char secret[128];

		(void)str_printf(secret, sizeof(secret), "%s\n%s-Aa1-xyz", OLD,
		    name);
		assert_int_equal(ask(1, "password,admin", secret), -1);
		assert_int_equal(c.e.code, ERR_USAGE);
	}
	assert_int_equal(fake.texts_len, 0);
}

static void
wrong_own_password_costs_time_too(void **state)
{
	int64_t began = clock_ticks();

	(void)state;
	fake.failure = ERR_AUTH;
	assert_int_equal(ask(1, "password,admin", OLD "\n" NEW), -1);
	assert_int_equal(c.e.code, ERR_AUTH);
	assert_true(clock_ticks() - began >= 2000);
}

/* --- the side of another node ------------------------------------------- */

static int
stage(int level, const char *words, const char *password)
{
	verb_call_release(&c);
	return verb_call_payload(&c, &agent, level, words, password,
	    strlen(password));
}

static void
publisher_is_no_other_node(void **state)
{
	(void)state;
	assert_int_equal(stage(VERB_CALL_PEER, "password,stage," ID ",10", NEW),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER,
			     "password,settle," ID),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	present_is(OLD);
}

static void
storing_is_for_other_nodes(void **state)
{
	(void)state;
	assert_int_equal(stage(4, "password,stage," ID ",10", NEW), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	agent.conf.role = NODE_SUBSCRIBER;
	assert_int_equal(stage(VERB_CALL_PEER, "password,stage,xx,10", NEW),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(stage(VERB_CALL_PEER, "password,stage," ID ",9", NEW),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(stage(VERB_CALL_PEER, "password,stage," ID ",5",
			     "short"),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	present_is(OLD);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(security_password_is_changed),
		TEST(wrong_old_password_costs_time),
		TEST(node_that_refuses_our_key_is_named),
		TEST(unfit_new_passwords_are_refused),
		TEST(only_administrators_may),
		TEST(changed_on_the_publisher_only),
		TEST(own_account_is_handed_to_the_parent),
		TEST(wrong_own_password_costs_time_too),
		TEST(publisher_is_no_other_node),
		TEST(storing_is_for_other_nodes),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
