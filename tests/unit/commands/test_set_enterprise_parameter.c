#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

#define FILES "Alternate Cisco File Servers"

static const struct fake_answer answers[] = {
	{ .words = "parameter set TFTP File Signature Algorithm SHA-512" },
	{ .words = "parameter set Cluster ID Alpha",
	    .text = "The database of node test10sub does not have the change "
		    "yet.\n" },
	{ .words = "parameter set " FILES " a b:80" },
	{ .words = "parameter set " FILES " " },
	{ .words = "parameter set Cluster ID Beta",
	    .code = ERR_UNREACHABLE,
	    .message = "the publisher's database: it is gone" },
	{ .words = NULL },
};

static void
prints(const char *value, const char *text)
{
	struct cmd_world w;

	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_enterprise_parameter,
			     value),
	    0);
	assert_string_equal(cmd_world_text(&w), text);
	cmd_world_release(&w);
}

static void
it_says_what_must_be_restarted(void **state)
{
	(void)state;
	prints("TFTP File Signature Algorithm SHA-512",
	    "TFTP File Signature Algorithm is SHA-512 now.\n"
	    "It counts when Cisco Tftp is restarted on each node: utils "
	    "service restart Cisco Tftp\n");
	prints(FILES " a b:80", FILES " is a b:80 now.\n");
	prints(FILES " \"\"", FILES " is empty now.\n");
}

static void
remarks_stand_behind(void **state)
{
	(void)state;
	prints("Cluster ID Alpha",
	    "Cluster ID is Alpha now.\n"
	    "The database of node test10sub does not have the change yet.\n");
}

static void
a_refusal_prints_nothing(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_enterprise_parameter,
			     "Cluster ID Beta"),
	    -1);
	assert_int_equal(w.e.code, ERR_UNREACHABLE);
	assert_string_equal(cmd_world_text(&w), "");
	err_clear(&w.e);
	assert_int_equal(cmd_world_run(&w, &cmd_set_enterprise_parameter,
			     "Colour red"),
	    -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_must_be_restarted),
		cmocka_unit_test(remarks_stand_behind),
		cmocka_unit_test(a_refusal_prints_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
