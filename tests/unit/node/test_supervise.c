/*
 * node/supervise.c: whether the node runs, and what killed programs leave.
 */
#include "node/supervise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/hostuser.h"
#include "node/spawn.h"
#include "node/tree.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	struct err e = ERR_INIT;

	private_host_enter();
	/* /run/ucm-node.pid is the host's, too */
	if (mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == -1)
		return -1;
	*state = private_host_root();
	if (hostuser_make_system(&e) == -1)
		return -1;
	return tree_make(&e);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return umount("/run");
}

static void
fill(struct nodeconf *n)
{
	nodeconf_defaults(n);
	(void)str_copy(n->name, sizeof(n->name), "pub");
	(void)str_copy(n->address, sizeof(n->address), "127.255.77.1");
}

static void
a_stopped_node(void **state)
{
	struct supervise *s = mem_alloc(sizeof(*s));
	struct nodeconf n;
	struct err e = ERR_INIT;
	struct proc p;

	(void)state;
	fill(&n);
	assert_false(supervise_find(&p));
	assert_int_equal(supervise_look(s, &n, &e), 0);
	assert_false(s->running);
	assert_false(supervise_settled(s));
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++)
		assert_int_equal(s->service[i].health, SUPERVISE_DOWN);
	free(s);
}

/* A service that is nothing but a process. */
static void
make_services(const char *dir)
{
	static const char *const names[] = { "sshd", "postgresql", "agent",
		"tftp", "certmon", "tvs" };
	char path[PATH_SIZE];

	(void)dir;
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++) {
		paths_in(path, "service/%s/run", names[i]);
		assert_int_equal(file_replace(path,
				     "#!/bin/sh\nexec sleep 60\n", 24, 0755,
				     NULL),
		    0);
		assert_int_equal(rmdir(paths_in(path, "service/%s/log",
				     names[i])),
		    0);
	}
}

static void
a_running_node(void **state)
{
	struct supervise *s = mem_alloc(sizeof(*s));
	struct nodeconf n;
	struct err e = ERR_INIT;
	struct proc p;
	pid_t pid;
	int i;

	fill(&n);
	make_services(*state);
	assert_int_equal(runit_set_down("tftp", true, &e), 0);
	pid = spawn_detached(supervise_argv(), &e);
	assert_true(pid > 0);
	assert_int_equal(supervise_note(pid, &e), 0);
	assert_true(supervise_find(&p));
	assert_int_equal(p.pid, pid);
	for (i = 0; i < 200; i++) {
		assert_int_equal(supervise_look(s, &n, &e), 0);
		if (s->service[0].health == SUPERVISE_STARTING &&
		    s->service[3].health == SUPERVISE_OFF &&
		    s->service[4].health == SUPERVISE_UP)
			break;
		usleep(50000);
	}
	assert_true(i < 200);
	assert_true(s->running);
	assert_false(supervise_settled(s)); /* only the last needs not answer */
	assert_int_equal(kill(pid, SIGHUP), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(supervise_find(&p));
	supervise_forget();
	assert_int_equal(access("/run/ucm-node.pid", F_OK), -1);
	free(s);
}

static void
somebody_else_s_process_is_not_ours(void **state)
{
	struct err e = ERR_INIT;
	struct proc p;

	(void)state;
	assert_int_equal(supervise_note(getpid(), &e), 0);
	assert_false(supervise_find(&p)); /* not runsvdir */
	assert_int_equal(file_replace("/run/ucm-node.pid", "1 x\n", 4, 0644,
			     &e),
	    0);
	assert_false(supervise_find(&p));
	assert_int_equal(file_replace("/run/ucm-node.pid", "x\n", 2, 0644, &e),
	    0);
	assert_false(supervise_find(&p));
}

static void
half_written_files_are_removed(void **state)
{
	static const char *const gone[] = { "etc/node.conf.tmp0123abcd",
		"ssh/known_hosts.tmp00000000", "certs/TVS.pem.tmpffffffff",
		"tftp/ITLFile.tlv.tmp12345678", "run/agent.sock" };
	static const char *const kept[] = { "etc/node.conf", "ssh/x.tmp0123abc",
		"certs/TVS.pem.new", "tftp/a.tmp0123ABCD", "tftp/.tmp12345678",
		"run/itl-keep" };
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		testing_write(*state, gone[i], "");
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		testing_write(*state, kept[i], "");
	assert_int_equal(supervise_clean(&e), 0);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_int_equal(access(paths_in(path, "%s", gone[i]), F_OK),
		    -1);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_int_equal(access(paths_in(path, "%s", kept[i]), F_OK),
		    0);
}

static void
every_health_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(supervise_health_name(SUPERVISE_OFF), "off");
	assert_string_equal(supervise_health_name(SUPERVISE_DOWN), "down");
	assert_string_equal(supervise_health_name(SUPERVISE_STARTING),
	    "starting");
	assert_string_equal(supervise_health_name(SUPERVISE_UP), "up");
	assert_string_equal(supervise_health_name(SUPERVISE_BAD), "failed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_stopped_node, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_running_node, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    somebody_else_s_process_is_not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(half_written_files_are_removed,
		    setup, teardown),
		cmocka_unit_test(every_health_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
