/*
 * node/verb_node.c: whoami, audit, cli timeout, node status, cluster show.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/agent.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"

#define LOG "log/platform/log/cli00001.log"

static struct pg_server server;
static struct fake_parent fake;
static struct agent agent;
static struct verb_call c;

static int
start(void **state)
{
	static const char *const dirs[] = { "etc", "log", "log/platform",
		"log/platform/log", "run" };
	char path[PATH_SIZE];
	struct db *db;
	size_t i;

	(void)state;
	pg_server_start_migrated(&server);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(paths_in(path, "%s", dirs[i]), 0755);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	/* nothing listens there */
	db_rows_add_node(db, "sub1", "127.0.0.99", NODE_SUBSCRIBER);
	db_close(db);
	fake_parent_start(&fake);
	agent_init(&agent, &server.conf, dup(fake.link.fd));
	return 0;
}

static int
stop(void **state)
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
	return 0;
}

static int
call(int level, const char *words)
{
	verb_call_release(&c);
	return verb_call(&c, &agent, level, words);
}

static void
says_who_asks(void **state)
{
	(void)state;
	assert_int_equal(call(1, "whoami"), 0);
	assert_string_equal(c.rows, "tester|1|1234\n");
	assert_int_equal(call(VERB_CALL_PEER, "whoami"), -1);
}

static void
writes_the_audit(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(verb_call_payload(&c, &agent, 0, "audit,begin",
			     "show itl\033[2J", 12),
	    0);
	verb_call_release(&c);
	assert_int_equal(verb_call_payload(&c, &agent, 0, "audit,end,1",
			     "show itl\0x", 10),
	    0);
	text = testing_read(server.root, LOG);
	assert_non_null(text);
	assert_non_null(strstr(text, "running command -> [show itl\\x1b[2J ]"));
	assert_non_null(strstr(text, "user=tester"));
	assert_non_null(strstr(text, "status=1"));
	assert_null(strchr(text, '\033'));
	free(text);
	assert_int_equal(call(0, "audit,end,x"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(call(0, "audit,end,256"), -1);
}

static void
shows_and_sets_the_session_timeout(void **state)
{
	(void)state;
	assert_int_equal(call(0, "cli,timeout"), 0);
	assert_string_equal(c.rows, "30\n");
	testing_write(server.root, "etc/cli.conf", "session_timeout = 45\n");
	assert_int_equal(call(0, "cli,timeout"), 0);
	assert_string_equal(c.rows, "45\n");
	assert_int_equal(call(0, "cli,timeout,20"), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_int_equal(call(1, "cli,timeout,20"), 0);
	assert_int_equal(fake.timeout, 20);
	assert_int_equal(call(1, "cli,timeout,4"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(call(1, "cli,timeout,100000"), -1);
	assert_int_equal(fake.timeout, 20);
}

static void
tells_its_status(void **state)
{
	char want[256];

	(void)state;
	assert_int_equal(call(VERB_CALL_PEER, "node,status"), 0);
	(void)str_printf(want, sizeof(want), "%s|Publisher|%s|%s|%lld\n",
	    server.conf.name, server.conf.address, AGENT_VERSION,
	    (long long)agent.started);
	assert_string_equal(c.rows, want);
}

static void
shows_who_answers(void **state)
{
	(void)state;
	assert_int_equal(call(0, "cluster,show"), 0);
	assert_non_null(strstr(c.rows, "|pub1|Publisher|t|"));
	assert_non_null(strstr(c.rows, "127.0.0.99|sub1"));
	assert_non_null(strstr(c.rows, "|sub1|Subscriber|f|"));
	assert_non_null(strstr(c.rows, "|f\n"));
	pg_server_halt(&server);
	assert_int_equal(call(0, "cluster,show"), -1);
	assert_true(c.e.hint[0] != '\0');
	pg_server_resume(&server);
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_who_asks),
		TEST(writes_the_audit),
		TEST(shows_and_sets_the_session_timeout),
		TEST(tells_its_status),
		TEST(shows_who_answers),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
