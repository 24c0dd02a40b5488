/*
 * services/privileges.c, each time in a child of its own.  Needs root.
 */
#include "services/privileges.h"

#include <sys/wait.h>

#include <linux/capability.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "nobody"
#define CAPS \
	(UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_NET_ADMIN)
#define TEXT_SIZE 8192

/* Run fn in a child; its status. */
static int
in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Does /proc/self/status have this line? */
static int
has_line(const char *line)
{
	char text[TEXT_SIZE];
	FILE *f = fopen("/proc/self/status", "r");
	size_t n;

	if (f == NULL)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	if (strstr(text, line) != NULL)
		return 1;
	(void)fprintf(stderr, "not there: %sin\n%s", line, text);
	return 0;
}

static int
drop_and_look(void)
{
	struct err e = ERR_INIT;

	if (privileges_drop(USER, CAPS, &e) == -1) {
		(void)fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	if (!has_line("\nUid:\t65534\t65534\t65534\t65534\n") ||
	    !has_line("\nGid:\t65534\t65534\t65534\t65534\n") ||
	    !has_line("\nCapInh:\t0000000000000000\n") ||
	    !has_line("\nCapPrm:\t0000000000001400\n") ||
	    !has_line("\nCapEff:\t0000000000001400\n") ||
	    !has_line("\nCapBnd:\t0000000000001400\n") ||
	    !has_line("\nCapAmb:\t0000000000000000\n") ||
	    !has_line("\nNoNewPrivs:\t1\n"))
		return 2;
	return setuid(0) == 0 || setgid(0) == 0 ? 3 : 0;
}

static void
nothing_stays_but_what_is_named(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_and_look), 0);
}

static int
drop_and_look_at_environment(void)
{
	struct err e = ERR_INIT;
	const char *locale;

	if (setenv("PGHOST", "elsewhere", 1) == -1 ||
	    privileges_drop(USER, 0, &e) == -1)
		return 1;
	locale = getenv("LC_ALL");
	if (getenv("PGHOST") != NULL || getenv("PATH") == NULL ||
	    locale == NULL || strcmp(locale, "C.UTF-8") != 0)
		return 2;
	return has_line("\nCapEff:\t0000000000000000\n") ? 0 : 3;
}

static void
the_environment_goes(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_and_look_at_environment), 0);
}

static int
drop_twice(void)
{
	struct err e = ERR_INIT;

	if (privileges_drop(USER, CAPS, &e) == -1)
		return 1;
	if (privileges_drop(USER, CAPS, &e) == 0)
		return 2;
	return e.code == ERR_DENIED ? 0 : 3;
}

static void
only_root_can(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_twice), 0);
}

static int
drop_to_nobody_at_all(void)
{
	struct err e = ERR_INIT;

	if (privileges_drop("no-such-account", 0, &e) == 0 ||
	    e.code != ERR_NOT_FOUND)
		return 1;
	if (privileges_drop("root", 0, &e) == 0 || e.code != ERR_NOT_FOUND)
		return 2;
	return 0;
}

static void
the_account_must_be_one_of_a_service(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_to_nobody_at_all), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_stays_but_what_is_named),
		cmocka_unit_test(the_environment_goes),
		cmocka_unit_test(only_root_can),
		cmocka_unit_test(the_account_must_be_one_of_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
