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

#include "base/str.h"
#include "db/db_priv.h"
#include "db/schema_priv.h"
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

/* The steps before number, as an older program has run them. */
static void
run_steps_before(struct db *db, unsigned number)
{
	struct err e = ERR_INIT;
	unsigned i;

	if (db_script(db,
		"create table schemamigration (step integer primary key,"
		" name text not null, applied bigint not null)",
		&e) == -1)
		fail_msg("%s", e.msg);
	for (i = 0; i < schema_step_count; i++) {
		char step[64];

		if (schema_steps[i].number >= number)
			continue;
		(void)str_printf(step, sizeof(step),
		    "insert into schemamigration values (%u, '', 0)",
		    schema_steps[i].number);
		if (db_script(db, schema_steps[i].sql, &e) == -1 ||
		    db_script(db, step, &e) == -1)
			fail_msg("%s: %s", schema_steps[i].name, e.msg);
	}
}

/* A cluster of before has nodes, and perhaps devices that nothing checked. */
static void
older_clusters_learn_about_phones(void **state)
{
	struct pg_server older;
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	pg_server_start(&older);
	db = pg_server_open(DB_ADMIN);
	run_steps_before(db, 10);
	if (db_script(db,
		"insert into processnode (name, nodeid, tknodeusage) values"
		" ('10.0.0.1', 2, 0), ('10.0.0.2', 3, 1), ('10.0.0.3', 4, 1);"
		"insert into nodelink (fkprocessnode, hostname, sshport,"
		" tftpport, httpport, dbport) select pkid, 'n' || nodeid, 22,"
		" 69, 6970, 5432 from processnode where not systemnode;"
		"insert into processnodeservice (fkprocessnode, tkservice,"
		" isactive) select pkid, 0, nodeid <> 3 from processnode"
		" where not systemnode;"
		"insert into device (name, tkmodel, tkdeviceprotocol,"
		" fkdevicepool) select 'SEP001122334455', 4711, 5, pkid"
		" from devicepool",
		&e) == -1)
		fail_msg("%s", e.msg);
	if (migrate_run(db, 77, NULL, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(count(db,
			     "select count(*) from devicechange c"
			     " join changecounter n on n.value = c.change"
			     " where n.tablename = 'device'"
			     " and c.name = 'SEP001122334455'"),
	    1);
	assert_int_equal(count(db,
			     "select count(*) from device where tkmodel = 255"
			     " and tkdeviceprotocol = 99"),
	    1);
	assert_int_equal(count(db,
			     "select count(*) from callmanagergroupmember m"
			     " join callmanager c on c.pkid = m.fkcallmanager"
			     " where (c.name, m.priority) in"
			     " (('CM_n2', 0), ('CM_n4', 1))"),
	    2);
	assert_int_equal(count(db, "select count(*) from callmanager"), 2);
	assert_int_equal(count(db,
			     "select count(*) from processconfig where"
			     " paramname = 'Alternate Cisco File Servers'"),
	    1);
	db_close(db);
	pg_server_stop(&older);
	pg_server_use(&server);
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
		cmocka_unit_test(older_clusters_learn_about_phones),
		cmocka_unit_test(failing_step_is_undone),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
