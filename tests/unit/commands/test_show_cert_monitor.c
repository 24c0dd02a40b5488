#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static const struct fake_answer unset[] = {
	{ .words = "cert monitor show", .rows = "f|||30|09:00" },
	{ .words = NULL },
};

static const struct fake_answer set[] = {
	{ .words = "cert monitor show",
	    .rows = "t|a@b,c@d|mail:2525|60|23:59" },
	{ .words = NULL },
};

static void
text(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, unset, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_monitor, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "E-mail notification : disabled\n"
	    "E-mail address      : not set\n"
	    "SMTP server         : not set\n"
	    "Notification window : 30 days before the end of a certificate\n"
	    "Time of day         : 09:00\n");
	cmd_world_release(&w);
	cmd_world_init(&w, set, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_monitor, NULL), 0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "E-mail notification : enabled\n"
	    "E-mail address      : a@b,c@d\n"
	    "SMTP server         : mail:2525\n"));
	cmd_world_release(&w);
}

static void
json(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, set, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_monitor, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "{\n"
	    "  \"email\": true,\n"
	    "  \"address\": \"a@b,c@d\",\n"
	    "  \"server\": \"mail:2525\",\n"
	    "  \"days\": 60,\n"
	    "  \"time\": \"23:59\"\n"
	    "}\n");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
