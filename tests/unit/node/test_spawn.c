/*
 * node/spawn.c: programs that are run, and what is told of them.
 */
#include "node/spawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

static void
output_and_input(void **state)
{
	static const char *const argv[] = { "/bin/cat", NULL };
	const struct spawn s = { .argv = argv,
		.input = "hello\n",
		.input_len = 6 };
	char output[SPAWN_OUTPUT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spawn_run(&s, output, &e), 0);
	assert_string_equal(output, "hello\n");
	assert_int_equal(spawn_run(&s, NULL, &e), 0);
}

static void
nothing_of_us_leaks_in(void **state)
{
	static const char *const argv[] = { "/usr/bin/env", NULL };
	const struct spawn s = { .argv = argv };
	char output[SPAWN_OUTPUT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("SPAWN_TEST", "leak", 1), 0);
	assert_int_equal(spawn_run(&s, output, &e), 0);
	assert_null(strstr(output, "SPAWN_TEST"));
	assert_non_null(strstr(output, "PATH=/usr/sbin"));
	assert_non_null(strstr(output, "LC_ALL=C.UTF-8\n"));
}

static void
no_descriptor_leaks_in(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
		"[ ! -e /proc/self/fd/57 ] && [ -e /proc/self/fd/2 ]", NULL };
	const struct spawn s = { .argv = argv };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(dup2(STDOUT_FILENO, 57), 57);
	assert_int_equal(spawn_run(&s, NULL, &e), 0);
	assert_int_equal(close(57), 0);
}

static void
a_failure_brings_the_last_line(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
		"echo one; echo 'two \033[0m' >&2; exit 3", NULL };
	static const char *const killed[] = { "/bin/sh", "-c", "kill -KILL $$",
		NULL };
	struct spawn s = { .argv = argv };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spawn_run(&s, NULL, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_string_equal(e.msg, "/bin/sh: status 3: two \\x1b[0m");
	s.argv = killed;
	assert_int_equal(spawn_run(&s, NULL, &e), -1);
	assert_string_equal(e.msg, "/bin/sh: ended by signal 9");
}

static void
a_missing_program(void **state)
{
	static const char *const argv[] = { "/nonexistent/program", NULL };
	const struct spawn s = { .argv = argv };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spawn_run(&s, NULL, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(spawn_detached(argv, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
a_deadline_ends_it(void **state)
{
	static const char *const argv[] = { "/bin/sleep", "60", NULL };
	const struct spawn s = { .argv = argv, .timeout_ms = 100 };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spawn_run(&s, NULL, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
}

static void
much_output_is_cut(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
		"i=0; while [ $i -lt 4000 ]; do echo 0123456789; "
		"i=$((i+1)); done",
		NULL };
	const struct spawn s = { .argv = argv };
	char output[SPAWN_OUTPUT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spawn_run(&s, output, &e), 0);
	assert_int_equal(strlen(output), SPAWN_OUTPUT_SIZE - 1);
}

static void
a_detached_one_has_its_own_session(void **state)
{
	static const char *const argv[] = { "/bin/sleep", "60", NULL };
	struct err e = ERR_INIT;
	pid_t pid = spawn_detached(argv, &e);

	(void)state;
	assert_true(pid > 0);
	assert_int_equal(getsid(pid), pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_input),
		cmocka_unit_test(nothing_of_us_leaks_in),
		cmocka_unit_test(no_descriptor_leaks_in),
		cmocka_unit_test(a_failure_brings_the_last_line),
		cmocka_unit_test(a_missing_program),
		cmocka_unit_test(a_deadline_ends_it),
		cmocka_unit_test(much_output_is_cut),
		cmocka_unit_test(a_detached_one_has_its_own_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
