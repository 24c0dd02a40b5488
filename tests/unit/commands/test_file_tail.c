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

/* Ctrl-C comes at once. */
static bool
yes(void *self)
{
	(void)self;
	return true;
}

static const char *
tail(const struct command *cmd, const char *const *words)
{
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.ctx.interrupted = yes;
	assert_int_equal(cmd_world_run_words(&w, cmd, words), -1);
	return cmd_world_text(&w);
}

static void
options_reach_the_follower(void **state)
{
	const char *const words[] = { "syslog/CiscoSyslog", "hex", "1",
		"regexp", "thr", NULL };

	(void)state;
	(void)tail(&cmd_file_tail_activelog, words);
	assert_int_equal(w.e.code, ERR_CANCELLED);
}

static void
tftp_may_show_the_date_first(void **state)
{
	const char *const words[] = { "ITLFile.tlv", "detail", "5", NULL };

	(void)state;
	assert_non_null(strstr(tail(&cmd_file_tail_tftp, words),
	    "            3  ITLFile.tlv\n"));
}

static void
wrong_specs_are_told(void **state)
{
	const char *const key[] = { "ITLRecovery.p12", NULL };
	const char *const several[] = { "platform/log/*", NULL };
	const char *const link[] = { "syslog/link", NULL };

	(void)state;
	(void)tail(&cmd_file_tail_tftp, key);
	assert_int_equal(w.e.code, ERR_DENIED);
	(void)tail(&cmd_file_tail_activelog, several);
	assert_int_equal(w.e.code, ERR_USAGE);
	(void)tail(&cmd_file_tail_activelog, link);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	(void)tail(&cmd_file_tail_install, link);
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
		cmocka_unit_test(options_reach_the_follower),
		cmocka_unit_test(tftp_may_show_the_date_first),
		cmocka_unit_test(wrong_specs_are_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
