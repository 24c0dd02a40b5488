/*
 * base/library.c: libraries are there when they are asked for.
 */
#include "base/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* zlib: no other part of this program needs it. */
static struct {
	const char *(*version)(void);
	unsigned long (
	    *checksum)(unsigned long, const unsigned char *, unsigned);
} zlib;

static void
finds_functions(void **state)
{
	const struct library_function functions[] = {
		{ "zlibVersion", &zlib.version },
		{ "crc32", &zlib.checksum },
	};
	struct library l = LIBRARY("libz.so.1", "zlib1g", functions);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(library_load(&l, &e), 0);
	assert_int_equal(zlib.version()[0], '1');
	/* the check value of this checksum (ISO 3309) */
	assert_int_equal(zlib.checksum(0, (const unsigned char *)"123456789",
			     9),
	    0xcbf43926);
	zlib.version = NULL;
	assert_int_equal(library_load(&l, &e), 0);
	assert_null(zlib.version);
	assert_int_equal(e.code, ERR_NONE);
}

static void
names_a_missing_library(void **state)
{
	const struct library_function functions[] = {
		{ "zlibVersion", &zlib.version },
	};
	struct library l = LIBRARY("libnone.so.9", "libnone9", functions);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(library_load(&l, &e), -1);
	assert_int_equal(e.code, ERR_INTERNAL);
	assert_non_null(strstr(e.msg, "libnone.so.9"));
	assert_string_equal(e.hint, "Install the package libnone9.");
}

static void
names_a_missing_function(void **state)
{
	const struct library_function functions[] = {
		{ "zlibVersion", &zlib.version },
		{ "zlibAnthem", &zlib.checksum },
	};
	struct library l = LIBRARY("libz.so.1", "zlib1g", functions);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(library_load(&l, &e), -1);
	assert_string_equal(e.msg, "libz.so.1 has no zlibAnthem");
	/* and again: it is not taken for loaded */
	e = (struct err)ERR_INIT;
	assert_int_equal(library_load(&l, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_functions),
		cmocka_unit_test(names_a_missing_library),
		cmocka_unit_test(names_a_missing_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
