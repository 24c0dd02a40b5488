#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

#define STATES                                             \
	"Cisco Tftp[STOPPING]  \nCisco Tftp[STOPPING]  \n" \
	"Cisco Tftp[STARTING]  \nCisco Tftp[STARTING]  \n" \
	"Cisco Tftp[STARTED]  \nCisco Tftp[STARTED]  \n"

static const struct fake_answer answers[] = {
	{ .words = "service restart Cisco Tftp", .text = STATES },
	{ .words = "service start Cisco Tftp",
	    .text = "Cisco Tftp[STARTED]  \n" },
	{ .words = "service stop Cisco Tftp",
	    .text = "Cisco Tftp[STOPPED]  \n" },
	{ .words = "service activate Cisco Tftp" },
	{ .words = "service deactivate Cisco Tftp" },
	{ .words = "service start Nothing",
	    .code = ERR_NOT_FOUND,
	    .message = "This node has no service Nothing." },
	{ .words = NULL },
};

static void
restart_is_the_reference_s(void **state)
{
	char *expected = golden_output("cli/service_restart.txt");
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_restart,
			     "Cisco Tftp"),
	    0);
	assert_string_equal(cmd_world_text(&w), expected);
	cmd_world_release(&w);
	free(expected);
}

static void
start_leaves_the_warning_out(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_start,
			     "Cisco Tftp"),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "Service Manager is running\nCisco Tftp[STARTED]  \n");
	cmd_world_release(&w);
}

static void
each_verb_is_asked_for(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_stop,
			     "Cisco Tftp"),
	    0);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_activate,
			     "Cisco Tftp"),
	    0);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_deactivate,
			     "Cisco Tftp"),
	    0);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_start, "Nothing"),
	    -1);
	assert_string_equal(w.e.msg, "This node has no service Nothing.");
	assert_string_equal(w.agent.asked.item[0], "service stop Cisco Tftp");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restart_is_the_reference_s),
		cmocka_unit_test(start_leaves_the_warning_out),
		cmocka_unit_test(each_verb_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
