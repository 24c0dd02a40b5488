/*
 * node/command_table.c: every entry is complete, and the manual has it.
 */
#include "node/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

static void
every_entry_is_complete(void **state)
{
	(void)state;
	assert_true(node_commands_n > 0);
	for (size_t i = 0; i < node_commands_n; i++) {
		const struct node_command *c = node_commands[i];

		assert_non_null(c->name);
		assert_non_null(c->usage);
		assert_non_null(c->help);
		assert_non_null(c->run);
		assert_ptr_equal(node_command_find(c->name), c);
	}
}

static void
only_what_sshd_runs_is_for_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < node_commands_n; i++)
		assert_true(node_commands[i]->root != node_commands[i]->hidden);
}

static void
the_manual_has_them_all(void **state)
{
	char *manual = testing_read("doc", "ucm-node.8");

	(void)state;
	assert_non_null(manual);
	for (size_t i = 0; i < node_commands_n; i++) {
		char *line = mem_printf(".It Cm %s", node_commands[i]->name);

		if (strstr(manual, line) == NULL)
			fail_msg("ucm-node.8 does not have %s",
			    node_commands[i]->name);
		free(line);
	}
	free(manual);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_is_complete),
		cmocka_unit_test(only_what_sshd_runs_is_for_others),
		cmocka_unit_test(the_manual_has_them_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
