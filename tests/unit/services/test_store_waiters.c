#include "services/store_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/phone_world.h"

#define MANY ((size_t)3 * STORE_TURN)

struct called {
	struct phone_store *store;
	unsigned *order; /* a counter all share */
	unsigned at;
	struct phone_store_waiter *other; /* to be called off */
	struct waiter_queue *queue; /* to wait in once more */
};

static void
note(void *self)
{
	struct called *c = self;

	c->at = ++*c->order;
	if (c->other != NULL)
		phone_store_wait_cancel(c->other);
	c->other = NULL;
	if (c->queue != NULL)
		(void)store_wait(c->store, c->queue, note, c);
	c->queue = NULL;
}

static int
setup(void **state)
{
	struct phone_world *w = phone_world_new();

	phone_world_start(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	phone_world_free(*state);
	return 0;
}

/* In the order in which they came, some at a time. */
static void
the_order(void **state)
{
	const struct phone_world *w = *state;
	struct called *c = mem_array(MANY, sizeof(*c));
	struct waiter_queue q = TAILQ_HEAD_INITIALIZER(q);
	unsigned order = 0;

	for (unsigned i = 0; i < MANY; i++) {
		c[i].order = &order;
		(void)store_wait(w->store, &q, note, &c[i]);
	}
	store_wake(w->store, &q);
	assert_true(TAILQ_EMPTY(&q));
	assert_int_equal(order, 0);
	assert_true(store_waiters_turn(w->store));
	assert_int_equal(order, STORE_TURN);
	while (store_waiters_turn(w->store))
		;
	assert_int_equal(order, MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(c[i].at, i + 1);
	store_wake(w->store, &q); /* of none */
	free(c);
}

/* One that is called may call off the next, and wait again. */
static void
from_inside(void **state)
{
	const struct phone_world *w = *state;
	struct waiter_queue q = TAILQ_HEAD_INITIALIZER(q);
	struct waiter_queue again = TAILQ_HEAD_INITIALIZER(again);
	unsigned order = 0;
	struct called a = { .store = w->store,
		.order = &order,
		.queue = &again };
	struct called b = { .order = &order };

	(void)store_wait(w->store, &q, note, &a);
	a.other = store_wait(w->store, &q, note, &b);
	store_wake(w->store, &q);
	assert_false(store_waiters_turn(w->store));
	assert_int_equal(order, 1);
	assert_int_equal(b.at, 0);
	assert_false(TAILQ_EMPTY(&again));
	store_wake(w->store, &again);
	assert_false(store_waiters_turn(w->store));
	assert_int_equal(a.at, 2);
	(void)store_wait(w->store, &again, note, &a);
	store_waiters_release(&again);
	assert_true(TAILQ_EMPTY(&again));
	assert_int_equal(order, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_order, setup, teardown),
		cmocka_unit_test_setup_teardown(from_inside, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
