#include "commands/sql_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cluster/agent_msg.h"

static void
add(struct sql_table *t, const char *a, const char *b)
{
	struct strlist row = STRLIST_INIT;

	strlist_add(&row, a);
	if (b != NULL)
		strlist_add(&row, b);
	sql_table_add(t, &row);
	strlist_release(&row);
}

static char *
printed(struct sql_table *t)
{
	struct out *out = out_new_mem(OUT_TEXT);
	char *s;

	sql_table_print(t, out);
	s = mem_strdup(out_text(out));
	out_free(out);
	sql_table_release(t);
	return s;
}

static void
columns_are_as_wide_as_their_widest_cell(void **state)
{
	struct sql_table t = { .row = NULL };
	char *s;

	(void)state;
	add(&t, "a", "name");
	add(&t, "long cell", "x");
	add(&t, "", "much longer");
	s = printed(&t);
	assert_string_equal(s,
	    "a         name\n"
	    "========= ===========\n"
	    "long cell x\n"
	    "          much longer\n");
	free(s);
}

static void
null_and_empty_differ(void **state)
{
	struct sql_table t = { .row = NULL };
	char *s;

	(void)state;
	add(&t, "c", "d");
	add(&t, AGENT_NULL, "NULL");
	s = printed(&t);
	assert_string_equal(s, "c    d\n==== ====\nNULL NULL\n");
	free(s);
}

static void
an_empty_result_is_heads_and_rule(void **state)
{
	struct sql_table t = { .row = NULL };
	char *s;

	(void)state;
	add(&t, "name", "enum");
	s = printed(&t);
	assert_string_equal(s, "name enum\n==== ====\n");
	free(s);
	s = printed(&t);
	assert_string_equal(s, "");
	free(s);
}

static void
cells_are_visible_and_counted_in_characters(void **state)
{
	struct sql_table t = { .row = NULL };
	char *s;

	(void)state;
	add(&t, "n", "m");
	add(&t, "\xc3\xa4\xc3\xb6", "x");
	add(&t, "\033\n", NULL);
	s = printed(&t);
	assert_string_equal(s,
	    "n      m\n====== =\n\xc3\xa4\xc3\xb6     x\n\\x1b\\n \n");
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(null_and_empty_differ),
		cmocka_unit_test(an_empty_result_is_heads_and_rule),
		cmocka_unit_test(cells_are_visible_and_counted_in_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
