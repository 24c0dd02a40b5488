#include "base/logdir.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	*state = testing_dir();
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
lines_are_appended(void **state)
{
	struct err e = ERR_INIT;
	struct logdir d;
	char *text;

	assert_int_equal(logdir_open(&d, *state, &e), 0);
	assert_int_equal(logdir_size(&d, "log"), 0);
	assert_int_equal(logdir_append(&d, "log", "one", &e), 0);
	assert_int_equal(logdir_append(&d, "log", "two", &e), 0);
	assert_int_equal(logdir_size(&d, "log"), 8);
	logdir_close(&d);
	text = testing_read(*state, "log");
	assert_string_equal(text, "one\ntwo\n");
	free(text);
}

static void
a_missing_directory_is_named(void **state)
{
	struct err e = ERR_INIT;
	struct logdir d;

	(void)state;
	assert_int_equal(logdir_open(&d, "/nonexistent/log", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.msg, "/nonexistent/log"));
}

static void
links_are_not_followed(void **state)
{
	char *target = mem_printf("%s/target", (char *)*state);
	char *name = mem_printf("%s/log", (char *)*state);
	struct err e = ERR_INIT;
	struct logdir d;
	char *text;

	assert_int_equal(logdir_open(&d, *state, &e), 0);
	testing_write(*state, "target", "old");
	assert_int_equal(symlink(target, name), 0);
	assert_int_equal(logdir_append(&d, "log", "x", &e), -1);
	text = testing_read(*state, "target");
	assert_string_equal(text, "old");
	logdir_close(&d);
	free(text);
	free(name);
	free(target);
}

static void
half_a_line_is_taken_back(void **state)
{
	struct err e = ERR_INIT;
	struct logdir d;
	struct rlimit limit;
	rlim_t old;
	char *text;
	int rc;

	assert_int_equal(logdir_open(&d, *state, &e), 0);
	assert_int_equal(logdir_append(&d, "log", "whole", &e), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	old = limit.rlim_cur;
	limit.rlim_cur = 8;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = logdir_append(&d, "log", "too long", &e);
	limit.rlim_cur = old;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_NO_SPACE);
	logdir_close(&d);
	text = testing_read(*state, "log");
	assert_string_equal(text, "whole\n");
	free(text);
}

static void
the_lock_keeps_others_waiting(void **state)
{
	struct err e = ERR_INIT;
	struct logdir d;
	char *text;
	pid_t pid;
	int status;

	assert_int_equal(logdir_open(&d, *state, &e), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		logdir_close(&d); /* the lock is its parent's, too */
		_exit(logdir_open(&d, *state, &e) == -1 ||
		    logdir_append(&d, "log", "second", &e) == -1);
	}
	(void)usleep(50000);
	assert_int_equal(logdir_append(&d, "log", "first", &e), 0);
	logdir_close(&d);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	text = testing_read(*state, "log");
	assert_string_equal(text, "first\nsecond\n");
	free(text);
}

/* Who may read the directory may lock it, and must keep nobody waiting. */
static void
readers_cannot_take_the_lock(void **state)
{
	char *name = mem_printf("%s/.lock", (char *)*state);
	struct err e = ERR_INIT;
	struct logdir d;
	struct stat st;
	int fd;

	fd = open(*state, O_RDONLY | O_DIRECTORY);
	assert_int_not_equal(fd, -1);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(logdir_open(&d, *state, &e), 0);
	assert_int_equal(logdir_append(&d, "log", "x", &e), 0);
	logdir_close(&d);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)close(fd);
	free(name);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_appended),
		TEST(a_missing_directory_is_named),
		TEST(links_are_not_followed),
		TEST(half_a_line_is_taken_back),
		TEST(the_lock_keeps_others_waiting),
		TEST(readers_cannot_take_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
