#include "commands/regexp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
matches(const char *expression, const char *text, size_t n)
{
	struct err e = ERR_INIT;
	struct regexp *r;
	bool found;

	assert_int_equal(regexp_new(&r, expression, false, &e), 0);
	found = regexp_match(r, text, n);
	regexp_free(r);
	return found;
}

static void
extended_expressions_match_anywhere(void **state)
{
	struct err e = ERR_INIT;
	struct regexp *r;

	(void)state;
	assert_true(matches("Err[a-z]+|Warn", "an Error here", 13));
	assert_false(matches("^Err", "an Error here", 13));
	assert_true(matches("here$", "an Error here", 13));
	assert_int_equal(regexp_new(&r, "ERROR", true, &e), 0);
	assert_true(regexp_match(r, "an Error here", 13));
	regexp_free(r);
}

static void
only_the_bytes_given_count(void **state)
{
	(void)state;
	assert_false(matches("here", "an Error here", 10));
	assert_true(matches("end", "nul\0 and end", 12));
	assert_true(matches("^$", "", 0));
}

static const char *
refusal(const char *expression)
{
	static struct err e;

	err_clear(&e);
	assert_int_equal(regexp_check(expression, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	return e.msg;
}

static void
wrong_expressions_are_told(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(strstr(refusal("(("), "is wrong: "));
	assert_non_null(strstr(refusal("[a"), "is wrong: "));
	assert_non_null(strstr(refusal(""), "empty"));
	assert_int_equal(regexp_check("a{3}[{]{2,}\\{9999}", &e), 0);
}

static void
costly_expressions_are_refused(void **state)
{
	char *longest = malloc(REGEXP_MAX + 2);
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(longest);
	assert_non_null(strstr(refusal("(a)\\1"), "Back references"));
	assert_non_null(strstr(refusal("a{255}{255}"), "repetitions"));
	assert_non_null(strstr(refusal("(a{40}){30}"), "repetitions"));
	assert_non_null(strstr(refusal("a{1,1001}"), "repetitions"));
	assert_non_null(
	    strstr(refusal("[[:alpha:]{9}]{99}x{99}"), "repetitions"));
	memset(longest, 'a', REGEXP_MAX + 1);
	longest[REGEXP_MAX + 1] = '\0';
	assert_non_null(strstr(refusal(longest), "longer than"));
	longest[REGEXP_MAX] = '\0';
	assert_int_equal(regexp_check(longest, &e), 0);
	memset(longest, '(', REGEXP_MAX);
	assert_int_equal(regexp_check(longest, &e), -1);
	free(longest);
}

static void
a_hostile_pair_takes_little(void **state)
{
	struct err e = ERR_INIT;
	static char line[4096 + 1];
	struct regexp *r;
	size_t i, hits = 0;

	(void)state;
	assert_int_equal(regexp_new(&r, "(a|b)*a(a|b){14}c", false, &e), 0);
	for (i = 0; i < 64; i++) {
		size_t k;

		for (k = 0; k < sizeof(line) - 1; k++)
			line[k] = "ab"[(k * 2654435761U + i) >> 13 & 1];
		hits += regexp_match(r, line, sizeof(line) - 1);
	}
	regexp_free(r);
	assert_int_equal(hits, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extended_expressions_match_anywhere),
		cmocka_unit_test(only_the_bytes_given_count),
		cmocka_unit_test(wrong_expressions_are_told),
		cmocka_unit_test(costly_expressions_are_refused),
		cmocka_unit_test(a_hostile_pair_takes_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
