#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static const struct fake_answer none[] = {
	{ .words = "cert alarm" },
	{ .words = NULL },
};

static const struct fake_answer two[] = {
	{ .words = "cert alarm",
	    .rows = "ITLRecoveryCertBackup|Warning|Cisco Certificate Monitor|"
		    "Not saved.|It is new.|Save it.||1393410267\n"
		    "CertExpired|Emergency|Cisco Certificate Monitor|Over.|"
		    "Refused.|Renew \033it.|tomcat.der|0\n" },
	{ .words = NULL },
};

static int
utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC", 1);
}

static void
none_is_a_sentence(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, none, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_alarm, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "No certificate alarm is active on this node.\n");
	cmd_world_release(&w);
	cmd_world_init(&w, none, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_alarm, NULL), 0);
	assert_string_equal(cmd_world_text(&w), "{\n  \"alarms\": []\n}\n");
	cmd_world_release(&w);
}

static void
each_with_all_that_is_known(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, two, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_alarm, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Name: ITLRecoveryCertBackup\n"
	    "Severity: Warning\n"
	    "App ID: Cisco Certificate Monitor\n"
	    "Description: Not saved.\n"
	    "Explanation: It is new.\n"
	    "Recommended Action: Save it.\n"
	    "Active Since: Wed Feb 26 10:24:27 UTC 2014\n"
	    "\n"
	    "Name: CertExpired\n"
	    "Severity: Emergency\n"
	    "App ID: Cisco Certificate Monitor\n"
	    "Description: Over.\n"
	    "Explanation: Refused.\n"
	    "Recommended Action: Renew \\x1bit.\n"
	    "Message: tomcat.der\n");
	cmd_world_release(&w);
	cmd_world_init(&w, two, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_alarm, NULL), 0);
	assert_non_null(
	    strstr(cmd_world_text(&w), "\"name\": \"ITLRecoveryCertBackup\""));
	assert_non_null(strstr(cmd_world_text(&w),
	    "\"since\": \"Wed Feb 26 10:24:27 UTC 2014\""));
	assert_non_null(
	    strstr(cmd_world_text(&w), "\"message\": \"tomcat.der\""));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_a_sentence),
		cmocka_unit_test(each_with_all_that_is_known),
	};

	return cmocka_run_group_tests(tests, utc, NULL);
}
