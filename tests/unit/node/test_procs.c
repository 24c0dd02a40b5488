/*
 * node/procs.c: processes by number and start time.
 */
#include "node/procs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
takes_a_line_apart(void **state)
{
	/* proc(5): a name may hold blanks and brackets */
	static const char line[] =
	    "105 (run) sv (d) S 1 105 105 0 -1 4194560 78 0 0 0 0 0 0 0 20 0 "
	    "1 0 255884 2572288 336 18446744073709551615 1 1 0 0 0 0 0 65536";
	struct proc p;

	(void)state;
	assert_int_equal(proc_parse(&p, line), 0);
	assert_int_equal(p.pid, 105);
	assert_int_equal(p.ppid, 1);
	assert_int_equal(p.start, 255884);
	assert_string_equal(p.comm, "run) sv (d");
}

static void
refuses_what_is_none(void **state)
{
	static const char zombie[] =
	    "105 (x) Z 1 105 105 0 -1 4194560 78 0 0 0 0 0 0 0 20 0 1 0 "
	    "255884 0";
	static const char *const bad[] = { "", "105", "105 (x", "x (y) S 1",
		"105 (x) S 1 2 3", ") 1 (", zombie };
	struct proc p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(proc_parse(&p, bad[i]), -1);
}

static void
finds_itself(void **state)
{
	struct proc p;

	(void)state;
	assert_int_equal(proc_read(&p, getpid()), 0);
	assert_int_equal(p.ppid, getppid());
	assert_true(proc_alive(&p));
	p.start++;
	assert_false(proc_alive(&p));
}

/* A child that waits, with a child of its own that waits. */
static pid_t
family(int ready)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (fork() == 0) {
		(void)write(ready, "x", 1);
		pause();
		_exit(0);
	}
	pause();
	_exit(0);
}

static void
descendants_are_found_and_ended(void **state)
{
	const struct timespec nap = { 0, 10000000 };
	struct proc_list l = { NULL, 0 };
	int ready[2];
	char c;
	pid_t child;
	size_t n = 0;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = family(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	proc_descendants(&l, getpid());
	/* a sanitizer may have a helper process of its own */
	for (size_t i = 0; i < l.n; i++)
		if (l.item[i].pid == child || l.item[i].ppid == child)
			n++;
	assert_int_equal(n, 2);
	assert_int_equal(proc_count_alive(&l), l.n);
	proc_kill(&l, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (int i = 0; i < 500 && proc_count_alive(&l) > 0; i++)
		nanosleep(&nap, NULL);
	assert_int_equal(proc_count_alive(&l), 0);
	proc_list_release(&l);
	assert_int_equal(l.n, 0);
	close(ready[0]);
	close(ready[1]);
}

static void
processes_of_a_user(void **state)
{
	const uid_t uid = 64321; /* nobody's */
	struct proc_list l = { NULL, 0 };
	int ready[2];
	char c;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		/* not dumpable either: /proc/PID belongs to root then */
		if (setuid(uid) == -1 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	proc_of_user(&l, uid);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.item[0].pid, child);
	proc_kill(&l, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	proc_list_release(&l);
	proc_of_user(&l, uid);
	assert_int_equal(l.n, 0);
	close(ready[0]);
	close(ready[1]);
}

static void
this_is_no_session(void **state)
{
	struct proc_list l = { NULL, 0 };

	(void)state;
	proc_sessions(&l);
	for (size_t i = 0; i < l.n; i++)
		assert_int_not_equal(l.item[i].pid, getpid());
	proc_list_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_line_apart),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(finds_itself),
		cmocka_unit_test(descendants_are_found_and_ended),
		cmocka_unit_test(processes_of_a_user),
		cmocka_unit_test(this_is_no_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
