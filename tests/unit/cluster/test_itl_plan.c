/*
 * cluster/itl_plan.c: which node needs what.
 */
#include "cluster/itl_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define OLD "9d7da73d16c1501b4d27dc1ed79211f390659982"
#define NEW "3440f94f9252e243c99506b4bd33ea28ec654dab"

static int
parse(struct itl_status *st, struct err *e, const char *const *column, size_t n)
{
	struct strlist l = STRLIST_INIT;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		strlist_add(&l, column[i]);
	rc = itl_status_parse(&l, st, e);
	strlist_release(&l);
	return rc;
}

static void
reads_a_status(void **state)
{
	const char *const column[] = { OLD, "", "CN=a;OU=b", "STARTED", "t" };
	const char *const none[] = { "", "", "", "STOPPED", "f" };
	struct itl_status st;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(parse(&st, &e, column, 5), 0);
	assert_string_equal(st.sha_disk, OLD);
	assert_string_equal(st.sha_served, "");
	assert_string_equal(st.signer, "CN=a;OU=b");
	assert_string_equal(st.service, "STARTED");
	assert_true(st.activated);
	assert_int_equal(parse(&st, &e, none, 5), 0);
	assert_false(st.activated);
}

static void
refuses_a_strange_status(void **state)
{
	const char *const upper[] = {
		"9D7DA73D16C1501B4D27DC1ED79211F390659982", "", "", "STARTED",
		"t"
	};
	const char *const cut[] = { "9d7d", "", "", "STARTED", "t" };
	const char *const served[] = { OLD, "x", "", "STARTED", "t" };
	const char *const flag[] = { OLD, OLD, "", "STARTED", "yes" };
	const char *const escape[] = { OLD, OLD, "\033]0;x", "STARTED", "t" };
	struct itl_status st;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(parse(&st, &e, upper, 5), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(parse(&st, &e, cut, 5), -1);
	assert_int_equal(parse(&st, &e, served, 5), -1);
	assert_string_equal(st.sha_disk, "");
	assert_int_equal(parse(&st, &e, flag, 5), -1);
	assert_int_equal(parse(&st, &e, escape, 4), -1);
	assert_int_equal(parse(&st, &e, escape, 5), 0);
	assert_null(strchr(st.signer, '\033'));
}

/* A plan of n nodes that run and serve OLD. */
static struct itl_plan
plan_of(size_t n)
{
	struct itl_plan p = { .n = n };
	size_t i;

	p.node = mem_array(n, sizeof(*p.node));
	for (i = 0; i < n; i++) {
		struct itl_plan_node *x = &p.node[i];

		(void)str_printf(x->node.name, sizeof(x->node.name), "node%zu",
		    i);
		(void)str_copy(x->status.sha_disk, sizeof(x->status.sha_disk),
		    OLD);
		(void)str_copy(x->status.sha_served,
		    sizeof(x->status.sha_served), OLD);
		(void)str_copy(x->status.service, sizeof(x->status.service),
		    "STARTED");
		x->status.activated = true;
	}
	return p;
}

static void
set(char *dst, const char *value)
{
	(void)str_copy(dst, ITL_SERVICE_STATE_SIZE, value);
}

static void
decides_each_step(void **state)
{
	struct itl_plan p = plan_of(6);

	(void)state;
	(void)str_copy(p.node[1].status.sha_disk, ITL_SHA_HEX_SIZE, NEW);
	(void)str_copy(p.node[2].status.sha_disk, ITL_SHA_HEX_SIZE, NEW);
	(void)str_copy(p.node[2].status.sha_served, ITL_SHA_HEX_SIZE, NEW);
	set(p.node[3].status.service, "STOPPED");
	p.node[4].why.code = ERR_UNREACHABLE;
	set(p.node[5].status.service, "STARTING");
	itl_plan_decide(&p, NEW);
	assert_int_equal(p.node[0].step, ITL_STEP_SEND);
	assert_int_equal(p.node[1].step, ITL_STEP_ACTIVATE);
	assert_int_equal(p.node[2].step, ITL_STEP_NONE);
	assert_int_equal(p.node[3].step, ITL_STEP_STOPPED);
	assert_int_equal(p.node[4].step, ITL_STEP_UNREACHABLE);
	assert_int_equal(p.node[5].step, ITL_STEP_SEND);
	itl_plan_release(&p);
	itl_plan_release(NULL);
}

/* A node that serves the file but is about to stop does not count as done. */
static void
a_stopped_node_is_never_done(void **state)
{
	struct itl_plan p = plan_of(2);

	(void)state;
	set(p.node[0].status.service, "STOPPED");
	set(p.node[1].status.service, "STOPPING");
	itl_plan_decide(&p, OLD);
	assert_int_equal(p.node[0].step, ITL_STEP_STOPPED);
	assert_int_equal(p.node[1].step, ITL_STEP_STOPPED);
	itl_plan_release(&p);
}

static void
drops_deactivated_nodes(void **state)
{
	struct itl_plan p = plan_of(3);

	(void)state;
	p.node[0].status.activated = false;
	/* not known: no status */
	p.node[2].status.activated = false;
	p.node[2].why.code = ERR_TIMEOUT;
	itl_plan_drop_inactive(&p);
	assert_int_equal(p.n, 2);
	assert_string_equal(p.node[0].node.name, "node1");
	assert_string_equal(p.node[1].node.name, "node2");
	itl_plan_release(&p);
}

static void
lists_in_brackets(void **state)
{
	struct itl_plan p = plan_of(2);
	char *s;

	(void)state;
	s = itl_plan_list(&p);
	assert_string_equal(s, "['node0', 'node1']");
	free(s);
	p.n = 1;
	s = itl_plan_list(&p);
	assert_string_equal(s, "['node0']");
	free(s);
	itl_plan_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_status),
		cmocka_unit_test(refuses_a_strange_status),
		cmocka_unit_test(decides_each_step),
		cmocka_unit_test(a_stopped_node_is_never_done),
		cmocka_unit_test(drops_deactivated_nodes),
		cmocka_unit_test(lists_in_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
