/*
 * commands/file_delete_sftpdetails.c: the agent forgets a server's key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static void
the_agent_forgets(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "hostkey forget sftp.joemar2.lab 22" },
		{ .words = "hostkey forget 172.18.172.254 2222" },
		{ .words = NULL },
	};
	static const char *const both[] = { "172.18.172.254", "2222", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_file_delete_sftpdetails,
			     "sftp.joemar2.lab"),
	    0);
	assert_int_equal(cmd_world_run_words(&w, &cmd_file_delete_sftpdetails,
			     both),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "The host key of sftp.joemar2.lab port 22 is forgotten.\n"
	    "The host key of 172.18.172.254 port 2222 is forgotten.\n");
	cmd_world_release(&w);
}

static void
an_unknown_server_is_told(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "hostkey forget nobody 22",
		    .code = ERR_NOT_FOUND,
		    .message = "no host key of nobody is known" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_file_delete_sftpdetails,
			     "nobody"),
	    -1);
	assert_string_equal(w.e.msg, "no host key of nobody is known");
	assert_non_null(strstr(w.e.hint, "file dump sftpdetails"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_agent_forgets),
		cmocka_unit_test(an_unknown_server_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
