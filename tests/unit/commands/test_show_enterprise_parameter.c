#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

#define SIGNATURE "TFTP File Signature Algorithm"
#define SIGNATURE_ROW \
	SIGNATURE "|SHA-1|digest of files|SHA-1 or SHA-512|Cisco Tftp\n"

static const struct fake_answer answers[] = {
	{ .words = "parameter list",
	    .rows = "Alternate Cisco File Servers||other clusters|hosts|\n"
		    "ClusterSecurityMode|\033[2J0|mode||\n" SIGNATURE_ROW },
	{ .words = "parameter show " SIGNATURE, .rows = SIGNATURE_ROW },
	{ .words = "parameter show ClusterSecurityMode",
	    .rows = "ClusterSecurityMode|0|mode||\n" },
	{ .words = "parameter show Cluster ID",
	    .code = ERR_DATABASE,
	    .message = "it broke" },
	{ .words = NULL },
};

static void
prints(const char *name, enum out_form form, const char *text)
{
	struct cmd_world w;

	cmd_world_init(&w, answers, NULL, form);
	assert_int_equal(cmd_world_run(&w, &cmd_show_enterprise_parameter,
			     name),
	    0);
	assert_string_equal(cmd_world_text(&w), text);
	cmd_world_release(&w);
}

static void
all_are_shown_with_their_values(void **state)
{
	(void)state;
	prints(NULL, OUT_TEXT,
	    "Alternate Cisco File Servers  : not set\n"
	    "ClusterSecurityMode           : \\x1b[2J0\n"
	    "TFTP File Signature Algorithm : SHA-1\n");
}

static void
one_is_explained(void **state)
{
	(void)state;
	prints(SIGNATURE, OUT_TEXT,
	    "TFTP File Signature Algorithm : SHA-1\n"
	    "Description                   : digest of files\n"
	    "Values                        : SHA-1 or SHA-512\n"
	    "A new value counts            : when Cisco Tftp is restarted on "
	    "each node\n");
	prints("ClusterSecurityMode", OUT_TEXT,
	    "ClusterSecurityMode           : 0\n"
	    "Description                   : mode\n"
	    "Values                        : cannot be set\n"
	    "A new value counts            : at once\n");
}

static void
json(void **state)
{
	(void)state;
	prints(SIGNATURE, OUT_JSON,
	    "{\n"
	    "  \"parameters\": [\n"
	    "    {\n"
	    "      \"name\": \"TFTP File Signature Algorithm\",\n"
	    "      \"value\": \"SHA-1\",\n"
	    "      \"description\": \"digest of files\",\n"
	    "      \"values\": \"SHA-1 or SHA-512\",\n"
	    "      \"restart\": \"Cisco Tftp\"\n"
	    "    }\n"
	    "  ]\n"
	    "}\n");
	prints("ClusterSecurityMode", OUT_JSON,
	    "{\n"
	    "  \"parameters\": [\n"
	    "    {\n"
	    "      \"name\": \"ClusterSecurityMode\",\n"
	    "      \"value\": \"0\",\n"
	    "      \"description\": \"mode\",\n"
	    "      \"values\": null,\n"
	    "      \"restart\": null\n"
	    "    }\n"
	    "  ]\n"
	    "}\n");
}

static void
failures_are_handed_on(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_enterprise_parameter,
			     "Cluster ID"),
	    -1);
	assert_int_equal(w.e.code, ERR_DATABASE);
	assert_string_equal(cmd_world_text(&w), "");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_shown_with_their_values),
		cmocka_unit_test(one_is_explained),
		cmocka_unit_test(json),
		cmocka_unit_test(failures_are_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
