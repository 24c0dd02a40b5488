/*
 * node/verb_table.c: the table is sorted and every entry is complete.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
is_sorted_without_doubles(void **state)
{
	size_t i;

	(void)state;
	assert_true(verb_table_n > 0);
	for (i = 1; i < verb_table_n; i++)
		if (strcmp(verb_table[i - 1]->words, verb_table[i]->words) >= 0)
			fail_msg("%s before %s", verb_table[i - 1]->words,
			    verb_table[i]->words);
}

static void
every_entry_is_complete(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < verb_table_n; i++) {
		const struct verb *v = verb_table[i];

		assert_non_null(v->run);
		assert_true(v->args_min <= v->args_max);
		assert_true(v->level == 0 || v->level == 1 ||
		    v->level == VERB_LEVEL_MAX);
		assert_null(strstr(v->words, "  "));
		assert_true(v->words[0] > ' ');
		assert_true(v->words[strlen(v->words) - 1] > ' ');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_sorted_without_doubles),
		cmocka_unit_test(every_entry_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
