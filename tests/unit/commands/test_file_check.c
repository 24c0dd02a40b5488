#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static const struct fake_answer answers[] = {
	{ .words = "file check 100", .message = "8" },
	{ .words = "file check 0",
	    .rows = "added|ucm-x|0|5\nchanged|ucmsh|47916|1353904\n"
		    "removed|ucm-y|7|0",
	    .message = "8" },
	{ .words = NULL },
};

static void
differences_are_told(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_file_check, "0"), 0);
	assert_string_equal(cmd_world_text(&w),
	    "added    ucm-x\n"
	    "changed  ucmsh: 1,353,904 bytes, were 47,916\n"
	    "removed  ucm-y\n"
	    "files: checked = 8, different = 3\n");
	cmd_world_release(&w);
}

static void
a_hundred_kbytes_are_the_least(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_file_check, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "files: checked = 8, different = 0\n");
	cmd_world_release(&w);
}

static void
wrong_sizes_are_refused(void **state)
{
	const struct cmd_type *type = cmd_file_check.params[0].type;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(type->check("1000000", &e), 0);
	assert_int_equal(type->check("1000001", &e), -1);
	assert_int_equal(type->check("x", &e), -1);
	assert_true(str_starts(e.msg, "detection-size-kb"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_told),
		cmocka_unit_test(a_hundred_kbytes_are_the_least),
		cmocka_unit_test(wrong_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
