#include "db/security_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/changes.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

#define FIRST "00112233445566778899aabbccddeeff"
#define SECOND "ffeeddccbbaa99887766554433221100"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&server);
	return 0;
}

static int
forget(void **state)
{
	(void)state;
	pg_server_sql("update securitychange set currentid = '',"
		      " pendingid = ''");
	return 0;
}

static void
row_is(const char *current, const char *pending)
{
	struct security_change c;
	struct err e = ERR_INIT;

	if (security_change_read(db, &c, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(c.current, current);
	assert_string_equal(c.pending, pending);
}

static void
change_is_begun_then_in_force(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	row_is("", "");
	assert_int_equal(security_change_begin(db, FIRST, &e), 0);
	row_is("", FIRST);
	assert_int_equal(security_change_commit(db, FIRST, &e), 0);
	row_is(FIRST, "");
	assert_int_equal(security_change_begin(db, SECOND, &e), 0);
	row_is(FIRST, SECOND);
	assert_int_equal(security_change_commit(db, SECOND, &e), 0);
	row_is(SECOND, "");
}

static void
what_is_called_off_never_comes_into_force(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(security_change_begin(db, FIRST, &e), 0);
	assert_int_equal(security_change_cancel(db, &e), 0);
	row_is("", "");
	assert_int_equal(security_change_commit(db, FIRST, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	/* another begins: the one before is called off */
	assert_int_equal(security_change_begin(db, FIRST, &e), 0);
	assert_int_equal(security_change_begin(db, SECOND, &e), 0);
	assert_int_equal(security_change_commit(db, FIRST, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	row_is("", SECOND);
}

static void
calling_off_nothing_is_no_change(void **state)
{
	uint64_t before, after;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(changes_read(db, &before, &e), 0);
	assert_int_equal(security_change_cancel(db, &e), 0);
	assert_int_equal(changes_read(db, &after, &e), 0);
	assert_int_equal(before, after);
	assert_int_equal(security_change_begin(db, FIRST, &e), 0);
	assert_int_equal(changes_read(db, &after, &e), 0);
	assert_true(after > before);
}

static void
only_numbers_of_changes_are_taken(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_true(security_change_valid(FIRST));
	assert_false(security_change_valid(""));
	assert_false(security_change_valid(FIRST "0"));
	assert_false(security_change_valid("00112233445566778899AABBCCDDEEFF"));
	assert_int_equal(security_change_begin(db, "x", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(security_change_commit(db, "", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

static void
run_sql_does_not_see_it(void **state)
{
	static const enum db_role role[] = { DB_SQL, DB_SQL_RW };
	struct security_change c;
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct db *sql = pg_server_open(role[i]);

		assert_int_equal(security_change_read(sql, &c, &e), -1);
		assert_int_equal(e.code, ERR_DENIED);
		db_close(sql);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(change_is_begun_then_in_force, forget),
		cmocka_unit_test_setup(
		    what_is_called_off_never_comes_into_force, forget),
		cmocka_unit_test_setup(calling_off_nothing_is_no_change,
		    forget),
		cmocka_unit_test_setup(only_numbers_of_changes_are_taken,
		    forget),
		cmocka_unit_test_setup(run_sql_does_not_see_it, forget),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
