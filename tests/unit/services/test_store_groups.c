#include "services/phone_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/phone_world.h"
#include "trust/trustlist.h"

#define A "00000000000A"
#define B "00000000000B"
#define C "00000000000C"

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
set(struct phone_world *w, const char *mac, size_t group)
{
	const struct phone_spec spec = { .mac = mac,
		.text = "",
		.group = group };

	phone_world_set(w, &spec);
}

static void
put_itl(struct phone_world *w)
{
	uint8_t *data;
	size_t len;

	assert_int_equal(itl_start_build(&w->node->source, &data, &len, NULL),
	    0);
	itl_node_put(w->node, data, len);
	free(data);
}

/* The list a phone gets, which verifies; release it. */
static struct trustlist
list_of(struct phone_world *w, const char *name)
{
	struct tftp_file *f = NULL;
	struct err e = ERR_INIT;
	struct trustlist l;
	const uint8_t *data;
	size_t len;

	assert_int_equal(phone_world_ask(w, name, &f), PHONE_STORE_FOUND);
	data = tftp_file_bytes(f, TFTP_OCTET, &len);
	if (trustlist_parse(&l, data, len, &e) == -1 ||
	    trustlist_verify(&l, NULL, &e) == -1)
		fail_msg("%s", e.msg);
	tftp_file_release(f);
	assert_string_equal(l.header.filename, "ITLFile.tlv");
	return l;
}

static bool
same(struct phone_world *w, const char *name, const char *other)
{
	struct trustlist a = list_of(w, name), b = list_of(w, other);
	bool yes = a.len == b.len && memcmp(a.data, b.data, a.len) == 0;

	trustlist_release(&a);
	trustlist_release(&b);
	return yes;
}

static size_t
count_tvs(const struct trustlist *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_records; i++)
		n += l->record[i].role == ROLE_TVS;
	return n;
}

/* Group 1 is test10sub alone; who is in no group gets ITLFile.tlv. */
static void
lists(void **state)
{
	struct phone_world *w = *state;
	struct trustlist l;
	uint8_t *data;
	size_t len;

	put_itl(w);
	set(w, A, 1);
	set(w, B, 1);
	set(w, C, PHONE_NO_GROUP);
	phone_world_start(w);
	l = list_of(w, "ITLSEP" A ".tlv");
	assert_int_equal(l.n_records, 5);
	assert_int_equal(count_tvs(&l), 1);
	assert_true(trustlist_find(&l, w->node->further.cert, ROLE_TVS) >= 0);
	assert_true(trustlist_find(&l, w->node->tvs.cert, ROLE_TVS) == -1);
	assert_true(
	    trustlist_find(&l, w->node->callmanager.cert, ROLE_TFTP) >= 0);
	trustlist_release(&l);
	assert_true(same(w, "ITLSEP" A ".tlv", "ITLSEP" B ".tlv"));
	l = list_of(w, "ITLSEP" C ".tlv");
	data = itl_node_get(w->node, &len);
	assert_int_equal(l.len, len);
	assert_memory_equal(l.data, data, len);
	assert_int_equal(count_tvs(&l), 2);
	free(data);
	trustlist_release(&l);
	phone_world_settle(w);
	/* One list, two phones and a third, XMLDefault. */
	assert_int_equal(phone_world_count(w).signed_files, 5);
}

/* Group 0 lists what ITLFile.tlv lists, until its servers change. */
static void
servers_change(void **state)
{
	struct phone_world *w = *state;
	struct trustlist l;

	put_itl(w);
	set(w, A, 0);
	set(w, C, PHONE_NO_GROUP);
	phone_world_start(w);
	assert_true(same(w, "ITLSEP" A ".tlv", "ITLSEP" C ".tlv"));
	phone_world_group(w, 0, "test10sub test10pub nobody");
	phone_world_settle(w);
	assert_false(same(w, "ITLSEP" A ".tlv", "ITLSEP" C ".tlv"));
	l = list_of(w, "ITLSEP" A ".tlv");
	assert_int_equal(count_tvs(&l), 2);
	assert_true(trustlist_find(&l, w->node->further.cert, ROLE_TVS) == 3);
	assert_true(trustlist_find(&l, w->node->tvs.cert, ROLE_TVS) == 5);
	trustlist_release(&l);
	phone_world_group(w, 0, "test10pub");
	phone_world_settle(w);
	l = list_of(w, "ITLSEP" A ".tlv");
	assert_int_equal(count_tvs(&l), 1);
	trustlist_release(&l);
	/* No server of it is known, then it is as it was. */
	phone_world_group(w, 0, "nobody");
	phone_world_settle(w);
	assert_true(same(w, "ITLSEP" A ".tlv", "ITLSEP" C ".tlv"));
	phone_world_group(w, 0, "test10pub");
	phone_world_settle(w);
	assert_false(same(w, "ITLSEP" A ".tlv", "ITLSEP" C ".tlv"));
	phone_world_group(w, 0, "test10pub test10sub");
	phone_world_settle(w);
	assert_true(same(w, "ITLSEP" A ".tlv", "ITLSEP" C ".tlv"));
}

/* What stays the same is not signed again; a group that goes is forgotten. */
static void
groups_come_and_go(void **state)
{
	struct phone_world *w = *state;
	uint64_t signatures;

	put_itl(w);
	set(w, A, 1);
	set(w, B, 2);
	phone_world_start(w);
	phone_world_settle(w);
	assert_false(same(w, "ITLSEP" A ".tlv", "ITLSEP" B ".tlv"));
	signatures = phone_world_count(w).signed_files;
	phone_world_group(w, 2, "test10sub");
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).signed_files, signatures + 1);
	assert_int_equal(phone_world_count(w).failed, 0);
	(void)pthread_mutex_lock(&w->lock);
	w->n_groups = 1;
	w->new_basis = true;
	(void)pthread_mutex_unlock(&w->lock);
	phone_world_settle(w);
	assert_true(same(w, "ITLSEP" A ".tlv", "ITLSEP" B ".tlv"));
}

/* No ITLFile.tlv yet: a phone without a group gets nothing. */
static void
no_file_yet(void **state)
{
	struct phone_world *w = *state;

	set(w, A, PHONE_NO_GROUP);
	phone_world_start(w);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "ITLSEP" A ".tlv"),
	    PHONE_STORE_ABSENT);
	put_itl(w);
	assert_int_equal(phone_world_look(w, "ITLSEP" A ".tlv"),
	    PHONE_STORE_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lists, setup, teardown),
		cmocka_unit_test_setup_teardown(servers_change, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(groups_come_and_go, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(no_file_yet, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
