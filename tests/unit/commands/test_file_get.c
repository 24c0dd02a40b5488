#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/testing.h"

#define GATHERED                                                          \
	"Please wait while the system is gathering files info ...done.\n" \
	"Sub-directories were not traversed.\n"

static struct cmd_world w;

/* The text of a command to which the user gives these answers. */
static const char *
run(const struct command *cmd, const char *const *words,
    const char *const *user, int rc)
{
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, user, OUT_TEXT);
	assert_int_equal(cmd_world_run_words(&w, cmd, words), rc);
	return cmd_world_text(&w);
}

static void
gathering_is_the_reference_s(void **state)
{
	const char *const words[] = { "ITLRecovery.p12", NULL };
	const char *const user[] = { "y", NULL };

	(void)state;
	assert_int_equal(strncmp(run(&cmd_file_get_tftp, words, user, -1),
			     GATHERED "Number of files affected: 1\n"
				      "Total size in Bytes: 5\n"
				      "Total size in Kbytes: 0.0048828125\n"
				      "Would you like to proceed [y/n]? y\n"
				      "SFTP server IP: ",
			     strlen(GATHERED) + 136),
	    0);
}

static void
n_cancels(void **state)
{
	const char *const words[] = { "*", NULL };
	const char *const user[] = { "n", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_get_tftp, words, user, 0),
	    GATHERED "Number of files affected: 2\n"
		     "Total size in Bytes: 8\n"
		     "Total size in Kbytes: 0.0078125\n"
		     "Would you like to proceed [y/n]? n\n"
		     "Files transfer cancelled.\n");
	assert_int_equal(w.agent.asked.n, 0);
}

static void
other_answers_are_asked_again(void **state)
{
	const char *const words[] = { "*", NULL };
	const char *const user[] = { "", "maybe", "no", NULL };

	(void)state;
	assert_non_null(strstr(run(&cmd_file_get_tftp, words, user, 0),
	    "Would you like to proceed [y/n]? \n"
	    "Please answer 'y' for <yes> or 'n' for no: maybe\n"
	    "Please answer 'y' for <yes> or 'n' for no: no\n"
	    "Files transfer cancelled.\n"));
}

static void
control_c_ends_it(void **state)
{
	const char *const words[] = { "*", NULL };
	const char *const user[] = { "^C", NULL };

	(void)state;
	(void)run(&cmd_file_get_tftp, words, user, -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
}

static void
what_is_not_there_is_told(void **state)
{
	const char *const words[] = { "NoSuchFile", NULL };
	const struct command *const all[] = { &cmd_file_get_activelog,
		&cmd_file_get_inactivelog, &cmd_file_get_install,
		&cmd_file_get_part_b_salog, &cmd_file_get_salog,
		&cmd_file_get_tftp };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_string_equal(run(all[i], words, NULL, -1),
		    "Please wait while the system is gathering files info "
		    "...done.\n");
		assert_string_equal(w.e.msg, "File not found: NoSuchFile");
	}
}

static void
recurs_is_said(void **state)
{
	const char *const words[] = { "*.raw", "recurs", NULL };
	const char *const user[] = { "n", NULL };

	(void)state;
	assert_non_null(strstr(run(&cmd_file_get_tftp, words, user, 0),
	    "Sub-directories were traversed.\n"
	    "Number of files affected: 2\n"));
}

static void
names_can_be_matched(void **state)
{
	const char *const words[] = { "platform/log/*", "match", "2\\.", NULL };
	const char *const user[] = { "n", NULL };

	(void)state;
	assert_non_null(strstr(run(&cmd_file_get_activelog, words, user, 0),
	    "Number of files affected: 1\nTotal size in Bytes: 28\n"));
}

static void
times_and_compress_ask_first(void **state)
{
	const char *const words[] = { "platform/log/*", "reltime", "hours", "3",
		"compress", NULL };
	const char *const wrong[] = { "*", "abstime", "10:00:10/20/13",
		"09:00:10/20/13", NULL };
	const char *const no[] = { "n", NULL };
	const char *const both[] = { "y", "n", NULL };

	(void)state;
	assert_string_equal(run(&cmd_file_get_activelog, words, no, 0),
	    "This command can take significantly long time,\n"
	    "and can also affect the system wide IOWAIT on your system.\n"
	    "Would you like to proceed [y/n]? n\n"
	    "Files transfer cancelled.\n");
	assert_non_null(strstr(run(&cmd_file_get_activelog, words, both, 0),
	    "[y/n]? y\n" GATHERED "Number of files affected: 2\n"));
	(void)run(&cmd_file_get_activelog, wrong, no, -1);
	assert_string_equal(w.e.msg,
	    "The second time lies before the first one.");
}

