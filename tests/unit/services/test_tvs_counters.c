#include "services/tvs_counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct tvs_counters counters;

static void
counts_up_down_and_to_a_value(void **state)
{
	(void)state;
	tvs_count(&counters, TVS_COUNT_OPEN);
	tvs_count(&counters, TVS_COUNT_OPEN);
	tvs_uncount(&counters, TVS_COUNT_OPEN);
	tvs_count_set(&counters, TVS_COUNT_CERTIFICATES, 12);
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_OPEN), 1);
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_CERTIFICATES), 12);
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_VERIFY), 0);
}

/* Every counter has a key of its own, one that the file can hold. */
static void
reports_every_counter(void **state)
{
	struct service_statistics s = { .pid = 1 };

	(void)state;
	tvs_count_set(&counters, TVS_COUNT_TLS_1_2, 5);
	tvs_counters_report(&counters, &s);
	assert_int_equal(s.n, TVS_COUNTERS);
	assert_int_equal(*service_statistics_value(&s, "handshakes_tls_1.2"),
	    5);
	tvs_count(&counters, TVS_COUNT_TRACE_LOST);
	tvs_counters_report(&counters, &s);
	assert_int_equal(s.n, TVS_COUNTERS);
	assert_int_equal(*service_statistics_value(&s, "trace_lines_lost"), 1);
	service_statistics_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_up_down_and_to_a_value),
		cmocka_unit_test(reports_every_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
