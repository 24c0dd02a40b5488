#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
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
files_are_dumped_as_text_or_bytes(void **state)
{
	const char *const text[] = { "syslog/CiscoSyslog", NULL };
	const char *const hex[] = { "syslog/CiscoSyslog", "hex", NULL };
	const char *const some[] = { "syslog/CiscoSyslog", "regexp", "^t",
		NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_dump_activelog, text), 0);
	assert_string_equal(cmd_world_text(&w), "one\ntwo\nthree\n");
	assert_int_equal(run(&cmd_file_dump_activelog, hex), 0);
	assert_string_equal(cmd_world_text(&w),
	    "00000000  6f 6e 65 0a 74 77 6f 0a  74 68 72 65 65 0a        "
	    "|one.two.three.|\n");
	assert_int_equal(run(&cmd_file_dump_activelog, some), 0);
	assert_string_equal(cmd_world_text(&w), "two\nthree\n");
}

static void
the_newest_can_be_chosen(void **state)
{
	const struct timespec times[2] = { { .tv_sec = 5500 },
		{ .tv_sec = 5500 } };
	const char *const recent[] = { "platform/log/*", "recent", NULL };
	const char *const none[] = { "platform/*", "recent", NULL };
	const char *const several[] = { "platform/log/*", NULL };
	char *path =
	    mem_printf("%s/log/platform/log/cli00002.log", (char *)*state);

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
	assert_int_equal(run(&cmd_file_dump_activelog, recent), 0);
	assert_string_equal(cmd_world_text(&w), "INFO show itl\n");
	assert_int_equal(run(&cmd_file_dump_activelog, none), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	assert_int_equal(run(&cmd_file_dump_activelog, several), -1);
	assert_int_equal(w.e.code, ERR_USAGE);
}

static void
files_of_tftp_have_options_of_their_own(void **state)
{
	const char *const words[] = { "ITLFile.tlv", "detail", "hex", NULL };
	const char *const key[] = { "ITLRecovery.p12", "hex", NULL };
	const char *const stray[] = { "stray.key", NULL };

	(void)state;
	assert_int_equal(run(&cmd_file_dump_tftp, words), 0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "            3  ITLFile.tlv\n00000000  "
	    "69 74 6c"));
	assert_int_equal(run(&cmd_file_dump_tftp, key), -1);
	assert_int_equal(w.e.code, ERR_DENIED);
	assert_string_equal(cmd_world_text(&w), "");
	assert_int_equal(run(&cmd_file_dump_tftp, stray), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
}

static void
known_servers_are_listed(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "file sftpdetails",
		    .rows = "[10.0.0.1]:2222|ssh-rsa|SHA256:abc" },
		{ .words = NULL },
	};

	(void)state;
	cmd_world_release(&w);
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_file_dump_sftpdetails, NULL),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "[10.0.0.1]:2222 ssh-rsa SHA256:abc\n");
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
		cmocka_unit_test(files_are_dumped_as_text_or_bytes),
		cmocka_unit_test(the_newest_can_be_chosen),
		cmocka_unit_test(known_servers_are_listed),
		cmocka_unit_test(files_of_tftp_have_options_of_their_own),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
