#include "commands/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/args.h"

static const struct cmd_param params[] = {
	{ .name = "a", .type = &arg_unit, .help = "first" },
	{ .name = "b", .type = &arg_minutes, .help = "second" },
	{ .name = NULL },
};

static const struct cmd_option options[] = {
	{ .word = "page", .help = "pause output" },
	{ .word = NULL },
};

static void
counts_what_is_declared(void **state)
{
	const struct command none = { .words = "none" };
	const struct command some = {
		.words = "some",
		.params = params,
		.options = options,
	};

	(void)state;
	assert_int_equal(cmd_param_count(&none), 0);
	assert_int_equal(cmd_option_count(&none), 0);
	assert_int_equal(cmd_param_count(&some), 2);
	assert_int_equal(cmd_option_count(&some), 1);
}

static void
told_leaves_no_message(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	(void)err_set(&e, ERR_IO, "something");
	assert_int_equal(cmd_told(&e, ERR_NOT_FOUND), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.msg, "");
}

static void
released_arguments_are_empty(void **state)
{
	struct cmd_args a = { .json = true };

	(void)state;
	a.value[0] = mem_strdup("x");
	a.option[1] = true;
	cmd_args_release(&a);
	assert_null(a.value[0]);
	assert_false(a.option[1]);
	assert_false(a.json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_declared),
		cmocka_unit_test(told_leaves_no_message),
		cmocka_unit_test(released_arguments_are_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
