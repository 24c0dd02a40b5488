#include "base/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N 1000

struct crowd {
	atomic_uint done[N];
	atomic_uint busy[8]; /* by thread: inside of run() */
	atomic_uint shared; /* a number that two threads had */
	unsigned threads;
};

static void
count(void *self, unsigned thread, size_t i)
{
	struct crowd *c = self;

	if (thread >= c->threads || atomic_fetch_add(&c->busy[thread], 1) != 0)
		atomic_fetch_add(&c->shared, 1);
	atomic_fetch_add(&c->done[i], 1);
	atomic_fetch_sub(&c->busy[thread], 1);
}

static void
each_item_once(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 8; threads++) {
		struct crowd c = { .threads = threads };
		struct workers w = { .n = N,
			.threads = threads,
			.run = count,
			.self = &c };

		workers_run(&w);
		assert_int_equal(atomic_load(&c.shared), 0);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(atomic_load(&c.done[i]), 1);
	}
}

static void
nothing_to_do(void **state)
{
	struct crowd c = { .threads = 4 };
	struct workers w = { .n = 0, .threads = 4, .run = count, .self = &c };

	(void)state;
	workers_run(&w);
	assert_int_equal(atomic_load(&c.done[0]), 0);
}

static void
threads_for_a_number_of_items(void **state)
{
	(void)state;
	assert_int_equal(workers_count(0), 1);
	assert_int_equal(workers_count(1), 1);
	assert_true(workers_count(2) >= 1 && workers_count(2) <= 2);
	assert_true(workers_count(1000000) >= workers_count(2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_once),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(threads_for_a_number_of_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
