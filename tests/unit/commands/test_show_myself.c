#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static void
names_machine_account_and_level(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.session.commands = 3;
	assert_int_equal(cmd_world_run(&w, &cmd_show_myself, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Machine Name    : test10pub\n"
	    "account name    : administrator\n"
	    "privilege level : 4\n"
	    "command count   : 3\n"
	    "logging setting : enabled\n");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_machine_account_and_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
