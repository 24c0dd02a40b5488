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
tells_on_and_off(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cli_pagination, NULL), 0);
	w.session.pagination = true;
	assert_int_equal(cmd_world_run(&w, &cmd_show_cli_pagination, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Automatic Pagination : Off.\nAutomatic Pagination : On.\n");
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cli_pagination, NULL), 0);
	assert_non_null(strstr(cmd_world_text(&w), "\"pagination\": false"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_on_and_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
