#include "commands/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void
sorted_without_doubles(void **state)
{
	size_t i;

	(void)state;
	assert_non_null(cmd_table[0]);
	for (i = 1; cmd_table[i] != NULL; i++)
		assert_true(
		    strcmp(cmd_table[i - 1]->words, cmd_table[i]->words) < 0);
}

static void
every_entry_is_complete(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; cmd_table[i] != NULL; i++) {
		const struct command *c;
		size_t n;

		c = cmd_table[i];
		assert_non_null(c->help);
		assert_true(
		    str_ends(c->help, ".") || (c->flags & CMD_OLD_HELP) != 0);
		assert_non_null(c->example);
		assert_true(str_starts(c->example, c->words));
		assert_non_null(c->run);
		n = cmd_param_count(c);
		assert_true(n <= CMD_PARAMS_MAX);
		assert_true(cmd_option_count(c) <= CMD_OPTIONS_MAX);
		for (k = 0; k < n; k++) {
			assert_non_null(c->params[k].type);
			assert_non_null(c->params[k].help);
			/* Nothing can follow the rest of a line. */
			if (c->params[k].type->rest)
				assert_int_equal(k, n - 1);
		}
	}
}

static void
show_commands_speak_json(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; cmd_table[i] != NULL; i++) {
		if (str_starts(cmd_table[i]->words, "show "))
			assert_true((cmd_table[i]->flags & CMD_JSON) != 0);
	}
	assert_true((cmd_run_sql.flags & CMD_JSON) == 0);
}

static void
levels_are_those_of_the_reference(void **state)
{
	(void)state;
	assert_int_equal(cmd_show_itl.level, 0);
	assert_int_equal(cmd_run_sql.level, 0);
	assert_int_equal(cmd_utils_service_list.level, 0);
	assert_int_equal(cmd_utils_service_restart.level, 1);
	assert_int_equal(cmd_set_cert_regen.level, 1);
	assert_int_equal(cmd_show_cert_own.level, 1);
	assert_int_equal(cmd_show_cert_list_trust.level, 1);
	assert_int_equal(cmd_set_cli_pagination_off.level, 1);
	assert_int_equal(cmd_set_cli_session_timeout.level, 1);
	assert_int_equal(cmd_utils_itl_reset_localkey.level, 4);
	assert_true((cmd_utils_itl_reset_localkey.flags & CMD_PUBLISHER) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorted_without_doubles),
		cmocka_unit_test(every_entry_is_complete),
		cmocka_unit_test(show_commands_speak_json),
		cmocka_unit_test(levels_are_those_of_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
