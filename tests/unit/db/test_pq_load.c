/*
 * db/pq_load.c: libpq is there when it is asked for, and only then.
 */
#include "db/pq_load.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <postgresql/libpq-fe.h>

static bool
is_loaded(void)
{
	void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_NOLOAD);

	if (library == NULL)
		return false;
	(void)dlclose(library);
	return true;
}

/* What db_close() does when nothing was opened. */
static void
nothing_needs_no_library(void **state)
{
	(void)state;
	PQclear(NULL);
	PQfinish(NULL);
	assert_false(is_loaded());
}

static void
loads_once(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(pq_load(&e), 0);
	assert_true(is_loaded());
	assert_int_equal(pq_load(&e), 0);
	assert_int_equal(e.code, ERR_NONE);
}

/* A connection to nowhere goes through most of what starting one needs. */
static void
calls_the_library(void **state)
{
	static const char *const keyword[] = { "host", "dbname", NULL };
	static const char *const value[] = { "/nonexistent", "ucm", NULL };
	PGconn *conn;

	(void)state;
	conn = PQconnectStartParams(keyword, value, 0);
	assert_non_null(conn);
	assert_int_equal(PQstatus(conn), CONNECTION_BAD);
	assert_non_null(strstr(PQerrorMessage(conn), "/nonexistent"));
	assert_int_equal(PQsocket(conn), -1);
	PQfinish(conn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_needs_no_library),
		cmocka_unit_test(loads_once),
		cmocka_unit_test(calls_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
