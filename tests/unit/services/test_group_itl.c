#include "services/group_itl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/itl_node.h"
#include "trust/trustlist.h"

struct fixture {
	struct itl_node *node;
	struct signing_identity *id;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct err e = ERR_INIT;

	f->node = itl_node_new();
	f->id = signing_identity_new(&f->node->source, 1, &e);
	assert_non_null(f->id);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	signing_identity_free(f->id);
	itl_node_free(f->node);
	free(f);
	return 0;
}

static struct phone_group
group(const char *a, const char *b, const char *c)
{
	const char *const nodes[] = { a, b, c };
	struct phone_group g = { .n_nodes = 0 };

	for (size_t i = 0; i < 3 && nodes[i] != NULL; i++)
		(void)str_copy(g.node[g.n_nodes++], sizeof(g.node[0]),
		    nodes[i]);
	return g;
}

static bool
needed(const struct fixture *f, const char *a, const char *b, const char *c)
{
	const struct phone_group g = group(a, b, c);

	return group_itl_needed(f->id, &g);
}

/* The node's own list names test10pub, then test10sub. */
static void
when_it_differs(void **state)
{
	const struct fixture *f = *state;

	assert_false(needed(f, "test10pub", "test10sub", NULL));
	assert_false(needed(f, "test10pub", "nobody", "test10sub"));
	assert_false(needed(f, NULL, NULL, NULL));
	assert_false(needed(f, "nobody", NULL, NULL));
	assert_true(needed(f, "test10pub", NULL, NULL));
	assert_true(needed(f, "test10sub", NULL, NULL));
	assert_true(needed(f, "test10sub", "test10pub", NULL));
	assert_true(needed(f, "test10sub", "test10pub", "nobody"));
}

static void
the_same_servers(void **state)
{
	const struct phone_group a = group("x", "y", NULL);
	const struct phone_group b = group("x", "y", NULL);
	const struct phone_group c = group("y", "x", NULL);
	const struct phone_group d = group("x", NULL, NULL);

	(void)state;
	assert_true(group_itl_same(&a, &b));
	assert_false(group_itl_same(&a, &c));
	assert_false(group_itl_same(&a, &d));
}

static void
assert_list(const struct fixture *f, const struct phone_group *g,
    const struct cert *first, const struct cert *second)
{
	struct err e = ERR_INIT;
	struct trustlist l = { .data = NULL };
	uint8_t *data = NULL;
	size_t len = 0;

	if (group_itl_build(f->id, g, &data, &len, &e) == -1 ||
	    trustlist_parse(&l, data, len, &e) == -1 ||
	    trustlist_verify(&l, NULL, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(l.header.filename, "ITLFile.tlv");
	assert_int_equal(l.n_records, second == NULL ? 5 : 6);
	assert_int_equal(trustlist_find(&l, f->node->callmanager.cert,
			     ROLE_SAST),
	    0);
	assert_int_equal(trustlist_find(&l, f->node->callmanager.cert,
			     ROLE_TFTP),
	    1);
	assert_int_equal(trustlist_find(&l, f->node->capf.cert, ROLE_CAPF), 2);
	assert_int_equal(trustlist_find(&l, first, ROLE_TVS), 3);
	assert_int_equal(trustlist_find(&l, f->node->recovery.cert, ROLE_SAST),
	    4);
	if (second != NULL)
		assert_int_equal(trustlist_find(&l, second, ROLE_TVS), 5);
	trustlist_release(&l);
	free(data);
}

static void
what_is_in_it(void **state)
{
	const struct fixture *f = *state;
	struct phone_group g = group("test10sub", "nobody", "test10pub");
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	assert_list(f, &g, f->node->further.cert, f->node->tvs.cert);
	g = group("test10pub", NULL, NULL);
	assert_list(f, &g, f->node->tvs.cert, NULL);
	g = group("nobody", NULL, NULL);
	assert_int_equal(group_itl_build(f->id, &g, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(when_it_differs, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(the_same_servers, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(what_is_in_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
