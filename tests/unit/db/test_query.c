#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start(&server);
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
open_one(void **state)
{
	(void)state;
	db = pg_server_open(DB_ADMIN);
	return 0;
}

static int
close_one(void **state)
{
	(void)state;
	db_close(db);
	return 0;
}

static void
arguments_and_cells(void **state)
{
	char number[ARG_INT_SIZE];
	const char *arg[] = { "it's", NULL, arg_int(number, INT64_MIN) };
	char small[4];
	char big[5];
	struct err e = ERR_INIT;
	PGresult *res;

	(void)state;
	assert_int_equal(db_query(db,
			     "select $1::text, $2::text is null, $3::bigint,"
			     " null, false, 'abcd' as four",
			     3, arg, &res, &e),
	    0);
	assert_string_equal(cell_text(res, 0, 0), "it's");
	assert_true(cell_bool(res, 0, 1));
	assert_true(cell_int(res, 0, 2) == INT64_MIN);
	assert_string_equal(cell_text(res, 0, 3), "");
	assert_int_equal(cell_int(res, 0, 3), 0);
	assert_false(cell_bool(res, 0, 3));
	assert_false(cell_bool(res, 0, 4));
	assert_int_equal(cell_copy(big, sizeof(big), res, 0, 5, &e), 0);
	assert_string_equal(big, "abcd");
	assert_int_equal(cell_copy(small, sizeof(small), res, 0, 5, &e), -1);
	assert_int_equal(e.code, ERR_DATABASE);
	assert_string_equal(e.msg,
	    "the database holds a four that is longer than 3 bytes");
	PQclear(res);
}

/* What the server says becomes a code and one line. */
static const struct {
	const char *sql;
	enum err_code code;
	const char *msg;
} failures[] = {
	{ "select 1/0", ERR_DATABASE, "database: division by zero" },
	{ "do $$ begin raise exception E'a\\nb\\033[0m'; end $$", ERR_DATABASE,
	    "database: a\\nb\\x1b[0m" },
	{ "do $$ begin raise exception 'x' using errcode = '42501'; end $$",
	    ERR_DENIED, "database: x" },
	{ "do $$ begin raise exception 'x' using errcode = '23505'; end $$",
	    ERR_EXISTS, "database: x" },
	{ "do $$ begin raise exception 'x' using errcode = '53100'; end $$",
	    ERR_NO_SPACE, "database: x" },
	{ "do $$ begin raise exception 'x' using errcode = '25006'; end $$",
	    ERR_STATE, "database: x" },
	{ "do $$ begin raise exception 'x' using errcode = '57P03'; end $$",
	    ERR_UNREACHABLE, "database: x" },
	{ "set statement_timeout = '1x'", ERR_DATABASE, NULL },
	{ "selec", ERR_DATABASE,
	    "database: syntax error at or near \"selec\"" },
};

static void
failures_have_a_code_and_one_line(void **state)
{
	struct err e = ERR_INIT;
	PGresult *res;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		res = (PGresult *)&e; /* must become NULL */
		assert_int_equal(db_query(db, failures[i].sql, 0, NULL, &res,
				     &e),
		    -1);
		assert_null(res);
		if (e.code != failures[i].code)
			fail_msg("%s: %s", failures[i].sql, e.msg);
		if (failures[i].msg != NULL)
			assert_string_equal(e.msg, failures[i].msg);
		assert_null(strchr(e.msg, '\n'));
	}
	/* the connection is as good as before */
	assert_int_equal(db_query(db, "select 1", 0, NULL, NULL, &e), 0);
	assert_int_equal(db_query(db, "select 1/0", 0, NULL, NULL, NULL), -1);
}

static void
server_ends_a_slow_statement(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_script(db, "set statement_timeout = 50", &e), 0);
	assert_int_equal(db_query(db, "select pg_sleep(20)", 0, NULL, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(db_query(db, "select 1", 0, NULL, NULL, &e), 0);
}

/* A server that does not end it itself costs DB_QUERY_MS. */
static void
own_deadline_ends_the_connection(void **state)
{
	struct err e = ERR_INIT;
	int64_t begun = clock_ticks();

	(void)state;
	assert_int_equal(db_script(db, "set statement_timeout = 0", &e), 0);
	assert_int_equal(db_query(db, "select pg_sleep(20)", 0, NULL, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_true(clock_ticks() - begun < DB_QUERY_MS + 1500);
	assert_int_equal(db_query(db, "select 1", 0, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

static void
scripts_stop_at_the_first_failure(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_script(db,
			     "create table a (x int); select 1/0; selec", &e),
	    -1);
	assert_int_equal(db_script(db,
			     "create table a (x int); insert into a"
			     " values (1); select * from a; drop table a",
			     &e),
	    0);
	assert_int_equal(db_script(db, "select 1; select 1/0; select 2", &e),
	    -1);
	assert_string_equal(e.msg, "database: division by zero");
}

static void
lost_connection_is_told(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_query(db,
			     "select pg_terminate_backend(pg_backend_pid())", 0,
			     NULL, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(db_query(db, "select 1", 0, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(db_script(db, "select 1", &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arguments_and_cells, open_one,
		    close_one),
		cmocka_unit_test_setup_teardown(
		    failures_have_a_code_and_one_line, open_one, close_one),
		cmocka_unit_test_setup_teardown(server_ends_a_slow_statement,
		    open_one, close_one),
		cmocka_unit_test_setup_teardown(
		    own_deadline_ends_the_connection, open_one, close_one),
		cmocka_unit_test_setup_teardown(
		    scripts_stop_at_the_first_failure, open_one, close_one),
		cmocka_unit_test_setup_teardown(lost_connection_is_told,
		    open_one, close_one),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
