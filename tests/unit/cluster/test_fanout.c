#include "cluster/fanout.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

#define ITEMS 40

/* What the items do and what was seen of them. */
struct work {
	pthread_mutex_t lock;
	int runs[ITEMS]; /* how often each ran */
	size_t running; /* now, and at most */
	size_t most;
	size_t done; /* calls of done, in order */
	bool released;
	pthread_t caller;
	int64_t sleep_ms[ITEMS];
	bool fails[ITEMS];
};

static struct work *
work_new(void)
{
	struct work *w = mem_alloc(sizeof(*w));

	assert_int_equal(pthread_mutex_init(&w->lock, NULL), 0);
	w->caller = pthread_self();
	return w;
}

static void
work_free(struct work *w)
{
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void
pause_ms(int64_t ms)
{
	struct timespec ts = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000L };

	nanosleep(&ts, NULL);
}

static int
run(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct work *w = self;

	(void)deadline_ticks;
	pthread_mutex_lock(&w->lock);
	w->runs[i]++;
	if (++w->running > w->most)
		w->most = w->running;
	pthread_mutex_unlock(&w->lock);
	pause_ms(w->sleep_ms[i]);
	pthread_mutex_lock(&w->lock);
	w->running--;
	pthread_mutex_unlock(&w->lock);
	if (w->fails[i])
		return err_set(e, ERR_UNREACHABLE, "node %zu is down", i);
	return 0;
}

/* Keeps its deadline by itself. */
static int
run_until_deadline(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct work *w = self;

	if (!w->fails[i])
		return run(self, i, deadline_ticks, e);
	while (clock_ticks() < deadline_ticks)
		pause_ms(10);
	return err_set(e, ERR_TIMEOUT, "late");
}

static void
done(void *self, size_t i, const struct err *e)
{
	struct work *w = self;

	assert_int_equal(i, w->done);
	assert_true(pthread_equal(pthread_self(), w->caller));
	assert_int_equal(e->code == ERR_NONE, !w->fails[i]);
	w->done++;
}

static void
test_all_run_once(void **state)
{
	struct work *w = work_new();
	struct err outcome[ITEMS];
	struct fanout f = { .n = ITEMS,
		.item_ms = 5000,
		.run = run,
		.done = done,
		.self = w };
	size_t i;

	(void)state;
	for (i = 0; i < ITEMS; i++) {
		w->sleep_ms[i] = (int64_t)(i * 7 % 13);
		w->fails[i] = i % 5 == 3;
	}
	assert_int_equal(fanout_run(&f, outcome), 8);
	assert_int_equal(w->done, ITEMS);
	assert_in_range(w->most, 2, FANOUT_THREADS);
	for (i = 0; i < ITEMS; i++) {
		assert_int_equal(w->runs[i], 1);
		assert_int_equal(outcome[i].code,
		    i % 5 == 3 ? ERR_UNREACHABLE : ERR_NONE);
	}
	assert_string_equal(outcome[8].msg, "node 8 is down");
	work_free(w);
}

static void
test_bounded(void **state)
{
	struct work *w = work_new();
	struct err outcome[ITEMS];
	struct fanout f = { .n = 12,
		.threads = 3,
		.item_ms = 5000,
		.run = run,
		.self = w };
	size_t i;

	(void)state;
	for (i = 0; i < 12; i++)
		w->sleep_ms[i] = 20;
	assert_int_equal(fanout_run(&f, outcome), 0);
	assert_int_equal(w->most, 3);
	f.n = 0;
	assert_int_equal(fanout_run(&f, outcome), 0);
	work_free(w);
}

/* A slow first item holds back the reports, not the work. */
static void
test_prefix_order(void **state)
{
	struct work *w = work_new();
	struct err outcome[ITEMS];
	struct fanout f = { .n = 8,
		.item_ms = 5000,
		.run = run,
		.done = done,
		.self = w };
	int64_t start = clock_ticks();

	(void)state;
	w->sleep_ms[0] = 300;
	assert_int_equal(fanout_run(&f, outcome), 0);
	assert_int_equal(w->done, 8);
	assert_in_range(clock_ticks() - start, 290, 3000);
	work_free(w);
}

static void
test_deadline_of_the_item(void **state)
{
	struct work *w = work_new();
	struct err outcome[ITEMS];
	struct fanout f = { .n = 4,
		.item_ms = 200,
		.run = run_until_deadline,
		.done = done,
		.self = w };
	int64_t start = clock_ticks();

	(void)state;
	w->fails[1] = true;
	w->fails[2] = true;
	assert_int_equal(fanout_run(&f, outcome), 2);
	assert_int_equal(outcome[1].code, ERR_TIMEOUT);
	assert_in_range(clock_ticks() - start, 190, 2000);
	work_free(w);
}

/* Work that does not come back at all. */
static struct work *stuck_work;

static void
release(void *self)
{
	struct work *w = self;

	pthread_mutex_lock(&w->lock);
	assert_false(w->released);
	w->released = true;
	pthread_mutex_unlock(&w->lock);
}

static bool
is_released(struct work *w)
{
	bool yes;

	pthread_mutex_lock(&w->lock);
	yes = w->released;
	pthread_mutex_unlock(&w->lock);
	return yes;
}

static void
test_given_up(void **state)
{
	struct err outcome[ITEMS];
	struct fanout f = { .n = 5,
		.threads = 2,
		.item_ms = 100,
		.run = run,
		.release = release };
	int64_t start = clock_ticks();
	size_t i;

	(void)state;
	stuck_work = work_new();
	f.self = stuck_work;
	/* Both threads get stuck; the others are run all the same. */
	stuck_work->sleep_ms[0] = FANOUT_GRACE_MS + 2000;
	stuck_work->sleep_ms[1] = FANOUT_GRACE_MS + 2000;
	assert_int_equal(fanout_run(&f, outcome), 2);
	assert_in_range(clock_ticks() - start, FANOUT_GRACE_MS,
	    FANOUT_GRACE_MS + 1500);
	assert_int_equal(outcome[0].code, ERR_TIMEOUT);
	assert_int_equal(outcome[1].code, ERR_TIMEOUT);
	for (i = 2; i < 5; i++) {
		assert_int_equal(outcome[i].code, ERR_NONE);
		assert_int_equal(stuck_work->runs[i], 1);
	}
	assert_false(is_released(stuck_work));
	for (i = 0; i < 100 && !is_released(stuck_work); i++)
		pause_ms(100);
	assert_true(is_released(stuck_work));
	work_free(stuck_work);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_run_once),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_prefix_order),
		cmocka_unit_test(test_deadline_of_the_item),
		cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
