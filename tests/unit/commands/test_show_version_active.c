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
three_lines(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_version_active, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Active Master Version: 10.0.1.10000-24\n"
	    "Active Version Installed Software Options:\n"
	    "No Installed Software Options Found.\n");
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_version_active, NULL), 0);
	assert_non_null(
	    strstr(cmd_world_text(&w), "\"version\": \"10.0.1.10000-24\""));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
