#define _GNU_SOURCE /* memmem() */
#include "services/phone_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/signed_cache.h"
#include "tests/fakes/phone_world.h"
#include "tests/fakes/testing.h"
#include "trust/trustlist.h"

#define A "00000000000A"
#define B "00000000000B"
#define MANY 2000U

static int
setup(void **state)
{
	struct phone_world *w = phone_world_new();

	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	phone_world_free(*state);
	return 0;
}

static void
set(struct phone_world *w, const char *mac, const char *text)
{
	const struct phone_spec spec = { .mac = mac, .text = text, .group = 1 };

	phone_world_set(w, &spec);
}

static void
assert_content(struct phone_world *w, const char *name, const char *want)
{
	char *text = phone_world_content(w, name);

	assert_non_null(strstr(text, want));
	free(text);
}

/* Every kind of name, for a phone, for a stranger, for anybody. */
static void
what_is_found(void **state)
{
	struct phone_world *w = *state;
	char *plain, *content;

	set(w, A, "one");
	phone_world_start(w);
	phone_world_settle(w);
	content = phone_world_content(w, "SEP" A ".cnf.xml.sgn");
	plain = phone_world_text(w, "SEP" A ".cnf.xml");
	assert_string_equal(plain, content);
	assert_string_equal(plain,
	    "<device><name>" A "</name><text>one</text>"
	    "<site>first</site></device>");
	free(plain);
	free(content);
	assert_content(w, "XMLDefault.cnf.xml.sgn", "<name>Default</name>");
	assert_int_equal(phone_world_look(w, "XMLDefault.cnf.xml"),
	    PHONE_STORE_FOUND);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml.enc.sgn"),
	    PHONE_STORE_ABSENT);
	assert_int_equal(phone_world_look(w, "CTLSEP" A ".tlv"),
	    PHONE_STORE_UNKNOWN);
	assert_int_equal(phone_world_look(w, "SEP" B ".cnf.xml"),
	    PHONE_STORE_UNKNOWN);
	assert_int_equal(phone_world_look(w, "SEP" B ".cnf.xml.sgn"),
	    PHONE_STORE_UNKNOWN);
	assert_int_equal(phone_world_look(w, "ITLSEP" B ".tlv"),
	    PHONE_STORE_UNKNOWN);
	assert_int_equal(phone_world_look(w, "ITLFile.tlv"),
	    PHONE_STORE_UNKNOWN);
	assert_true(phone_store_knows(w->store, A));
	assert_false(phone_store_knows(w->store, B));
	assert_int_equal(phone_world_count(w).phones, 1);
	assert_true(phone_world_count(w).database);
}

/* What changes is made again and signed again, and nothing else. */
static void
changes(void **state)
{
	struct phone_world *w = *state;
	uint64_t signatures;
	unsigned rendered;

	set(w, A, "one");
	set(w, B, "two");
	phone_world_start(w);
	phone_world_settle(w);
	signatures = phone_world_count(w).signed_files;
	rendered = phone_world_rendered(w);
	set(w, A, "another");
	phone_world_settle(w);
	assert_content(w, "SEP" A ".cnf.xml.sgn", "another");
	assert_int_equal(phone_world_count(w).signed_files, signatures + 1);
	assert_int_equal(phone_world_rendered(w), rendered + 1);

	/* The same again is rendered, not signed. */
	set(w, A, "another");
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).signed_files, signatures + 1);

	/* What they have in common: both phones and XMLDefault. */
	phone_world_site(w, "second");
	phone_world_settle(w);
	assert_content(w, "SEP" A ".cnf.xml.sgn", "second");
	assert_content(w, "SEP" B ".cnf.xml.sgn", "second");
	assert_int_equal(phone_world_count(w).signed_files, signatures + 4);
	rendered = phone_world_rendered(w);
	phone_world_site(w, "second");
	phone_world_settle(w);
	assert_int_equal(phone_world_rendered(w), rendered + 3);
	assert_int_equal(phone_world_count(w).signed_files, signatures + 4);
}