static void
a_key_in_an_archive_is_remarked(void **state)
{
	const char *const words[] = { "*", "compress", NULL };
	const char *const user[] = { "y", NULL };

	(void)state;
	assert_non_null(strstr(run(&cmd_file_get_tftp, words, user, -1),
	    "In an archive ITLRecovery.p12 does not count as saved.\n"
	    "SFTP server IP: "));
}

/* --- a log that rotates away while the questions are answered ------------- */

static char *rotated; /* its path */
static struct term_ops ops;
static int (*line)(void *self, const char *prompt, char **out, struct err *e);

static int
rotate_and_answer(void *self, const char *prompt, char **out, struct err *e)
{
	if (str_equal(prompt, "Download directory: "))
		assert_int_equal(unlink(rotated), 0);
	return line(self, prompt, out, e);
}

/* Files of *.rot: one goes, two arrive. */
static void
get_rotated(const char *root, bool compress)
{
	const char *const words[] = { "*.rot", compress ? "compress" : NULL,
		NULL };
	const struct sshd_server_kind kind = { .sftp = NULL };
	struct sshd_server server;
	char find[64], row[SSHD_SERVER_KEY + 2], port[8];
	char *dir = testing_dir();
	const char *const user[] = { "y", "127.0.0.1", port, SSHD_SERVER_USER,
		SSHD_SERVER_PASSWORD, dir, NULL };
	const struct fake_answer answers[] = { { .words = find, .rows = row },
		{ .words = NULL } };

	testing_write(root, "log/a.rot", "a");
	testing_write(root, "log/b.rot", "b");
	testing_write(root, "log/c.rot", "c");
	rotated = mem_printf("%s/log/b.rot", root);
	sshd_server_start_kind(&server, &kind);
	(void)snprintf(port, sizeof(port), "%u", (unsigned)server.port);
	(void)snprintf(find, sizeof(find), "hostkey find 127.0.0.1 %s", port);
	(void)snprintf(row, sizeof(row), "%s\n", server.host_key);
	cmd_world_release(&w);
	cmd_world_init(&w, answers, user, OUT_TEXT);
	w.term.term.interactive = false;
	ops = *w.term.term.ops;
	line = ops.line;
	ops.line = rotate_and_answer;
	w.term.term.ops = &ops;
	assert_int_equal(cmd_world_run_words(&w, &cmd_file_get_activelog,
			     words),
	    -1);
	assert_int_equal(testing_count(dir), compress ? 1 : 2);
	sshd_server_stop(&server);
	testing_dir_remove(dir);
	free(rotated);
}

static void
what_rotates_away_is_named(void **state)
{
	int compress;

	for (compress = 0; compress < 2; compress++) {
		const char *text;

		get_rotated(*state, compress == 1);
		text = strstr(cmd_world_text(&w), "Transfer completed.\n");
		assert_non_null(text);
		assert_non_null(
		    strstr(text, "Not transferred: /var/log/active/b.rot: "));
		assert_null(strstr(text,
		    "Downloading file: "
		    "/var/log/active/b.rot"));
		assert_int_equal(w.e.code, ERR_PARTIAL);
		assert_string_equal(w.e.msg,
		    "1 of 3 files could not be read any more.");
	}
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
		cmocka_unit_test(gathering_is_the_reference_s),
		cmocka_unit_test(n_cancels),
		cmocka_unit_test(other_answers_are_asked_again),
		cmocka_unit_test(control_c_ends_it),
		cmocka_unit_test(what_is_not_there_is_told),
		cmocka_unit_test(recurs_is_said),
		cmocka_unit_test(names_can_be_matched),
		cmocka_unit_test(times_and_compress_ask_first),
		cmocka_unit_test(a_key_in_an_archive_is_remarked),
		cmocka_unit_test(what_rotates_away_is_named),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, setup, teardown);
}
