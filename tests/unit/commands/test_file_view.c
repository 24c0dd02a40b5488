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
a_terminal_turns_pages(void **state)
{
	const char *const words[] = { "syslog/CiscoSyslog", NULL };

	(void)state;
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.term.keys = "q";
	assert_int_equal(cmd_world_run_words(&w, &cmd_file_view_activelog,
			     words),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "one\ntwo\nthree\nend of the file reached\033[1m\noptions: q=quit, "
	    "n=next, p=prev, b=begin, e=end (lines 1 - 3 of 3) : \033[0m\n");
}

static void
without_a_terminal_all_is_shown(void **state)
{
	const char *const words[] = { "cm/tftpdata/ITLFile.tlv", NULL };

	(void)state;
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.term.term.interactive = false;
	assert_int_equal(cmd_world_run_words(&w, &cmd_file_view_activelog,
			     words),
	    0);
	assert_string_equal(cmd_world_text(&w), "itl\n");
}

static void
what_is_no_file_of_the_root_is_not_shown(void **state)
{
	static const char *const attacks[] = { "../etc/secret", "syslog/link",
		"syslog/absolute", "out/secret", "syslog/fifo", "syslog",
		".lock", "*/*" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		const char *const words[] = { attacks[i], NULL };

		assert_int_equal(run(&cmd_file_view_activelog, words), -1);
		assert_string_equal(cmd_world_text(&w), "");
	}
}

static void
the_recovery_key_is_not_shown(void **state)
{
	const char *const words[] = { "ITLRecovery.p12", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_view_tftp, words), -1);
	assert_string_equal(w.e.msg,
	    "ITLRecovery.p12 is not shown. Save it with \"file get tftp "
	    "ITLRecovery.p12\".");
}

static void
there_is_no_log_of_the_machine(void **state)
{
	const char *const words[] = { NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_view_system_management_log, words), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
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
		cmocka_unit_test(a_terminal_turns_pages),
		cmocka_unit_test(without_a_terminal_all_is_shown),
		cmocka_unit_test(what_is_no_file_of_the_root_is_not_shown),
		cmocka_unit_test(the_recovery_key_is_not_shown),
		cmocka_unit_test(there_is_no_log_of_the_machine),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
