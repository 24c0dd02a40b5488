/*
 * node/account_command.c: administrators, on a host of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/hostuser.h"
#include "node/procs.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	private_host_enter();
	*state = private_host_root();
	if (hostuser_make_system(&e) == -1 ||
	    file_mkdir(paths_in(path, "etc"), 0755, &e) == -1)
		return -1;
	testing_write(*state, "etc/finished", "");
	testing_write(*state, "etc/accounts", "root-of-all 4\n");
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

/* account add NAME LEVEL with the password from a pipe. */
static int
add(const char *name, int level, const char *password, struct err *e)
{
	char line[128];
	int fd[2];
	int rc;

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], password, strlen(password)),
	    (int)strlen(password));
	close(fd[1]);
	(void)str_printf(line, sizeof(line),
	    "account add %s %d --password-fd %d", name, level, fd[0]);
	rc = node_call_line(line, NULL, e);
	close(fd[0]);
	return rc;
}

static void
added_listed_removed(void **state)
{
	struct err e = ERR_INIT;
	char text[256];

	assert_int_equal(add("reader9", 0, "password\n", &e), 0);
	assert_true(hostuser_is_admin("reader9"));
	assert_int_equal(node_call_output("account list", text, sizeof(text),
			     &e),
	    0);
	assert_string_equal(text, "root-of-all       4\nreader9           0\n");
	/* a known account keeps its password */
	assert_int_equal(node_call_line("account add reader9 1", NULL, &e), 0);
	assert_int_equal(node_call_line("account remove reader9", NULL, &e), 0);
	assert_false(hostuser_is_admin("reader9"));
	free(testing_read(*state, "etc/accounts"));
}

/* Its number may be given to somebody else. */
static void
a_removed_account_leaves_no_process(void **state)
{
	struct err e = ERR_INIT;
	const struct passwd *pw;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(add("reader9", 0, "password\n", &e), 0);
	pw = getpwnam("reader9");
	assert_non_null(pw);
	child = fork();
	if (child == 0) {
		if (setuid(pw->pw_uid) == -1)
			_exit(1);
		pause();
		_exit(0);
	}
	while (kill(child, 0) == 0) {
		struct proc_list l = { NULL, 0 };
		size_t n;

		proc_of_user(&l, pw->pw_uid);
		n = l.n;
		proc_list_release(&l);
		if (n > 0)
			break;
	}
	assert_int_equal(node_call_line("account remove reader9", NULL, &e), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void
failures_change_nothing(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(add("reader9", 0, "bad", &e), -1);
	assert_false(hostuser_is_admin("reader9"));
	assert_int_equal(add("daemon", 1, "password", &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_int_equal(add("Reader", 1, "password", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(add("reader9", 3, "password", &e), -1);
	assert_string_equal(e.msg, "a level is 0, 1 or 4");
	node_call_refused("account remove root-of-all", ERR_STATE,
	    "root-of-all is the last account of level 4");
	node_call_refused("account remove nobody", ERR_NOT_FOUND,
	    "no account nobody");
	node_call_refused("account", ERR_USAGE, "add, list or remove");
	node_call_refused("account list x", ERR_USAGE, "add, list or remove");
	text = testing_read(*state, "etc/accounts");
	assert_string_equal(text, "root-of-all 4\n");
	free(text);
}

static void
only_a_node_has_accounts(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(unlink(paths_in(path, "etc/finished")), 0);
	node_call_refused("account list", ERR_STATE, "this host is no node");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(added_listed_removed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_removed_account_leaves_no_process, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_change_nothing, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(only_a_node_has_accounts, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
