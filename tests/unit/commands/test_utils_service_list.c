#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

static const struct fake_answer answers[] = {
	{ .words = "service list",
	    .rows = "System SSH|platform|STARTED|\n"
		    "Name Service Cache|platform|STOPPED|Service Not "
		    "Activated\n"
		    "Entropy Monitoring Daemon|platform|STARTED|\n"
		    "Cisco SCSI Watchdog|platform|STARTED|\n"
		    "Service Manager|platform|STARTED|\n"
		    "Cisco AMC Service|managed|STARTED|\n"
		    "Cisco Certificate Expiry Monitor|managed|STARTED|\n"
		    "Cisco DirSync|managed|STOPPED|Service Not Activated\n"
		    "Cisco Tftp|managed|STARTED|" },
	{ .words = NULL },
};

static void
prints_the_reference_s_list(void **state)
{
	char *expected = golden_output("cli/service_list.txt");
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_list, NULL), 0);
	assert_string_equal(cmd_world_text(&w), expected);
	cmd_world_release(&w);
	free(expected);
}

static void
a_subscriber_is_not_primary(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	w.conf.role = NODE_SUBSCRIBER;
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_list, NULL), 0);
	assert_non_null(strstr(cmd_world_text(&w), "Primary Node =false\n"));
	cmd_world_release(&w);
}

static void
as_json(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_service_list, NULL), 0);
	assert_non_null(strstr(cmd_world_text(&w), "\"primary\": true"));
	assert_null(strstr(cmd_world_text(&w), "Requesting"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_the_reference_s_list),
		cmocka_unit_test(a_subscriber_is_not_primary),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
