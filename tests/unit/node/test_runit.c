/*
 * node/runit.c: bytes of supervise/status as runsv writes them, and control
 * pipes of a service directory in a temporary place.
 */
#include "node/runit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"

static char root[] = "/tmp/ucmsh-runit-XXXXXX";

/* Seen on Debian 12: process 3511 since 2025-01-01 00:00:00 UTC, wanted up. */
static const uint8_t running[RUNIT_STATUS_SIZE] = { 0x40, 0, 0, 0, 0x67, 0x74,
	0x85, 0x8a, 0, 0, 0, 0, 0xb7, 0x0d, 0, 0, 0, 'u', 0, 1 };

static int
set_up(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	if (mkdtemp(root) == NULL)
		return -1;
	paths_set_root(root);
	if (file_mkdir(paths_in(path, "service"), 0755, &e) == -1 ||
	    file_mkdir(paths_in(path, "service/tftp"), 0755, &e) == -1 ||
	    file_mkdir(paths_in(path, "service/tftp/supervise"), 0700, &e) ==
		-1 ||
	    mkfifo(paths_in(path, "service/tftp/supervise/ok"), 0600) == -1 ||
	    mkfifo(paths_in(path, "service/tftp/supervise/control"), 0600) ==
		-1)
		return -1;
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const files[] = { "tftp/supervise/ok",
		"tftp/supervise/control", "tftp/supervise/status", "tftp/down",
		"tftp/once" };
	static const char *const dirs[] = { "service/tftp/supervise",
		"service/tftp", "service" };
	char path[PATH_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(paths_in(path, "service/%s", files[i]));
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)rmdir(paths_in(path, "%s", dirs[i]));
	return rmdir(root);
}

static void
parses_a_running_service(void **state)
{
	struct runit_status st;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(runit_parse(running, sizeof(running), &st, &e), 0);
	assert_int_equal(st.pid, 3511);
	assert_int_equal(st.state, RUNIT_RUN);
	assert_true(st.want_up);
	assert_false(st.got_term);
	assert_false(st.paused);
	assert_int_equal(st.since, 1735689600);
}

static void
parses_one_that_is_ending(void **state)
{
	uint8_t b[RUNIT_STATUS_SIZE];
	struct runit_status st;
	struct err e = ERR_INIT;

	(void)state;
	memcpy(b, running, sizeof(b));
	b[17] = 'd';
	b[18] = 1;
	assert_int_equal(runit_parse(b, sizeof(b), &st, &e), 0);
	assert_false(st.want_up);
	assert_true(st.got_term);
	b[19] = 2;
	assert_int_equal(runit_parse(b, sizeof(b), &st, &e), 0);
	assert_int_equal(st.state, RUNIT_FINISH);
}

static void
refuses_what_runsv_never_writes(void **state)
{
	uint8_t b[RUNIT_STATUS_SIZE];
	struct runit_status st;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(runit_parse(running, 19, &st, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	memcpy(b, running, sizeof(b));
	b[19] = 3;
	assert_int_equal(runit_parse(b, sizeof(b), &st, &e), -1);
	memcpy(b, running, sizeof(b));
	b[0] = 0;
	assert_int_equal(runit_parse(b, sizeof(b), &st, &e), -1);
	memcpy(b, running, sizeof(b));
	b[15] = 0xff;
	assert_int_equal(runit_parse(b, sizeof(b), &st, &e), -1);
	assert_int_equal(st.pid, 0);
}

static void
tells_when_nobody_watches(void **state)
{
	struct runit_status st;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(runit_status("tftp", &st, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(runit_control("tftp", "u", &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(runit_status("nosuch", &st, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

static void
reads_and_writes_the_pipes(void **state)
{
	char path[PATH_SIZE];
	char got[8] = "";
	struct runit_status st;
	struct err e = ERR_INIT;
	int control;
	int ok;

	(void)state;
	ok = open(paths_in(path, "service/tftp/supervise/ok"),
	    O_RDONLY | O_NONBLOCK);
	control = open(paths_in(path, "service/tftp/supervise/control"),
	    O_RDONLY | O_NONBLOCK);
	assert_true(ok != -1 && control != -1);
	assert_int_equal(file_replace(paths_in(path,
					  "service/tftp/supervise/status"),
			     running, sizeof(running), 0644, &e),
	    0);
	assert_int_equal(runit_status("tftp", &st, &e), 0);
	assert_int_equal(st.pid, 3511);
	assert_int_equal(runit_control("tftp", "tcu", &e), 0);
	assert_int_equal(read(control, got, sizeof(got)), 3);
	assert_memory_equal(got, "tcu", 3);
	(void)close(ok);
	(void)close(control);
}

static void
keeps_the_marks(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_false(runit_is_down("tftp"));
	assert_int_equal(runit_set_down("tftp", true, &e), 0);
	assert_true(runit_is_down("tftp"));
	assert_false(runit_is_once("tftp"));
	assert_int_equal(runit_set_down("tftp", false, &e), 0);
	assert_int_equal(runit_set_down("tftp", false, &e), 0);
	assert_false(runit_is_down("tftp"));
	assert_int_equal(runit_set_once("tftp", true, &e), 0);
	assert_true(runit_is_once("tftp"));
	assert_int_equal(runit_set_once("tftp", false, &e), 0);
	assert_int_equal(runit_set_down("nosuch", true, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_a_running_service),
		cmocka_unit_test(parses_one_that_is_ending),
		cmocka_unit_test(refuses_what_runsv_never_writes),
		cmocka_unit_test(tells_when_nobody_watches),
		cmocka_unit_test(reads_and_writes_the_pipes),
		cmocka_unit_test(keeps_the_marks),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
