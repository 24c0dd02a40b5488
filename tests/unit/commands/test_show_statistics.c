/*
 * commands/show_statistics.c: what services have written, and that nobody is
 * taken for running who is not.
 */
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/service_statistics.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/testing.h"

static struct cmd_world w;

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "run"), 0700, NULL);
}

static int
tear_down(void **state)
{
	(void)service_statistics_remove("tftpd", NULL);
	cmd_world_release(&w);
	testing_dir_remove(*state);
	return 0;
}

static void
write_tftpd(void)
{
	struct service_statistics s = { .pid = getpid(),
		.started = clock_boot() - 60 };
	struct err e = ERR_INIT;

	service_statistics_set(&s, "new_in_this_version", UINT64_MAX);
	service_statistics_set(&s, "tftp_transfers", 1234567);
	service_statistics_set(&s, "tftp_requests", 12);
	service_statistics_set(&s, "http_requests", 0);
	if (service_statistics_write("tftpd", &s, &e) == -1)
		fail_msg("%s", e.msg);
	service_statistics_release(&s);
}

static int
show(const struct command *cmd, enum out_form form)
{
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, form);
	return cmd_world_run(&w, cmd, NULL);
}

static void
counters_have_names_and_an_order(void **state)
{
	const char *text;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	write_tftpd();
	assert_int_equal(show(&cmd_show_tftp_statistics, OUT_TEXT), 0);
	text = cmd_world_text(&w);
	assert_int_equal(strncmp(text, "Cisco Tftp has been running since ",
			     34),
	    0);
	assert_string_equal(strchr(text, '\n'),
	    "\n\n"
	    "TFTP requests\n"
	    "  read requests                                           "
	    "          12\n"
	    "\n"
	    "TFTP transfers\n"
	    "  begun                                                   "
	    "   1,234,567\n"
	    "\n"
	    "HTTP\n"
	    "  requests                                                "
	    "           0\n"
	    "\n"
	    "Others\n"
	    "  new_in_this_version                             9,223,37"
	    "2,036,854,775,807\n");
}

static void
as_json(void **state)
{
	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	write_tftpd();
	assert_int_equal(show(&cmd_show_tftp_statistics, OUT_JSON), 0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "\"service\": \"Cisco Tftp\",\n  \"running\": true,\n"));
	assert_non_null(
	    strstr(cmd_world_text(&w), "    \"tftp_transfers\": 1234567,\n"));
	assert_int_equal(show(&cmd_show_tvs_statistics, OUT_JSON), 0);
	assert_string_equal(cmd_world_text(&w),
	    "{\n"
	    "  \"service\": \"Cisco Trust Verification Service\",\n"
	    "  \"running\": false\n"
	    "}\n");
}

static void
services_that_do_not_run(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(show(&cmd_show_tftp_statistics, OUT_TEXT), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Cisco Tftp is not running on this node.\n");
	/* killed, and its number is that of a process that lives */
	pid = fork();
	if (pid == 0) {
		write_tftpd();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(show(&cmd_show_tftp_statistics, OUT_TEXT), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Cisco Tftp is not running on this node.\n");
	assert_int_equal(show(&cmd_show_tvs_statistics, OUT_TEXT), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Cisco Trust Verification Service is not running on this "
	    "node.\n");
}

static void
what_cannot_be_read_is_said(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_mkdir(paths_in(path, "run/tvsd.statistics"), 0700,
			     NULL),
	    0);
	assert_int_equal(show(&cmd_show_tvs_statistics, OUT_TEXT), -1);
	assert_string_equal(cmd_world_text(&w), "");
	assert_true(w.e.code != ERR_NONE);
	assert_non_null(strstr(w.e.msg, "tvsd.statistics"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    counters_have_names_and_an_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(as_json, set_up, tear_down),
		cmocka_unit_test_setup_teardown(services_that_do_not_run,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
