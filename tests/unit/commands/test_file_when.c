#include "commands/file_when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

static void
minutes_to_weeks_are_seconds(void **state)
{
	struct file_when w;

	(void)state;
	file_when_last(&w, "minutes", 3, 1000000);
	assert_int_equal(w.from, 1000000 - 180);
	assert_true(file_when_has(&w, 1000000 - 180));
	assert_false(file_when_has(&w, 1000000 - 181));
	/* A clock that was set back leaves files of the future. */
	assert_true(file_when_has(&w, 2000000));
	file_when_last(&w, "hours", 2, 1000000);
	assert_int_equal(w.from, 1000000 - 7200);
	file_when_last(&w, "days", 1, 1000000);
	assert_int_equal(w.from, 1000000 - 86400);
	file_when_last(&w, "weeks", 1, 1000000);
	assert_int_equal(w.from, 1000000 - 604800);
}

static void
months_are_those_of_the_calendar(void **state)
{
	struct tm tm = { .tm_year = 113,
		.tm_mon = 2,
		.tm_mday = 20,
		.tm_hour = 12,
		.tm_isdst = -1 };
	struct tm before = { .tm_year = 113,
		.tm_mon = 1,
		.tm_mday = 20,
		.tm_hour = 12,
		.tm_isdst = -1 };
	struct file_when w;

	(void)state;
	file_when_last(&w, "months", 1, (int64_t)mktime(&tm));
	assert_int_equal(w.from, (int64_t)mktime(&before));
	before.tm_mon -= 9998;
	file_when_last(&w, "months", 9999, (int64_t)mktime(&tm));
	assert_int_equal(w.from, (int64_t)mktime(&before));
}

static void
times_are_written_one_way(void **state)
{
	static const char *const wrong[] = { "", "18:00", "18:00:10/20/2013",
		"24:00:10/20/13", "18:60:10/20/13", "18:00:13/20/13",
		"18:00:02/30/13", "18:00:00/20/13", "18:00:10/00/13",
		"1a:00:10/20/13", "18-00:10/20/13", "-1:00:10/20/13" };
	struct tm tm = { .tm_year = 113,
		.tm_mon = 9,
		.tm_mday = 20,
		.tm_hour = 18,
		.tm_isdst = -1 };
	struct err e = ERR_INIT;
	int64_t t;
	size_t i;

	(void)state;
	assert_int_equal(file_when_parse("18:00:10/20/13", &t, &e), 0);
	assert_int_equal(t, (int64_t)mktime(&tm));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(file_when_parse(wrong[i], &t, &e), -1);
	assert_string_equal(e.msg,
	    "A time is written hh:mm:MM/DD/YY, for example 18:00:10/20/13.");
}

static void
between_has_both_ends(void **state)
{
	struct err e = ERR_INIT;
	struct file_when w;

	(void)state;
	assert_int_equal(file_when_between(&w, "18:00:10/20/13",
			     "18:00:10/20/13", &e),
	    0);
	assert_int_equal(w.to - w.from, 59);
	assert_int_equal(file_when_between(&w, "18:00:10/21/13",
			     "18:00:10/20/13", &e),
	    -1);
	assert_string_equal(e.msg,
	    "The second time lies before the first one.");
	file_when_always(&w);
	assert_true(file_when_has(&w, INT64_MIN));
	assert_true(file_when_has(&w, INT64_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minutes_to_weeks_are_seconds),
		cmocka_unit_test(months_are_those_of_the_calendar),
		cmocka_unit_test(times_are_written_one_way),
		cmocka_unit_test(between_has_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
