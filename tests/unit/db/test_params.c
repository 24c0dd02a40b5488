#include "db/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/changes.h"
#include "db/db_priv.h"
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

static void
installation_sets_parameters(void **state)
{
	char value[PARAMS_VALUE_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(params_get(db, PARAMS_SECURITY_MODE, value, &e), 0);
	assert_string_equal(value, "0");
	assert_int_equal(params_get(db, PARAMS_SIGNATURE_ALGORITHM, value, &e),
	    0);
	assert_string_equal(value, "SHA-1");
	assert_int_equal(params_get(db, "Cluster ID", value, &e), 0);
	assert_string_equal(value, "StandAloneCluster");
}

static void
parameter_can_be_set(void **state)
{
	char value[PARAMS_VALUE_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(params_set(db, PARAMS_SIGNATURE_ALGORITHM, "SHA-512",
			     &e),
	    0);
	assert_int_equal(params_get(db, PARAMS_SIGNATURE_ALGORITHM, value, &e),
	    0);
	assert_string_equal(value, "SHA-512");
	assert_int_equal(params_get(db, PARAMS_SECURITY_MODE, value, &e), 0);
	assert_string_equal(value, "0");
}

static void
same_value_is_no_change(void **state)
{
	uint64_t before, after;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(params_set(db, "Cluster ID", "same", &e), 0);
	assert_int_equal(changes_read(db, &before, &e), 0);
	assert_int_equal(params_set(db, "Cluster ID", "same", &e), 0);
	assert_int_equal(changes_read(db, &after, &e), 0);
	assert_true(after == before);
	assert_int_equal(params_set(db, "Cluster ID", "other", &e), 0);
	assert_int_equal(changes_read(db, &after, &e), 0);
	assert_true(after > before);
}

static void
unknown_and_long_ones_are_refused(void **state)
{
	char value[PARAMS_VALUE_SIZE];
	char big[PARAMS_VALUE_SIZE + 1];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(params_get(db, "Nope", value, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(value, "");
	assert_int_equal(params_set(db, "Nope", "1", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(params_set(db, "Cluster ID", big, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	big[sizeof(big) - 2] = '\0';
	assert_int_equal(params_set(db, "Cluster ID", big, &e), 0);
	assert_int_equal(params_get(db, "Cluster ID", value, &e), 0);
	assert_string_equal(value, big);
}

/* A value written by run sql may be longer than we can take. */
static void
value_that_does_not_fit_is_an_error(void **state)
{
	char value[PARAMS_VALUE_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	pg_server_sql("update processconfig set paramvalue = repeat('x', 9999)"
		      " where paramname = 'Cluster ID'");
	assert_int_equal(params_get(db, "Cluster ID", value, &e), -1);
	assert_int_equal(e.code, ERR_DATABASE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(installation_sets_parameters),
		cmocka_unit_test(parameter_can_be_set),
		cmocka_unit_test(same_value_is_no_change),
		cmocka_unit_test(unknown_and_long_ones_are_refused),
		cmocka_unit_test(value_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
