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

#define SELECT                                                  \
	"select paramname,paramvalue from processconfig where " \
	"paramname='ClusterSecurityMode'"

static const struct fake_answer answers[] = {
	{ .words = "sql",
	    .rows = "paramname|paramvalue\nClusterSecurityMode|0" },
	{ .words = NULL },
};

static void
prints_the_reference_s_table(void **state)
{
	char *expected = golden_output("cli/run_sql.txt");
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_run_sql, SELECT), 0);
	assert_string_equal(cmd_world_text(&w), expected);
	assert_string_equal(w.agent.asked.item[1], SELECT);
	cmd_world_release(&w);
	free(expected);
}

static void
changes_are_counted_and_remarks_follow(void **state)
{
	static const struct fake_answer change[] = {
		{ .words = "sql",
		    .text = "The database of node test10sub does not have the "
			    "change yet.\n",
		    .message = "Rows: 1" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, change, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_run_sql, "update x"), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Rows: 1\nThe database of node test10sub does not have the change "
	    "yet.\n");
	cmd_world_release(&w);
}

static void
continued_lines_become_one_statement(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_run_sql,
			     "select 1 \\\nfrom a\\\n"),
	    0);
	assert_string_equal(w.agent.asked.item[1], "select 1   from a  ");
	cmd_world_release(&w);
}

static void
an_error_prints_no_table(void **state)
{
	static const struct fake_answer failing[] = {
		{ .words = "sql",
		    .rows = "a\n1",
		    .code = ERR_DATABASE,
		    .message = "no such table" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, failing, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_run_sql, "select"), -1);
	assert_string_equal(cmd_world_text(&w), "");
	assert_string_equal(w.e.msg, "no such table");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_the_reference_s_table),
		cmocka_unit_test(changes_are_counted_and_remarks_follow),
		cmocka_unit_test(continued_lines_become_one_statement),
		cmocka_unit_test(an_error_prints_no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
