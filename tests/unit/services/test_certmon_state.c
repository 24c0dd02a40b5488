#include "services/certmon_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/paths.h"
#include "tests/fakes/testing.h"

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)
#define NINE 540U
#define MIDNIGHT INT64_C(1393372800) /* 2014-02-26 00:00:00 UTC */

static int
setup(void **state)
{
	char path[PATH_SIZE];
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return mkdir(paths_in(path, "run"), 0755) == -1 ||
		setenv("TZ", "UTC", 1) == -1 ?
	    -1 :
	    0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return unsetenv("TZ");
}

static void
the_last_moment_is_today_s_or_yesterday_s(void **state)
{
	(void)state;
	assert_int_equal(certmon_moment(MIDNIGHT + 9 * HOUR, NINE),
	    MIDNIGHT + 9 * HOUR);
	assert_int_equal(certmon_moment(MIDNIGHT + 9 * HOUR - 1, NINE),
	    MIDNIGHT - 15 * HOUR);
	assert_int_equal(certmon_moment(MIDNIGHT, 0), MIDNIGHT);
	assert_int_equal(certmon_moment(MIDNIGHT - 1, 0), MIDNIGHT - DAY);
	assert_int_equal(certmon_moment(MIDNIGHT + DAY - 1, 1439),
	    MIDNIGHT + DAY - 60);
}

/* Every day has one moment, the days of 23 and 25 hours, too. */
static void
summer_time_loses_no_day(void **state)
{
	static const unsigned minutes[] = { 0, 119, 120, 150, 179, 180, 1439 };
	int64_t t;
	size_t i;

	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	for (i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		int64_t last = certmon_moment(MIDNIGHT, minutes[i]);
		int moments = 0;

		/* a year in quarters of an hour */
		for (t = MIDNIGHT; t < MIDNIGHT + 365 * DAY; t += 900) {
			int64_t m = certmon_moment(t, minutes[i]);

			assert_true(m <= t);
			assert_true(t - m < DAY + 2 * HOUR);
			assert_true(m >= last);
			moments += m != last;
			last = m;
		}
		assert_in_range(moments, 364, 365);
	}
}

static bool
due(struct certmon_state *s, int64_t now)
{
	bool yes = certmon_state_due(s, now, NINE);

	if (yes)
		s->ran = now;
	return yes;
}

static void
one_run_a_day_from_the_first_look_on(void **state)
{
	struct certmon_state s = { .ran = CERTMON_NEVER };
	int64_t t = MIDNIGHT + 12 * HOUR;
	int i;

	(void)state;
	assert_true(due(&s, t));
	for (i = 0; i < 10; i++) {
		assert_false(due(&s, t));
		assert_false(due(&s, t + 21 * HOUR - 1));
		t += DAY;
		assert_true(due(&s, t));
	}
	/* days missed are made up for once */
	assert_true(due(&s, t + 5 * DAY));
	assert_false(due(&s, t + 5 * DAY + 1));
}

/* Whatever the hour of the first look: a day later there is another run. */
static void
a_day_is_a_day_at_any_hour(void **state)
{
	int64_t t;

	(void)state;
	for (t = MIDNIGHT; t < MIDNIGHT + DAY; t += HOUR / 4) {
		struct certmon_state s = { .ran = CERTMON_NEVER };

		assert_true(due(&s, t));
		assert_true(due(&s, t + DAY));
		assert_false(due(&s, t + DAY + 1));
		assert_true(due(&s, t + 2 * DAY));
	}
}

static void
another_time_of_day_has_its_own_moment(void **state)
{
	struct certmon_state s = { .ran = MIDNIGHT + 10 * HOUR };

	(void)state;
	assert_false(certmon_state_due(&s, MIDNIGHT + 14 * HOUR, 15 * 60));
	assert_true(certmon_state_due(&s, MIDNIGHT + 15 * HOUR, 15 * 60));
}

static void
a_clock_that_is_set_repeats_nothing(void **state)
{
	struct certmon_state s = { .ran = CERTMON_NEVER };

	(void)state;
	assert_true(due(&s, MIDNIGHT + 9 * HOUR));
	assert_false(due(&s, MIDNIGHT + 8 * HOUR));
	assert_false(due(&s, MIDNIGHT - 14 * HOUR));
	assert_false(due(&s, MIDNIGHT + 9 * HOUR));
	assert_true(due(&s, MIDNIGHT + DAY + 9 * HOUR));
	/* one that had been years ahead is not waited for */
	assert_true(due(&s, MIDNIGHT + 900 * DAY + 10 * HOUR));
	assert_true(due(&s, MIDNIGHT + 2 * DAY + 10 * HOUR));
	assert_false(due(&s, MIDNIGHT + 3 * DAY));
}

static void
the_file_keeps_it(void **state)
{
	const struct certmon_state s = { .ran = 7, .mail = 9 };
	struct certmon_state got;
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(certmon_state_read(&got, &e), 0);
	assert_int_equal(got.ran, CERTMON_NEVER);
	assert_int_equal(got.mail, CERTMON_NEVER);
	assert_int_equal(certmon_state_write(&s, &e), 0);
	text = testing_read(*state, "run/certmon");
	assert_string_equal(text, "ran 7\nmail 9\n");
	free(text);
	assert_int_equal(certmon_state_read(&got, &e), 0);
	assert_int_equal(got.ran, 7);
	assert_int_equal(got.mail, 9);
}

static void
a_broken_file_is_a_first_look(void **state)
{
	static const char *const broken[] = { "", "ran 7\n", "ran 7\nmail x\n",
		"ran 7\nmail 9", "ran 7\nmail 9\nmore\n", "mail 9\nran 7\n",
		"ran -7\nmail 9\n", "ran7\nmail 9\n",
		"ran 99999999999999999999999999999999999999\nmail 1\n" };
	struct certmon_state got;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		testing_write(*state, "run/certmon", broken[i]);
		assert_int_equal(certmon_state_read(&got, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_int_equal(got.ran, CERTMON_NEVER);
		assert_int_equal(got.mail, CERTMON_NEVER);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_last_moment_is_today_s_or_yesterday_s),
		TEST(summer_time_loses_no_day),
		TEST(one_run_a_day_from_the_first_look_on),
		TEST(a_day_is_a_day_at_any_hour),
		TEST(another_time_of_day_has_its_own_moment),
		TEST(a_clock_that_is_set_repeats_nothing),
		TEST(the_file_keeps_it),
		TEST(a_broken_file_is_a_first_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
