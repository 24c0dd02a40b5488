#include "base/clock.h"

#include <sys/stat.h>

#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	char *dir = testing_dir();
	char *etc = mem_printf("%s/etc", dir);

	paths_set_root(dir);
	assert_int_equal(mkdir(etc, 0700), 0);
	free(etc);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
shift(int64_t clock, int64_t age)
{
	struct nodeconf c;
	struct err e = ERR_INIT;

	nodeconf_defaults(&c);
	assert_int_equal(str_copy(c.name, sizeof(c.name), "node"), 0);
	assert_int_equal(str_copy(c.address, sizeof(c.address), "127.0.0.1"),
	    0);
	c.clock_offset = clock;
	c.age_offset = age;
	assert_int_equal(nodeconf_save(&c, NULL, &e), 0);
}

/* What the host's clocks say of this clock: its distance in seconds. */
static int64_t
wall_shift(void)
{
	return clock_wall() - (int64_t)time(NULL);
}

static int64_t
boot_shift(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &ts), 0);
	return clock_boot() - ts.tv_sec;
}

static void
assert_near(int64_t value, int64_t expected)
{
	assert_in_range(value - expected + 100, 98, 102);
}

static void
without_a_file_it_is_the_hosts(void **state)
{
	(void)state;
	assert_near(wall_shift(), 0);
	assert_near(boot_shift(), 0);
}

static void
offsets_are_followed(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	shift(-3600, 0);
	assert_near(wall_shift(), -3600);
	assert_near(boot_shift(), 0);
	shift(-3600, 600);
	assert_near(wall_shift(), -3000);
	assert_near(boot_shift(), 600);
	shift(0, 0);
	assert_near(wall_shift(), 0);
	shift(7200, 60);
	assert_near(wall_shift(), 7260);
	assert_int_equal(unlink(paths_in(path, "etc/node.conf")), 0);
	assert_near(wall_shift(), 0);
	assert_near(boot_shift(), 0);
}

static void
a_broken_file_changes_nothing(void **state)
{
	(void)state;
	shift(500, 0);
	assert_near(wall_shift(), 500);
	testing_write(*state, "etc/node.conf", "clock_offset = soon\n");
	assert_near(wall_shift(), 500);
	shift(100, 0);
	assert_near(wall_shift(), 100);
}

static void
ticks_are_never_shifted(void **state)
{
	int64_t before = clock_ticks();

	(void)state;
	shift(100000, 100000);
	(void)clock_wall();
	assert_in_range(clock_ticks() - before, 0, 60000);
}

static void *
ask_often(void *arg)
{
	int64_t *worst = arg;

	for (int i = 0; i < 2000; i++) {
		int64_t d = wall_shift();

		if (d < *worst)
			*worst = d;
	}
	return NULL;
}

static void
threads_may_ask_together(void **state)
{
	pthread_t thread[4];
	int64_t worst[4] = { 0 };

	(void)state;
	shift(1000, 0);
	for (size_t i = 0; i < 4; i++) {
		worst[i] = INT64_MAX;
		assert_int_equal(pthread_create(&thread[i], NULL, ask_often,
				     &worst[i]),
		    0);
	}
	for (int i = 0; i < 50; i++)
		shift(1000 + i % 2, 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_in_range(worst[i], 998, 1003);
	}
}

static void
times_are_printed_in_the_nodes_zone(void **state)
{
	char text[64];

	(void)state;
	assert_int_equal(setenv("TZ", "PST8PDT,M3.2.0,M11.1.0", 1), 0);
	clock_format(text, sizeof(text), 1393439067);
	assert_string_equal(text, "Wed Feb 26 10:24:27 PST 2014");
	clock_strftime(text, sizeof(text), "%Y-%m-%d", 1393439067);
	assert_string_equal(text, "2014-02-26");
	clock_strftime_utc(text, sizeof(text), "%H:%M %p", 1393439067);
	assert_string_equal(text, "18:24 PM");
	clock_strftime(text, 4, "%Y-%m-%d", 1393439067);
	assert_string_equal(text, "");
	clock_format(text, sizeof(text), -1);
	assert_string_equal(text, "Wed Dec 31 15:59:59 PST 1969");
	assert_int_equal(unsetenv("TZ"), 0);
}

static void
the_boot_id_looks_like_one(void **state)
{
	char id[CLOCK_BOOT_ID_SIZE];

	(void)state;
	clock_boot_id(id);
	assert_int_equal(strlen(id), 36);
	assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
}

static void
test_nap(void **state)
{
	int64_t began = clock_ticks();

	(void)state;
	clock_nap(30);
	assert_true(clock_ticks() - began >= 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nap),
		cmocka_unit_test(without_a_file_it_is_the_hosts),
		cmocka_unit_test(offsets_are_followed),
		cmocka_unit_test(a_broken_file_changes_nothing),
		cmocka_unit_test(ticks_are_never_shifted),
		cmocka_unit_test(threads_may_ask_together),
		cmocka_unit_test(times_are_printed_in_the_nodes_zone),
		cmocka_unit_test(the_boot_id_looks_like_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
