#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static const struct fake_answer answers[] = {
	{ .words = "service autorestart show Cisco Tftp",
	    .text = "Auto-restart of Cisco Tftp is enabled.\n" },
	{ .words = "service autorestart disable Cisco Tftp",
	    .text = "Auto-restart of Cisco Tftp is disabled.\n" },
	{ .words = "service autorestart enable Cisco Tftp" },
	{ .words = NULL },
};

static void
asks_the_agent(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w,
			     &cmd_utils_service_auto_restart_disable,
			     "Cisco Tftp"),
	    0);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_auto_restart_show,
			     "Cisco Tftp"),
	    0);
	assert_int_equal(cmd_world_run(&w,
			     &cmd_utils_service_auto_restart_enable,
			     "Cisco Tftp"),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "Auto-restart of Cisco Tftp is disabled.\n"
	    "Auto-restart of Cisco Tftp is enabled.\n");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_the_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