static void
removed(void **state)
{
	struct phone_world *w = *state;
	uint64_t bytes;

	set(w, A, "one");
	phone_world_start(w);
	phone_world_settle(w);
	bytes = phone_world_count(w).bytes;
	set(w, B, "two");
	phone_world_settle(w);
	assert_true(phone_world_count(w).bytes > bytes);
	phone_world_remove(w, B);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" B ".cnf.xml"),
	    PHONE_STORE_UNKNOWN);
	assert_int_equal(phone_world_look(w, "ITLSEP" B ".tlv"),
	    PHONE_STORE_UNKNOWN);
	assert_int_equal(phone_world_count(w).bytes, bytes);
	assert_int_equal(phone_world_count(w).phones, 1);
}

struct called {
	unsigned n;
	struct phone_world *world;
	const char *name;
	enum phone_store_answer answer;
};

static void
note(void *self)
{
	struct called *c = self;

	c->n++;
	c->answer = phone_world_look(c->world, c->name);
}

static struct phone_store_waiter *
wait_for(struct called *c)
{
	struct tftp_name name;

	assert_int_equal(tftp_name_parse(&name, c->name), 0);
	return phone_store_wait(c->world->store, &name, note, c);
}

static void
run_until_called(struct called *c)
{
	int64_t deadline = clock_ticks() + 60000;

	while (c->n == 0 && clock_ticks() < deadline)
		phone_world_step(c->world);
	assert_int_equal(c->n, 1);
}

/* A request that comes before the database has answered. */
static void
waiting_for_the_database(void **state)
{
	struct phone_world *w = *state;
	struct called known = { .world = w, .name = "SEP" A ".cnf.xml.sgn" };
	struct called stranger = { .world = w, .name = "ITLSEP" B ".tlv" };
	struct called gone = { .world = w, .name = "SEP" A ".cnf.xml" };
	struct called forgotten = gone;

	set(w, A, "one");
	phone_world_fail(w, true);
	phone_world_start(w);
	assert_int_equal(phone_world_look(w, known.name), PHONE_STORE_LATER);
	assert_int_equal(phone_world_look(w, stranger.name), PHONE_STORE_LATER);
	assert_int_equal(phone_world_look(w, "ringlist.xml"),
	    PHONE_STORE_UNKNOWN);
	(void)wait_for(&known);
	(void)wait_for(&stranger);
	phone_store_wait_cancel(wait_for(&gone));
	assert_int_equal(known.n, 0);
	phone_world_fail(w, false);
	run_until_called(&known);
	run_until_called(&stranger);
	assert_int_equal(stranger.answer, PHONE_STORE_UNKNOWN);
	/* The reading is in; the file itself may still take its time. */
	assert_int_not_equal(known.answer, PHONE_STORE_UNKNOWN);
	if (known.answer == PHONE_STORE_LATER) {
		known.n = 0;
		(void)wait_for(&known);
		run_until_called(&known);
	}
	assert_int_equal(known.answer, PHONE_STORE_FOUND);
	assert_int_equal(gone.n, 0);

	/* What is there already is told all the same, but not at once. */
	known.n = 0;
	(void)wait_for(&known);
	assert_int_equal(known.n, 0);
	run_until_called(&known);
	assert_int_equal(known.answer, PHONE_STORE_FOUND);
	/* A waiter that is left when the store ends is never called. */
	(void)wait_for(&forgotten);
	phone_world_stop(w);
	assert_int_equal(forgotten.n, 0);
}

/* Without a database, patience has an end; with one that goes, not. */
static void
database_gone(void **state)
{
	struct phone_world *w = *state;
	struct called c = { .world = w, .name = "SEP" A ".cnf.xml" };
	int64_t deadline = clock_ticks() + 60000;

	w->patience_ms = 20;
	set(w, A, "one");
	phone_world_fail(w, true);
	phone_world_start(w);
	(void)wait_for(&c);
	run_until_called(&c);
	assert_int_equal(c.answer, PHONE_STORE_UNKNOWN);
	assert_false(phone_world_count(w).database);
	phone_world_fail(w, false);
	while (phone_world_look(w, c.name) == PHONE_STORE_UNKNOWN &&
	    clock_ticks() < deadline)
		phone_world_step(w);
	assert_content(w, "SEP" A ".cnf.xml.sgn", "one");
	phone_world_fail(w, true);
	phone_world_settle(w);
	assert_false(phone_world_count(w).database);
	assert_content(w, "SEP" A ".cnf.xml.sgn", "one");
	phone_world_fail(w, false);
	set(w, A, "two");
	phone_world_settle(w);
	assert_content(w, "SEP" A ".cnf.xml.sgn", "two");
	assert_true(phone_world_count(w).database);
}

