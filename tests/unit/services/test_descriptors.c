/*
 * services/descriptors.c: under several limits, each smaller than the one
 * before, which anybody may set.
 */
#include "services/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <sys/resource.h>

#include <cmocka.h>

static void
limit(rlim_t soft, rlim_t hard)
{
	const struct rlimit l = { .rlim_cur = soft, .rlim_max = hard };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &l), 0);
}

static void
all_that_may_be_had_are_used(void **state)
{
	struct rlimit now;

	(void)state;
	limit(100, 1000);
	assert_int_equal(descriptors_raise(20000, 64), 1000 - 64);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	assert_int_equal(now.rlim_cur, 1000);
	assert_int_equal(descriptors_raise(500, 64), 500);
}

static void
where_there_are_few_half_are_spared(void **state)
{
	(void)state;
	limit(50, 120);
	assert_int_equal(descriptors_raise(20000, 64), 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_may_be_had_are_used),
		cmocka_unit_test(where_there_are_few_half_are_spared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
