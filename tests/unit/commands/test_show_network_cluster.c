#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

/* 2014-02-26 10:34:46 UTC */
#define SINCE "1393410886"

static const struct fake_answer answers[] = {
	{ .words = "cluster show",
	    .rows =
		"127.0.10.1|test10pub.joemar2.lab|test10pub|Publisher|t|" SINCE
		"|t\n"
		"127.0.10.2|test10sub.joemar2.lab|test10sub|Subscriber|t|" SINCE
		"|f" },
	{ .words = NULL },
};

static const struct fake_answer broken[] = {
	{ .words = "cluster show",
	    .rows =
		"127.0.10.1|test10pub.joemar2.lab|test10pub|Publisher|f|" SINCE
		"|f\n"
		"127.0.10.2|test10sub.joemar2.lab|test10sub|Subscriber|t|" SINCE
		"|t" },
	{ .words = NULL },
};

static int
utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC0", 1);
}

static void
prints_the_reference_s_lines(void **state)
{
	char *expected = golden_output("cli/network_cluster.txt");
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_network_cluster, NULL), 0);
	assert_string_equal(cmd_world_text(&w), expected);
	cmd_world_release(&w);
	free(expected);
}

static void
a_node_that_is_away_is_not_authenticated(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, broken, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_network_cluster, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "127.0.10.1 test10pub.joemar2.lab test10pub Publisher callmanager "
	    "DBPub not authenticated - INITIATOR since Wed Feb 26 10:34:46 "
	    "2014\n"
	    "127.0.10.2 test10sub.joemar2.lab test10sub Subscriber "
	    "callmanager DBSub authenticated\n"
	    "\nServer Table (processnode) Entries\n"
	    "----------------------------------\n"
	    "127.0.10.1\n127.0.10.2\n");
	cmd_world_release(&w);
}

static void
as_json(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_network_cluster, NULL), 0);
	assert_non_null(
	    strstr(cmd_world_text(&w), "\"address\": \"127.0.10.2\""));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_the_reference_s_lines),
		cmocka_unit_test(a_node_that_is_away_is_not_authenticated),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, utc, NULL);
}
