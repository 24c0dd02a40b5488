#include "commands/file_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/table.h"

static void
the_root_is_the_last_word(void **state)
{
	const struct cmd_args list = { .cmd = &cmd_file_list_part_b_salog };
	const struct cmd_args dir = { .cmd = &cmd_file_delete_dir_tftp };

	(void)state;
	assert_string_equal(file_args_root(&list)->word, "partBsalog");
	assert_string_equal(file_args_root(&dir)->word, "tftp");
}

static void
types_check_what_is_typed(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(arg_file_spec.check("a/*b", &e), 0);
	assert_int_equal(arg_file_spec.check("a/../b", &e), -1);
	assert_int_equal(arg_lines.check("20", &e), 0);
	assert_int_equal(arg_lines.check("0", &e), -1);
	assert_int_equal(arg_lines.check("1000001", &e), -1);
	assert_int_equal(arg_regexp.check("a|b", &e), 0);
	assert_int_equal(arg_regexp.check("(", &e), -1);
	assert_int_equal(file_reltime[0].type->check("hours", &e), 0);
	assert_int_equal(file_reltime[0].type->check("years", &e), -1);
	assert_int_equal(file_reltime[1].type->check("9999", &e), 0);
	assert_int_equal(file_reltime[1].type->check("0", &e), -1);
	assert_int_equal(file_abstime[0].type->check("18:00:10/20/13", &e), 0);
	assert_int_equal(file_abstime[1].type->check("18:00", &e), -1);
}

static void
times_are_read_from_options(void **state)
{
	struct cmd_args a = { .cmd = &cmd_file_get_tftp };
	int64_t now = (int64_t)time(NULL);
	struct err e = ERR_INIT;
	struct file_when when;

	(void)state;
	assert_int_equal(file_args_when(&a, 0, 1, &when, &e), 0);
	assert_true(file_when_has(&when, 0));
	a.option[0] = true;
	a.option_value[0][0] = mem_strdup("days");
	a.option_value[0][1] = mem_strdup("2");
	assert_int_equal(file_args_when(&a, 0, 1, &when, &e), 0);
	assert_in_range(when.from, now - 172800, now - 172800 + 60);
	a.option[1] = true;
	a.option_value[1][0] = mem_strdup("18:00:10/20/13");
	a.option_value[1][1] = mem_strdup("17:00:10/20/13");
	assert_int_equal(file_args_when(&a, 0, 1, &when, &e), -1);
	cmd_args_release(&a);
}

static void
values_of_options_have_defaults(void **state)
{
	struct cmd_args a = { .cmd = &cmd_file_tail_tftp };
	struct err e = ERR_INIT;
	struct regexp *r;

	(void)state;
	assert_int_equal(file_args_number(&a, 2, 10), 10);
	assert_int_equal(file_args_regexp(&a, 3, &r, &e), 0);
	assert_null(r);
	a.option[2] = a.option[3] = true;
	a.option_value[2][0] = mem_strdup("7");
	a.option_value[3][0] = mem_strdup("x+");
	assert_int_equal(file_args_number(&a, 2, 10), 7);
	assert_int_equal(file_args_regexp(&a, 3, &r, &e), 0);
	assert_true(regexp_match(r, "xx", 2));
	regexp_free(r);
	cmd_args_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_is_the_last_word),
		cmocka_unit_test(types_check_what_is_typed),
		cmocka_unit_test(times_are_read_from_options),
		cmocka_unit_test(values_of_options_have_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
