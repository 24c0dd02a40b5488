#include "db/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "db/params.h"
#include "db/services.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

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

static uint64_t
counter(void)
{
	uint64_t value = 0;
	struct err e = ERR_INIT;

	if (changes_read(db, &value, &e) == -1)
		fail_msg("%s", e.msg);
	return value;
}

static void
changes_count(void **state)
{
	struct err e = ERR_INIT;
	uint64_t before = counter();

	(void)state;
	assert_int_equal(counter(), before);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
	assert_true(counter() > before);
	before = counter();
	assert_int_equal(services_set_active(db, "pub", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_true(counter() > before);
	before = counter();
	db_rows_add_cert(db, "pub", "CallManager", 1);
	assert_true(counter() > before);
	before = counter();
	assert_int_equal(params_set(db, PARAMS_SIGNATURE_ALGORITHM, "SHA-512",
			     &e),
	    0);
	assert_true(counter() > before);
}

static void
alarms_and_phones_do_not_count(void **state)
{
	uint64_t before = counter();

	(void)state;
	pg_server_sql("insert into alarm (raised, node, facility, severity,"
		      " name, message) values (1, 'a', 'b', 4, 'c', 'd');"
		      "insert into devicetlinfo (devicename, reported)"
		      " values ('SEP000000000001', 1)");
	assert_int_equal(counter(), before);
}

static void
undone_changes_do_not_count(void **state)
{
	struct err e = ERR_INIT;
	uint64_t before = counter();

	(void)state;
	assert_int_equal(db_begin(db, &e), 0);
	assert_int_equal(params_set(db, PARAMS_SIGNATURE_ALGORITHM, "SHA-1",
			     &e),
	    0);
	assert_true(counter() > before);
	db_rollback(db);
	assert_int_equal(counter(), before);
}

/* run sql may not touch the counter, but its changes count. */
static void
changes_by_run_sql_count(void **state)
{
	struct err e = ERR_INIT;
	uint64_t before = counter();
	struct db *sql = pg_server_open(DB_SQL_RW);

	(void)state;
	assert_int_equal(db_query(sql,
			     "update processconfig set paramvalue = '1'"
			     " where paramname = 'ClusterSecurityMode'",
			     0, NULL, NULL, &e),
	    0);
	db_close(sql);
	assert_int_equal(counter(), before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_count),
		cmocka_unit_test(alarms_and_phones_do_not_count),
		cmocka_unit_test(undone_changes_do_not_count),
		cmocka_unit_test(changes_by_run_sql_count),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
