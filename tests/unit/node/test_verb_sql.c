/*
 * node/verb_sql.c: rows, NULL, counts and rights, against a real database.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/agent.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/verb_call.h"

static struct pg_server server;
static struct agent agent;
static struct verb_call c;

static int
start(void **state)
{
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_close(db);
	agent.conf = server.conf;
	return 0;
}

static int
stop(void **state)
{
	(void)state;
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
sql(int level, const char *statement)
{
	verb_call_release(&c);
	return verb_call_payload(&c, &agent, level, "sql", statement,
	    strlen(statement));
}

static void
answers_names_and_rows(void **state)
{
	(void)state;
	assert_int_equal(sql(0,
			     "select paramname,paramvalue from processconfig "
			     "where paramname='ClusterSecurityMode'"),
	    0);
	assert_string_equal(c.rows,
	    "paramname|paramvalue\nClusterSecurityMode|0\n");
	assert_string_equal(c.message, "");
}

static void
marks_null(void **state)
{
	(void)state;
	assert_int_equal(sql(0, "select null::text as a, '' as b"), 0);
	assert_string_equal(c.rows, "a|b\n\xff|\n");
}

static void
counts_changes(void **state)
{
	static const char update[] =
	    "update processconfig set paramvalue='0' where "
	    "paramname='ClusterSecurityMode'";

	(void)state;
	assert_int_equal(sql(1, update), 0);
	assert_string_equal(c.message, "Rows: 1");
	assert_string_equal(c.rows, "");
	assert_int_equal(sql(0, update), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
}

static void
refuses_what_is_no_statement(void **state)
{
	(void)state;
	assert_int_equal(sql(1, ""), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(sql(1, "select 1; select 2"), -1);
	assert_int_equal(sql(0, "copy (select 1) to program 'id'"), -1);
	assert_int_equal(sql(0, "select pg_read_file('/etc/passwd')"), -1);
	verb_call_release(&c);
	assert_int_equal(verb_call_payload(&c, &agent, 0, "sql", "select\0 1",
			     9),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
}

static void
says_when_the_database_is_down(void **state)
{
	(void)state;
	pg_server_halt(&server);
	assert_int_equal(sql(0, "select 1"), -1);
	assert_memory_equal(c.e.msg, "the database: ", 14);
	pg_server_resume(&server);
	assert_int_equal(sql(0, "select 1 as x"), 0);
	assert_string_equal(c.rows, "x\n1\n");
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_names_and_rows),
		TEST(marks_null),
		TEST(counts_changes),
		TEST(refuses_what_is_no_statement),
		TEST(says_when_the_database_is_down),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
