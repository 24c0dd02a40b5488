#include "services/phone_poller.h"

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
#include "tests/fakes/itl_node.h"

struct fixture {
	struct itl_node *node;
	struct event_base *base;
	struct phone_poller *poller;
	/* The source's. */
	atomic_uint reads;
	atomic_int gate; /* a reading waits while it is 0 */
	atomic_int failing;
	atomic_int rows; /* of the next reading */
	atomic_uint closed;
	/* What was handed over. */
	unsigned news;
	unsigned identities;
	unsigned failures;
	unsigned taken;
};

static int
read_rows(void *self, struct phone_changes *out, struct err *e)
{
	struct fixture *f = self;

	atomic_fetch_add(&f->reads, 1);
	while (atomic_load(&f->gate) == 0)
		(void)poll(NULL, 0, 1);
	if (atomic_load(&f->failing) != 0)
		return err_set(e, ERR_TIMEOUT, "no answer");
	for (int n = atomic_exchange(&f->rows, 0); n > 0; n--)
		phone_changes_add(out, phone_row_new("00000000000A"));
	return 0;
}

static void
close_source(void *self)
{
	struct fixture *f = self;

	atomic_fetch_add(&f->closed, 1);
}

static void
take(void *self, struct phone_news *n)
{
	struct fixture *f = self;

	f->news++;
	f->identities += n->identity != NULL;
	f->failures += n->error.code != ERR_NONE;
	f->taken += (unsigned)n->changes.n;
}

static void
start(struct fixture *f)
{
	const struct phone_poller_config config = {
		.source = { .read = read_rows,
		    .close = close_source,
		    .certs = f->node->source,
		    .self = f },
		.threads = 1,
		.poll_ms = 5,
		.fn = take,
		.self = f
	};
	struct err e = ERR_INIT;

	f->poller = phone_poller_new(f->base, &config, &e);
	assert_non_null(f->poller);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->node = itl_node_new();
	f->base = event_base_new();
	assert_non_null(f->base);
	atomic_store(&f->gate, 1);
	*state = f;
	return 0;
}

static void
wait_for(const atomic_uint *what, unsigned n)
{
	int64_t deadline = clock_ticks() + 60000;

	while (atomic_load(what) < n && clock_ticks() < deadline)
		(void)poll(NULL, 0, 1);
	assert_true(atomic_load(what) >= n);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)phone_poller_free(f->poller);
	wait_for(&f->closed, 1);
	event_base_free(f->base);
	itl_node_free(f->node);
	free(f);
	return 0;
}

static void
run_until(struct fixture *f, const unsigned *what, unsigned n)
{
	int64_t deadline = clock_ticks() + 60000;

	while (*what < n && clock_ticks() < deadline) {
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(*what, n);
}

/* Who signs comes first and once; then rows; of no news nothing is said. */
static void
news(void **state)
{
	struct fixture *f = *state;

	start(f);
	run_until(f, &f->identities, 1);
	atomic_store(&f->rows, 7);
	run_until(f, &f->taken, 7);
	assert_int_equal(f->news, 2);
	wait_for(&f->reads, atomic_load(&f->reads) + 5);
	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_int_equal(f->news, 2);
	assert_int_equal(f->failures, 0);
}

/* A failure is told, and its end as well. */
static void
failures(void **state)
{
	struct fixture *f = *state;
	unsigned said, reads;

	atomic_store(&f->node->failures, 2);
	start(f);
	run_until(f, &f->identities, 1);
	assert_int_equal(f->failures, 2);
	atomic_store(&f->failing, 1);
	run_until(f, &f->failures, 5);
	atomic_store(&f->failing, 0);
	reads = atomic_load(&f->reads);
	wait_for(&f->reads, reads + 3);
	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
	said = f->news;
	assert_true(said > f->failures + f->identities);
	wait_for(&f->reads, reads + 6);
	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_int_equal(f->news, said);
}

/* It does not wait for a reading that does not end. */
static void
left_behind(void **state)
{
	struct fixture *f = *state;

	atomic_store(&f->gate, 0);
	atomic_store(&f->rows, 3);
	start(f);
	wait_for(&f->reads, 1);
	assert_true(phone_poller_free(f->poller));
	f->poller = NULL;
	assert_int_equal(atomic_load(&f->closed), 0);
	atomic_store(&f->gate, 1);
	wait_for(&f->closed, 1);
	/* The thread uses the source no more, but it is not yet gone. */
	itl_node_wait(f->node, 1);
	assert_int_equal(f->news, 0);
}

static void
nothing(void **state)
{
	struct fixture *f = *state;

	assert_false(phone_poller_free(NULL));
	atomic_store(&f->closed, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(news, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(left_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
