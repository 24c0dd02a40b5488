/*
 * node/agent_process.c: the directory of the socket, giving up privileges,
 * and what is cleaned away at start.
 */
#include "node/agent_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "tests/fakes/testing.h"

static char *dir;

static int
set_up(void **state)
{
	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	return 0;
}

static void
makes_the_run_directory(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(agent_check_run(getuid(), getgid(), &e), 0);
	assert_int_equal(stat(paths_in(path, "run"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(agent_check_run(getuid(), getgid(), &e), 0);
}

static void
refuses_a_run_directory_of_others(void **state)
{
	char path[PATH_SIZE];
	char other[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	paths_in(path, "run");
	paths_in(other, "other");
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(agent_check_run(getuid() + 1, getgid(), &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(agent_check_run(getuid(), getgid(), &e), -1);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkdir(other, 0755), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(agent_check_run(getuid(), getgid(), &e), -1);
	assert_int_equal(unlink(path), 0);
}

/* What is left of a process that has dropped its privileges. */
static int
dropped(void)
{
	/* these numbers need no account; initgroups() takes any name */
	const struct agent_users u = { .ucm_uid = 65534,
		.ucm_gid = 65534,
		.peer_uid = 65533 };
	struct err e = ERR_INIT;
	int sig = 0;

	if (agent_drop(&u, &e) == -1)
		return 1;
	if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534)
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 3;
	if (prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0) == -1 || sig == 0)
		return 4;
	return setuid(0) == 0 || access("/etc/shadow", R_OK) == 0 ? 5 : 0;
}

static void
gives_up_privileges_for_good(void **state)
{
	struct agent_users nobody = { .ucm_uid = 65534, .ucm_gid = 65534 };
	struct err e = ERR_INIT;
	int status;
	pid_t pid;

	(void)state;
	if (getuid() != 0) {
		/* whoever is not root cannot become somebody else */
		assert_int_equal(agent_drop(&nobody, &e), -1);
		return;
	}
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(dropped());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
removes_half_written_files(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(mkdir(paths_in(path, "certs"), 0755), 0);
	assert_int_equal(mkdir(paths_in(path, "tftp"), 0755), 0);
	testing_write(dir, "certs/ITLRecovery.p12", "p12");
	testing_write(dir, "certs/ITLRecovery.p12.tmp0123abcd", "half");
	testing_write(dir, "certs/TVS.pem.new", "undecided");
	testing_write(dir, "certs/a.tmpx123abcd", "something else");
	testing_write(dir, "tftp/ITLFile.tlv", "list");
	testing_write(dir, "tftp/ITLFile.tlv.tmp0123abcd", "Cisco Tftp's");
	testing_write(dir, "tftp/.itl-stage-9d7d", "staged");
	agent_clean();
	assert_int_equal(testing_count(paths_in(path, "certs")), 3);
	assert_int_equal(
	    access(paths_in(path, "certs/ITLRecovery.p12.tmp0123abcd"), F_OK),
	    -1);
	assert_int_equal(access(paths_in(path, "certs/TVS.pem.new"), F_OK), 0);
	assert_int_equal(testing_count(paths_in(path, "tftp")), 2);
}

static void
must_be_started_as_root(void **state)
{
	struct nodeconf conf;
	struct err e = ERR_INIT;
	int status;
	pid_t pid;

	(void)state;
	nodeconf_defaults(&conf);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (getuid() == 0 && setuid(65534) == -1)
			_exit(2);
		_exit(agent_main(&conf, &e) == -1 && e.code == ERR_DENIED ? 0 :
									    1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_the_run_directory),
		TEST(refuses_a_run_directory_of_others),
		TEST(gives_up_privileges_for_good),
		TEST(removes_half_written_files),
		TEST(must_be_started_as_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
