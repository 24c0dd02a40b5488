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
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
