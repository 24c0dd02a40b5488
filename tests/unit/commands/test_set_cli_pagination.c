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
changes_this_session(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cli_pagination_on, NULL),
	    0);
	assert_true(w.session.pagination);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cli_pagination_off, NULL),
	    0);
	assert_false(w.session.pagination);
	assert_string_equal(cmd_world_text(&w),
	    "Automatic pagination is turned on\n"
	    "Automatic pagination is turned off\n");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_this_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
