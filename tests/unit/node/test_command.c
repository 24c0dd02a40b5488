/*
 * node/command.c: finding a command by its name.
 */
#include "node/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/private_host.h"

static void
commands_are_found_by_name(void **state)
{
	(void)state;
	assert_string_equal(node_command_find("init")->name, "init");
	assert_true(node_command_find("init")->root);
	assert_true(node_command_find("peer")->hidden);
	assert_null(node_command_find("ini"));
	assert_null(node_command_find(""));
	assert_null(node_command_find("inits"));
}

/* A child that has the lock for a moment. */
static pid_t
holder(void)
{
	struct err e = ERR_INIT;
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (node_lock(&e) == -1)
			_exit(1);
		(void)write(ready[1], "x", 1);
		(void)usleep(200000);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
one_at_a_time(void **state)
{
	struct err e = ERR_INIT;
	int probe;
	int lock;
	pid_t pid;

	(void)state;
	private_host_enter();
	pid = holder();
	probe = open("/run/ucm-node.lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(probe, LOCK_EX | LOCK_NB), -1);
	lock = node_lock(&e); /* waits for the holder to end */
	assert_true(lock != -1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(flock(probe, LOCK_EX | LOCK_NB), -1);
	node_lock_remove();
	assert_int_equal(access("/run/ucm-node.lock", F_OK), -1);
	close(lock);
	assert_int_equal(flock(probe, LOCK_EX | LOCK_NB), 0);
	close(probe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_found_by_name),
		cmocka_unit_test(one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
