/*
 * node/command.c: finding a command by its name.
 */
#include "node/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void
commands_are_found_by_name(void **state)
{
	(void)state;
	assert_string_equal(node_command_find("init")->name, "init");
	assert_true(node_command_find("init")->root);
	assert_true(node_command_find("peer")->hidden);
	assert_null(node_command_find("ini"));
	assert_null(node_command_find(""));
	assert_null(node_command_find("inits"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
