#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"

static struct cmd_world w;

static int
run(const struct command *cmd, const char *const *words)
{
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	return cmd_world_run_words(&w, cmd, words);
}

static void
one_file_has_its_name_first(void **state)
{
	const char *const words[] = { "syslog/CiscoSyslog", "t[wh]", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_search_activelog, words), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Searching path: /var/log/active/syslog/CiscoSyslog\n"
	    "Searching file: /var/log/active/syslog/CiscoSyslog\n"
	    "two\nthree\nSearch completed\n");
}

static void
several_have_their_names_in_front_of_hits(void **state)
{
	const char *const words[] = { "/platform/log/cli*", "SHOW ITL",
		"ignorecase", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_search_activelog, words), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Searching path: /var/log/active//platform/log/cli*\n"
	    "/var/log/active//platform/log/cli00001.log:INFO show itl\n"
	    "/var/log/active//platform/log/cli00002.log:WARN show itl\n"
	    "Search completed\n");
}

static void
sub_directories_are_searched_on_request(void **state)
{
	const char *const flat[] = { "platform", "ctl", NULL };
	const char *const deep[] = { "platform", "ctl", "recurs", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_search_activelog, flat), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	assert_int_equal(run(&cmd_file_search_activelog, deep), 0);
	assert_non_null(strstr(cmd_world_text(&w), "cli00002.log:INFO show"));
}

static void
times_choose_files(void **state)
{
	const char *const old[] = { "syslog/*", "one", "abstime",
		"10:00:10/20/13", "11:00:10/20/13", NULL };
	const char *const young[] = { "syslog/*", "one", "reltime", "hours",
		"1", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_search_activelog, old), -1);
	assert_int_equal(run(&cmd_file_search_activelog, young), 0);
	assert_non_null(strstr(cmd_world_text(&w), "\none\n"));
}

static void
the_recovery_key_is_not_searched(void **state)
{
	const char *const words[] = { "*", "p12:|itl", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_search_tftp, words), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Searching path: /usr/local/cm/tftp/*\n"
	    "/usr/local/cm/tftp/ITLFile.tlv:itl\n"
	    "Search completed\n");
}

static int
setup(void **state)
{
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	return file_node_setup(state);
}

static int
teardown(void **state)
{
	cmd_world_release(&w);
	return file_node_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file_has_its_name_first),
		cmocka_unit_test(several_have_their_names_in_front_of_hits),
		cmocka_unit_test(sub_directories_are_searched_on_request),
		cmocka_unit_test(times_choose_files),
		cmocka_unit_test(the_recovery_key_is_not_searched),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
