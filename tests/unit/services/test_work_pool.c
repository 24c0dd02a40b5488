#include "services/work_pool.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"

#define THREADS 3
#define ITEMS 500

struct item {
	struct work work;
	unsigned number;
	unsigned ran; /* by a thread */
};

struct fixture {
	struct event_base *base;
	struct work_pool *pool;
	atomic_int gate; /* threads wait while it is 0 */
	atomic_uint began;
	atomic_uint wrong_thread;
	unsigned order[ITEMS]; /* in which they were handed back */
	unsigned n_done;
	unsigned n_dropped;
	struct item item[ITEMS];
};

static void
run(void *self, unsigned thread, void *item)
{
	struct fixture *f = self;
	struct item *i = item;

	atomic_fetch_add(&f->began, 1);
	if (thread >= THREADS)
		atomic_fetch_add(&f->wrong_thread, 1);
	while (atomic_load(&f->gate) == 0)
		(void)poll(NULL, 0, 1);
	i->ran++;
}

static void
done(void *self, void *item)
{
	struct fixture *f = self;
	const struct item *i = item;

	f->order[f->n_done++] = i->number;
}

static void
drop(void *self, void *item)
{
	struct fixture *f = self;

	(void)item;
	f->n_dropped++;
}

static void
start(struct fixture *f, unsigned threads)
{
	const struct work_pool_config config = { .threads = threads,
		.run = run,
		.done = done,
		.drop = drop,
		.self = f };
	struct err e = ERR_INIT;

	f->pool = work_pool_new(f->base, &config, &e);
	assert_non_null(f->pool);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->base = event_base_new();
	assert_non_null(f->base);
	for (unsigned i = 0; i < ITEMS; i++)
		f->item[i].number = i;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	work_pool_free(f->pool);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void
add(struct fixture *f, unsigned i, unsigned queue)
{
	work_pool_add(f->pool, &f->item[i].work, &f->item[i], queue);
}

/* Until so many have begun. */
static void
wait_begun(struct fixture *f, unsigned n)
{
	int64_t deadline = clock_ticks() + 60000;

	while (atomic_load(&f->began) < n && clock_ticks() < deadline)
		(void)poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&f->began), n);
}

static void
run_until(struct fixture *f, unsigned n_done)
{
	int64_t deadline = clock_ticks() + 60000;

	while (f->n_done < n_done && clock_ticks() < deadline) {
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(f->n_done, n_done);
}

/* Each is run once and handed back once. */
static void
all_of_them(void **state)
{
	struct fixture *f = *state;
	bool seen[ITEMS] = { false };

	atomic_store(&f->gate, 1);
	start(f, THREADS);
	for (unsigned i = 0; i < ITEMS; i++)
		add(f, i, i % WORK_POOL_QUEUES);
	assert_int_equal(work_pool_pending(f->pool), ITEMS);
	run_until(f, ITEMS);
	assert_int_equal(work_pool_pending(f->pool), 0);
	assert_int_equal(atomic_load(&f->wrong_thread), 0);
	for (unsigned i = 0; i < ITEMS; i++) {
		assert_int_equal(f->item[i].ran, 1);
		assert_false(seen[f->order[i]]);
		seen[f->order[i]] = true;
	}
}

/* A few at a time, so that the event loop has other turns between. */
static void
in_turns(void **state)
{
	struct fixture *f = *state;

	atomic_store(&f->gate, 1);
	start(f, 1);
	for (unsigned i = 0; i < ITEMS; i++)
		add(f, i, 0);
	wait_begun(f, ITEMS);
	(void)event_base_loop(f->base, EVLOOP_ONCE);
	assert_true(f->n_done <= WORK_POOL_TURN);
	run_until(f, ITEMS);
}

/* One thread is busy with item 0 while the others are queued. */
static void
the_order(void **state)
{
	static const unsigned want[] = { 0, 4, 2, 1, 3 };
	struct fixture *f = *state;

	start(f, 1);
	add(f, 0, 3);
	wait_begun(f, 1);
	add(f, 1, 1);
	add(f, 2, 3);
	add(f, 3, 2);
	add(f, 4, 0);
	add(f, 5, 2);
	work_pool_hurry(f->pool, &f->item[2].work, 0);
	work_pool_hurry(f->pool, &f->item[3].work, 3); /* never back */
	work_pool_hurry(f->pool, &f->item[0].work, 0); /* has begun */
	assert_true(work_pool_cancel(f->pool, &f->item[5].work));
	assert_false(work_pool_cancel(f->pool, &f->item[5].work));
	assert_false(work_pool_cancel(f->pool, &f->item[0].work));
	atomic_store(&f->gate, 1);
	run_until(f, 5);
	assert_memory_equal(f->order, want, sizeof(want));
	assert_int_equal(f->item[5].ran, 0);
	assert_int_equal(work_pool_pending(f->pool), 0);
}

/* What is under way ends, what waits is dropped. */
static void
the_end(void **state)
{
	struct fixture *f = *state;

	atomic_store(&f->gate, 1);
	start(f, 1);
	add(f, 0, 0);
	wait_begun(f, 1);
	atomic_store(&f->gate, 0);
	add(f, 1, 0);
	wait_begun(f, 2);
	for (unsigned i = 2; i < 10; i++)
		add(f, i, 1);
	atomic_store(&f->gate, 1);
	work_pool_free(f->pool);
	f->pool = NULL;
	assert_int_equal(f->n_done, 0);
	assert_int_equal(f->n_dropped, 10);
	assert_int_equal(f->item[1].ran, 1);
	work_pool_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_them, setup, teardown),
		cmocka_unit_test_setup_teardown(in_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(the_order, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
