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
the_agent_writes_it(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "cli timeout 20" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cli_session_timeout, "20"),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "CLI session-timeout is set to 20 minutes for new CLI "
	    "sessions.\n");
	assert_int_equal(cmd_world_run(&w, &cmd_set_cli_session_timeout, "30"),
	    -1);
	assert_int_equal(w.e.code, ERR_UNREACHABLE);
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_agent_writes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
