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
	{ .words = "cert monitor set address ops@example.com" },
	{ .words = "cert monitor set days 60" },
	{ .words = "cert monitor set email disable" },
	{ .words = "cert monitor set email enable",
	    .code = ERR_STATE,
	    .message = "E-mail needs an address and a server first." },
	{ .words = "cert monitor set server mail:2525",
	    .text = "The database of node test10sub does not have the change "
		    "yet.\n" },
	{ .words = "cert monitor set time 09:00" },
	{ .words = NULL },
};

/* Run it, and what it prints. */
static void
prints(const struct command *cmd, const char *value, const char *text)
{
	struct cmd_world w;

	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, cmd, value), 0);
	assert_string_equal(cmd_world_text(&w), text);
	cmd_world_release(&w);
}

static void
each_says_what_it_has_set(void **state)
{
	(void)state;
	prints(&cmd_set_cert_monitor_address, "ops@example.com",
	    "E-mail of the certificate monitor goes to ops@example.com.\n");
	prints(&cmd_set_cert_monitor_days, "60",
	    "Certificate expiry alarms begin 60 days before the end.\n");
	prints(&cmd_set_cert_monitor_email_disable, NULL,
	    "E-mail of the certificate monitor: disabled.\n");
	prints(&cmd_set_cert_monitor_time, "09:00",
	    "Certificate alarms are raised daily at 09:00.\n");
}

static void
remarks_stand_behind(void **state)
{
	(void)state;
	prints(&cmd_set_cert_monitor_server, "mail:2525",
	    "E-mail of the certificate monitor is sent through mail:2525.\n"
	    "The database of node test10sub does not have the change yet.\n");
}

static void
a_refusal_prints_nothing(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cert_monitor_email_enable,
			     NULL),
	    -1);
	assert_int_equal(w.e.code, ERR_STATE);
	assert_string_equal(cmd_world_text(&w), "");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_says_what_it_has_set),
		cmocka_unit_test(remarks_stand_behind),
		cmocka_unit_test(a_refusal_prints_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
