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

static const struct fake_answer answers[] = {
	{ .words = "file delete tftp ITLFile.tlv" },
	{ .words = "file delete tftp rings/a.raw" },
	{ .words = "file delete tftp rings/deep/b.raw" },
	{ .words = "file rmdir tftp rings/deep" },
	{ .words = "file rmdir tftp rings" },
	{ .words = "file delete activelog syslog/CiscoSyslog" },
	{ .words = "file delete activelog platform/log/cli00001.log",
	    .code = ERR_DENIED,
	    .message = "the audit of commands cannot be deleted" },
	{ .words = "file delete activelog platform/log/cli00002.log",
	    .code = ERR_DENIED,
	    .message = "the audit of commands cannot be deleted" },
	{ .words = NULL },
};

static struct cmd_world w;

/* The text of a command to which the user answers. */
static const char *
run(const struct command *cmd, const char *const *words, const char *answer,
    int rc)
{
	const char *const user[] = { answer, NULL };

	cmd_world_release(&w);
	cmd_world_init(&w, answers, user, OUT_TEXT);
	assert_int_equal(cmd_world_run_words(&w, cmd, words), rc);
	return cmd_world_text(&w);
}

static void
the_dialogue_is_the_reference_s(void **state)
{
	const char *const words[] = { "syslog/CiscoSyslog", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_delete_activelog, words, "y", 0),
	    "Delete the File syslog/CiscoSyslog?\n"
	    "Enter \"y\" followed by return to continue: y\n"
	    "files: found = 1, deleted = 1\n");
	assert_int_equal(w.agent.asked.n, 1);
}

static void
without_y_nothing_is_deleted(void **state)
{
	static const char *const no[] = { "n", "", "yes", "Y", " y" };
	const char *const words[] = { "ITLFile.tlv", NULL };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		const char *text = run(&cmd_file_delete_tftp, words, no[i], 0);

		assert_non_null(
		    strstr(text, "\nfiles: found = 1, deleted = 0\n"));
		assert_int_equal(w.agent.asked.n, 0);
	}
	(void)run(&cmd_file_delete_tftp, words, "^C", -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	assert_int_equal(w.agent.asked.n, 0);
}

static void
noconfirm_prints_the_count_only(void **state)
{
	const char *const words[] = { "syslog/C*", "noconfirm", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_delete_activelog, words, NULL, 0),
	    "files: found = 1, deleted = 1\n");
}

static void
detail_lists_what_was_deleted(void **state)
{
	const char *const words[] = { "ITLFile.tlv", "noconfirm", "detail",
		NULL };
	const char *text = run(&cmd_file_delete_tftp, words, NULL, 0);

	(void)state;
	assert_non_null(strstr(text,
	    "            3  ITLFile.tlv\nfiles: found = 1, deleted = 1\n"
	    "Cisco Tftp makes ITLFile.tlv anew when it is restarted.\n"));
}

static void
refusals_of_the_agent_are_told(void **state)
{
	const char *const words[] = { "platform/log/*", "noconfirm", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_delete_activelog, words, NULL, -1),
	    "cli00001.log: the audit of commands cannot be deleted\n"
	    "cli00002.log: the audit of commands cannot be deleted\n"
	    "files: found = 2, deleted = 0\n");
	assert_string_equal(w.e.msg, "");
}

static void
an_agent_that_is_down_ends_it(void **state)
{
	const char *const words[] = { "cm/trace/tftp/*", "noconfirm", NULL };

	(void)state;
	(void)run(&cmd_file_delete_activelog, words, NULL, -1);
	assert_int_equal(w.e.code, ERR_UNREACHABLE);
}

static void
the_recovery_key_stays(void **state)
{
	const char *const key[] = { "ITLRecovery.p12", "noconfirm", NULL };
	const char *const all[] = { "*", "noconfirm", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_delete_tftp, key, NULL, -1),
	    "ITLRecovery.p12 cannot be deleted.\n");
	assert_int_equal(w.agent.asked.n, 0);
	assert_non_null(strstr(run(&cmd_file_delete_tftp, all, NULL, 0),
	    "ITLRecovery.p12 cannot be deleted.\n"
	    "files: found = 1, deleted = 1\n"));
}

static void
directories_are_not_files(void **state)
{
	const char *const words[] = { "syslog", "noconfirm", NULL };
	const char *const none[] = { "syslog/link", "noconfirm", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_delete_activelog, words, NULL, -1),
	    "");
	assert_string_equal(w.e.msg,
	    "\"syslog\" is a directory; only files are deleted.");
	(void)run(&cmd_file_delete_activelog, none, NULL, -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	(void)run(&cmd_file_delete_inactivelog, none, NULL, -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
}

static void
a_directory_goes_with_all_in_it(void **state)
{
	static const char *const order[] = { "file delete tftp rings/a.raw",
		"file delete tftp rings/deep/b.raw",
		"file rmdir tftp rings/deep", "file rmdir tftp rings" };
	const char *const words[] = { "rings", NULL };
	const char *const file[] = { "ITLFile.tlv", NULL };
	size_t i;

	(void)state;
	assert_string_equal(run(&cmd_file_delete_dir_tftp, words, "y", 0),
	    "Delete the Directory rings?\n"
	    "Enter \"y\" followed by return to continue: y\n"
	    "files: found = 2, deleted = 2\n"
	    "directories: found = 2, deleted = 2\n");
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(w.agent.asked.item[i], order[i]);
	(void)run(&cmd_file_delete_dir_tftp, words, "n", 0);
	assert_int_equal(w.agent.asked.n, 0);
	(void)run(&cmd_file_delete_dir_tftp, file, NULL, -1);
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
		cmocka_unit_test(the_dialogue_is_the_reference_s),
		cmocka_unit_test(without_y_nothing_is_deleted),
		cmocka_unit_test(noconfirm_prints_the_count_only),
		cmocka_unit_test(detail_lists_what_was_deleted),
		cmocka_unit_test(refusals_of_the_agent_are_told),
		cmocka_unit_test(an_agent_that_is_down_ends_it),
		cmocka_unit_test(the_recovery_key_stays),
		cmocka_unit_test(directories_are_not_files),
		cmocka_unit_test(a_directory_goes_with_all_in_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