/* Is there anything of a phone on the disk, for the next start? */
static bool
kept(struct phone_world *w, const char *mac)
{
	char *path = mem_printf("%s/" SIGNED_CACHE_PACK, w->node->dir);
	uint8_t *data;
	size_t len;
	bool found;

	assert_int_equal(file_read(path, 1 << 20, &data, &len, NULL), 0);
	found = memmem(data, len, mac, strlen(mac)) != NULL;
	free(data);
	free(path);
	return found;
}

/* The next start signs nothing again, and forgets who is gone. */
static void
another_start(void **state)
{
	struct phone_world *w = *state;
	uint64_t signatures;
	uint8_t *before, *after;
	struct signed_file f;
	char *dir;
	size_t i;

	set(w, A, "one");
	set(w, B, "two");
	phone_world_start(w);
	phone_world_settle(w);
	f = phone_world_signed(w, "SEP" A ".cnf.xml.sgn", &before);
	signatures = phone_world_count(w).signed_files;
	phone_world_stop(w);
	assert_true(kept(w, A) && kept(w, B));
	phone_world_remove(w, B);
	testing_write(w->node->dir, SIGNED_CACHE_PACK ".new", "half");
	phone_world_start(w);
	phone_world_settle(w);
	/* But for the list of a group, which says when it was made. */
	assert_int_equal(phone_world_count(w).reused, 2);
	assert_true(phone_world_count(w).signed_files < signatures);
	(void)phone_world_signed(w, "SEP" A ".cnf.xml.sgn", &after);
	assert_memory_equal(before, after, f.len);
	/* What belongs to nothing goes. */
	for (i = 0; i < 20000 && kept(w, B); i++)
		phone_world_step(w);
	assert_false(kept(w, B));
	assert_true(kept(w, A));
	dir = mem_printf("%s/" SIGNED_CACHE_DIR, w->node->dir);
	assert_int_equal(testing_count(dir), 1);
	free(before);
	free(after);
	free(dir);
}

/* A storm of phones right after a start: each is made for who asks first. */
static void
many_phones(void **state)
{
	struct phone_world *w = *state;
	struct called last = { .world = w };
	char mac[PHONE_MAC_SIZE], name[64];

	for (unsigned i = 0; i < MANY; i++) {
		(void)str_printf(mac, sizeof(mac), "%012X", i);
		set(w, mac, "one of many");
	}
	phone_world_start(w);
	(void)str_printf(name, sizeof(name), "SEP%012X.cnf.xml.sgn", MANY - 1);
	last.name = name;
	while (phone_world_count(w).phones < MANY)
		phone_world_step(w);
	if (phone_world_look(w, name) == PHONE_STORE_LATER) {
		(void)wait_for(&last);
		run_until_called(&last);
	}
	assert_content(w, name, "one of many");
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).failed, 0);
	for (unsigned i = 0; i < MANY; i += 97) {
		(void)str_printf(name, sizeof(name), "SEP%012X.cnf.xml.sgn", i);
		assert_int_equal(phone_world_look(w, name), PHONE_STORE_FOUND);
		assert_content(w, name, "one of many");
	}
	/* All of them go in one reading. */
	for (unsigned i = 0; i < MANY; i++) {
		(void)str_printf(mac, sizeof(mac), "%012X", i);
		phone_world_remove(w, mac);
	}
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).phones, 0);
	assert_int_equal(phone_world_look(w, name), PHONE_STORE_UNKNOWN);
}

/* It can end at any moment. */
static void
stopped_at_work(void **state)
{
	struct phone_world *w = *state;
	char mac[PHONE_MAC_SIZE];

	for (unsigned i = 0; i < 300; i++) {
		(void)str_printf(mac, sizeof(mac), "%012X", i);
		set(w, mac, "one of many");
	}
	for (unsigned steps = 0; steps < 40; steps += 8) {
		phone_world_start(w);
		for (unsigned i = 0; i < steps; i++)
			phone_world_step(w);
		phone_world_stop(w);
	}
	assert_false(phone_store_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(changes, setup, teardown),
		cmocka_unit_test_setup_teardown(removed, setup, teardown),
		cmocka_unit_test_setup_teardown(waiting_for_the_database, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(database_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(another_start, setup, teardown),
		cmocka_unit_test_setup_teardown(many_phones, setup, teardown),
		cmocka_unit_test_setup_teardown(stopped_at_work, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
