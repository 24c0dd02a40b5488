#include "services/store_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/fakes/phone_world.h"

#define PHONES (2 * STORE_TURN)

static int
setup(void **state)
{
	*state = phone_world_new();
	return 0;
}

static int
teardown(void **state)
{
	phone_world_free(*state);
	return 0;
}

static void
set(struct phone_world *w, unsigned i, const char *text)
{
	char mac[PHONE_MAC_SIZE];
	const struct phone_spec spec = { .mac = mac, .text = text };

	(void)str_printf(mac, sizeof(mac), "%012X", i);
	phone_world_set(w, &spec);
}

static struct store_phone *
phone(struct phone_world *w, unsigned i)
{
	char mac[PHONE_MAC_SIZE];
	struct store_phone *p;

	(void)str_printf(mac, sizeof(mac), "%012X", i);
	p = store_phone_find(w->store, mac);
	assert_non_null(p);
	return p;
}

/* All become stale at once; a turn begins with so many of them. */
static void
turns(void **state)
{
	struct phone_world *w = *state;
	struct phone_store *s;

	for (unsigned i = 0; i < PHONES; i++)
		set(w, i, "text");
	phone_world_start(w);
	phone_world_settle(w);
	s = w->store;
	assert_true(store_items_idle(s));
	store_items_all_stale(s, SIGNING_PHONE);
	assert_int_equal(s->items.n_stale, PHONES + 1);
	assert_false(store_items_idle(s));
	assert_false(store_item_settled(&phone(w, 7)->item));
	assert_true(store_items_turn(s));
	assert_int_equal(s->items.n_stale, PHONES + 1 - STORE_TURN);
	assert_true(store_items_turn(s));
	assert_false(store_items_turn(s));
	assert_int_equal(s->items.n_stale, 0);
	phone_world_settle(w);
	assert_true(store_items_idle(s));
	assert_true(store_item_settled(&phone(w, 7)->item));
}

/* Stale, under way or both: what was made before is not the last word. */
static void
again_and_again(void **state)
{
	struct phone_world *w = *state;
	struct store_item *i;

	set(w, 1, "text");
	phone_world_start(w);
	phone_world_settle(w);
	i = &phone(w, 1)->item;
	store_item_stale(w->store, i);
	store_item_hurry(w->store, i);
	assert_false(i->stale);
	assert_non_null(i->job);
	store_item_stale(w->store, i);
	store_item_stale(w->store, i);
	assert_int_equal(w->store->items.n_stale, 1);
	store_item_hurry(w->store, i);
	store_item_hurry(w->store, i);
	phone_world_settle(w);
	assert_true(store_item_settled(i));
	assert_int_equal(w->store->items.jobs[SIGNING_PHONE], 0);
	assert_int_equal(phone_world_look(w, "SEP000000000001.cnf.xml"),
	    PHONE_STORE_FOUND);
}

/* Removed while a job of it is under way: the job is for nobody. */
static void
removed_at_work(void **state)
{
	struct phone_world *w = *state;

	for (unsigned round = 0; round < 50; round++) {
		set(w, 1, "text");
		if (round == 0)
			phone_world_start(w);
		for (unsigned n = 0; n < round % 7; n++)
			phone_world_step(w);
		phone_world_remove(w, "000000000001");
	}
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).phones, 0);
	assert_int_equal(phone_world_count(w).waiting, 0);
	assert_int_equal(w->store->items.jobs[SIGNING_PHONE], 0);
}

/* A job of a phone that was removed and is there again. */
static void
removed_and_returned(void **state)
{
	struct phone_world *w = *state;
	struct phone_store *s;
	struct signing_job *j;

	set(w, 1, "text");
	phone_world_start(w);
	phone_world_settle(w);
	s = w->store;
	assert_int_equal(signed_cache_count(s->tools.cache), 2);
	j = signing_job_new(SIGNING_PHONE, NULL);
	j->row = phone_row_hold(phone(w, 1)->row);
	s->items.jobs[SIGNING_PHONE]++;
	store_items_done(s, j);
	/* What was made since then is kept. */
	assert_int_equal(signed_cache_count(s->tools.cache), 2);
	j = signing_job_new(SIGNING_PHONE, NULL);
	j->row = phone_row_hold(phone(w, 1)->row);
	s->items.jobs[SIGNING_PHONE]++;
	phone_world_remove(w, "000000000001");
	phone_world_settle(w);
	store_items_done(s, j);
	assert_int_equal(signed_cache_count(s->tools.cache), 1);
}

/* Failures are counted as long as they last. */
static void
failures(void **state)
{
	struct phone_world *w = *state;

	for (unsigned i = 0; i < 2 * STORE_COMPLAINTS; i++)
		set(w, i, "broken");
	phone_world_start(w);
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).failed, 2 * STORE_COMPLAINTS);
	assert_true(phone(w, 1)->item.complained);
	/* The log tells of the next ones again, of whatever kind. */
	assert_int_equal(w->store->items.complaints, 0);
	set(w, 1, "text");
	phone_world_remove(w, "000000000002");
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).failed, 2 * STORE_COMPLAINTS - 2);
	assert_false(phone(w, 1)->item.failed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(turns, setup, teardown),
		cmocka_unit_test_setup_teardown(again_and_again, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(removed_at_work, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(removed_and_returned, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
