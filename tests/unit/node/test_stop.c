/*
 * node/stop.c: everything below runsvdir ends, the willing and the others.
 */
#include "node/stop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "node/procs.h"
#include "node/spawn.h"
#include "node/supervise.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	private_host_enter();
	if (mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == -1)
		return -1;
	*state = private_host_root();
	return file_mkdir(paths_in(path, "service"), 0755, NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return umount("/run");
}

static void
make_service(const char *name, const char *script)
{
	char path[PATH_SIZE];

	assert_int_equal(file_mkdir(paths_in(path, "service/%s", name), 0755,
			     NULL),
	    0);
	assert_int_equal(file_replace(paths_in(path, "service/%s/run", name),
			     script, strlen(script), 0755, NULL),
	    0);
}

/* Start runsvdir and wait until n processes run below it. */
static pid_t
start(struct proc_list *l, size_t n)
{
	struct err e = ERR_INIT;
	pid_t pid = spawn_detached(supervise_argv(), &e);

	assert_true(pid > 0);
	assert_int_equal(supervise_note(pid, &e), 0);
	for (int i = 0; i < 200 && l->n < n; i++) {
		proc_list_release(l);
		usleep(50000);
		proc_descendants(l, pid);
	}
	assert_true(l->n >= n);
	return pid;
}

static void
nothing_is_left(void **state)
{
	struct proc_list l = { NULL, 0 };
	struct err e = ERR_INIT;
	bool was = false;

	(void)state;
	make_service("one", "#!/bin/sh\nexec sleep 600\n");
	make_service("two", "#!/bin/sh\nsleep 600 &\nexec sleep 600\n");
	(void)start(&l, 5);
	assert_int_equal(stop_node(10, &was, &e), 0);
	assert_true(was);
	assert_int_equal(proc_count_alive(&l), 0);
	assert_int_equal(access("/run/ucm-node.pid", F_OK), -1);
	proc_list_release(&l);
}

static void
the_deaf_are_killed(void **state)
{
	struct proc_list l = { NULL, 0 };
	struct err e = ERR_INIT;
	int64_t begun;

	(void)state;
	make_service("deaf",
	    "#!/bin/sh\ntrap '' TERM HUP\nwhile :; do sleep 600; done\n");
	(void)start(&l, 3);
	begun = clock_ticks();
	assert_int_equal(stop_node(1, NULL, &e), 0);
	assert_true(clock_ticks() - begun < 20000);
	assert_int_equal(proc_count_alive(&l), 0);
	proc_list_release(&l);
}

static void
a_stopped_node_is_no_error(void **state)
{
	struct err e = ERR_INIT;
	bool was = true;

	(void)state;
	assert_int_equal(stop_node(1, &was, &e), 0);
	assert_false(was);
	node_call_refused("stop now", ERR_USAGE, "unexpected argument now");
	node_call_refused("stop --timeout x", ERR_USAGE,
	    "--timeout: not a number up to 600");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_left, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(the_deaf_are_killed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_stopped_node_is_no_error,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
