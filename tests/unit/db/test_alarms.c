#include "db/alarms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/changes.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

#define NOW INT64_C(1400000000)
#define KEPT (INT64_C(86400) * ALARMS_KEPT_DAYS)

static struct pg_server server;
static struct db *db;

static const struct alarm_row rows[] = {
	{ "UC_CERT", ALARM_WARNING, "ITLRecoveryCertBackup", "Save it." },
	{ "UC_CERT", ALARM_CRITICAL, "CertValidfor7days", "It's near; 'x'" },
};

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
	pg_server_sql("delete from alarm");
	return 0;
}

static int
count(const char *where)
{
	char sql[256];
	struct err e = ERR_INIT;
	PGresult *res;
	int n;

	(void)str_printf(sql, sizeof(sql), "select count(*) from alarm %s",
	    where);
	if (db_query(db, sql, 0, NULL, &res, &e) == -1)
		fail_msg("%s", e.msg);
	n = (int)cell_int(res, 0, 0);
	PQclear(res);
	return n;
}

static void
rows_are_added(void **state)
{
	struct err e = ERR_INIT;
	uint64_t before, after;

	(void)state;
	assert_int_equal(changes_read(db, &before, &e), 0);
	assert_int_equal(alarms_add(db, "pub1", NOW, rows, 2, &e), 0);
	assert_int_equal(count("where node = 'pub1' and raised = 1400000000"),
	    2);
	assert_int_equal(count("where severity = 2 and facility = 'UC_CERT'"
			       " and name = 'CertValidfor7days'"
			       " and message = 'It''s near; ''x'''"),
	    1);
	/* an alarm is no change that a service need look at */
	assert_int_equal(changes_read(db, &after, &e), 0);
	assert_int_equal(after, before);
}

static void
old_rows_go(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(alarms_add(db, "pub1", NOW, rows, 2, &e), 0);
	assert_int_equal(alarms_add(db, "sub1", NOW + KEPT, rows, 1, &e), 0);
	assert_int_equal(count(""), 3);
	assert_int_equal(alarms_add(db, "sub1", NOW + KEPT + 1, NULL, 0, &e),
	    0);
	assert_int_equal(count(""), 1);
}

static void
all_or_nothing(void **state)
{
	const struct alarm_row bad[] = {
		rows[0],
		{ "UC_CERT", (enum alarm_severity)9, "X", "no such severity" },
	};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(alarms_add(db, "pub1", NOW, bad, 2, &e), -1);
	assert_int_equal(count(""), 0);
	assert_int_equal(alarms_add(db, "pub1", NOW, rows, 1, &e), 0);
	assert_int_equal(count(""), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rows_are_added, forget),
		cmocka_unit_test_setup(old_rows_go, forget),
		cmocka_unit_test_setup(all_or_nothing, forget),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
