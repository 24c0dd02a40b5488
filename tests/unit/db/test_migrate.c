#include "db/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;

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

static long
count(struct db *db, const char *sql)
{
	struct err e = ERR_INIT;
	PGresult *res;
	long n;

	if (db_query(db, sql, 0, NULL, &res, &e) == -1)
		fail_msg("%s: %s", sql, e.msg);
	n = (long)cell_int(res, 0, 0);
	PQclear(res);
	return n;
}

static void
version_of_an_empty_database_is_0(void **state)
{
	struct db *db = pg_server_open(DB_ADMIN);
	struct err e = ERR_INIT;
	unsigned applied = 9;
	unsigned known = 0;

	(void)state;
	assert_int_equal(migrate_version(db, &applied, &known, &e), 0);
	assert_int_equal(applied, 0);
	assert_true(known >= 5);
	db_close(db);
}

/* Three programs migrate at the same time: each step runs once. */
static void
callers_wait_for_each_other(void **state)
{
	pid_t child[3];
	struct err e = ERR_INIT;
	struct db *db;
	unsigned applied = 0;
	unsigned known = 0;
	int status;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		child[i] = fork();
		assert_int_not_equal(child[i], -1);
		if (child[i] == 0) {
			db = pg_server_open(DB_ADMIN);
			status = migrate_run(db, 77, NULL, &e);
			db_close(db);
			_exit(status == 0 ? 0 : 1);
		}
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	db = pg_server_open(DB_ADMIN);
	assert_int_equal(migrate_version(db, &applied, &known, &e), 0);
	assert_int_equal(applied, known);
	assert_int_equal(count(db,
			     "select count(*) from schemamigration"
			     " where applied = 77"),
	    known);
	db_close(db);
}

static void
second_run_does_nothing(void **state)
{
	struct db *db = pg_server_open(DB_ADMIN);
	struct err e = ERR_INIT;
	unsigned done = 9;

	(void)state;
	assert_int_equal(migrate_run(db, 88, &done, &e), 0);
	assert_int_equal(done, 0);
	assert_int_equal(
	    count(db,
		"select count(*) from schemamigration where applied = 88"),
	    0);
	db_close(db);
}

static void
services_may_read_the_version_and_not_migrate(void **state)
{
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;
	unsigned applied = 0;
	unsigned known = 0;

	(void)state;
	assert_int_equal(migrate_version(db, &applied, &known, &e), 0);
	assert_int_equal(applied, known);
	db_close(db);
	/* as a node whose program is newer than its database */
	pg_server_sql("update schemamigration set step = -step where step ="
		      " (select max(step) from schemamigration)");
	db = pg_server_open(DB_RW);
	assert_int_equal(migrate_run(db, 99, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	db_close(db);
	pg_server_sql("update schemamigration set step = -step where step < 0");
}

/* What fails leaves nothing of its step behind. */
static void
failing_step_is_undone(void **state)
{
	struct db *db;
	struct err e = ERR_INIT;
	unsigned applied = 0;
	unsigned known = 0;

	(void)state;
	pg_server_sql("delete from schemamigration where step >= 4;"
		      "drop function ucm_slot_create(name)");
	db = pg_server_open(DB_ADMIN);
	/* ucm_slot_drop() is still there, so the step cannot make it */
	assert_int_equal(migrate_run(db, 99, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "schema step 0004_slots: database: "));
	assert_int_equal(migrate_version(db, &applied, &known, &e), 0);
	assert_int_equal(applied, 3);
	assert_int_equal(count(db,
			     "select count(*) from pg_proc"
			     " where proname = 'ucm_slot_create'"),
	    0);
	db_close(db);
}

static void
public_schema_belongs_to_nobody(void **state)
{
	struct db *db = pg_server_open(DB_ADMIN);

	(void)state;
	assert_int_equal(count(db,
			     "select (has_schema_privilege('ucm_rw', 'public',"
			     " 'create') or has_schema_privilege('ucm_sql',"
			     " 'public', 'create') or has_database_privilege("
			     "'ucm_sql_rw', 'ucm', 'temp'))::int"),
	    0);
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_of_an_empty_database_is_0),
		cmocka_unit_test(callers_wait_for_each_other),
		cmocka_unit_test(second_run_does_nothing),
		cmocka_unit_test(services_may_read_the_version_and_not_migrate),
		cmocka_unit_test(public_schema_belongs_to_nobody),
		cmocka_unit_test(failing_step_is_undone),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
