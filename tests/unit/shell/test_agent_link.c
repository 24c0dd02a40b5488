#include "shell/agent_link.h"

#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "shell/signals.h"
#include "tests/fakes/fake_agentd.h"
#include "tests/fakes/testing.h"

static int
make_root(void **state)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	signals_install();
	return file_mkdir(paths_in(path, "run"), 0755, &e);
}

static int
remove_root(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static int
call(struct agent_link *l, const char *word, char **message, struct err *e)
{
	const char *const words[] = { word, NULL };
	struct link_request rq;
	int rc;

	cmd_request(&rq, words);
	rc = l->agent.call(l->agent.self, &rq, NULL, message, e);
	cmd_request_release(&rq);
	return rc;
}

static void
a_command_has_a_link_beside_the_audit(void **state)
{
	struct agent_link l;
	struct err e = ERR_INIT;
	char *message = NULL;
	pid_t agent = fake_agentd_start();

	(void)state;
	agent_link_init(&l, "tester");
	l.hooks.begin(l.hooks.self, "hello");
	assert_null(l.link);
	assert_int_equal(call(&l, "hello", &message, &e), 0);
	assert_non_null(l.link);
	/* The audit was confirmed before the command was sent. */
	assert_int_equal(l.audit.n, 0);
	assert_string_equal(message, "done");
	free(message);
	l.hooks.end(l.hooks.self, "hello", 0);
	assert_null(l.link);
	assert_true(l.audit.fd != -1);
	agent_link_idle(&l);
	assert_int_equal(l.audit.fd, -1);
	agent_link_release(&l);
	fake_agentd_stop(agent);
}

static void
ctrl_c_ends_the_wait(void **state)
{
	struct agent_link l;
	struct err e = ERR_INIT;
	pid_t agent = fake_agentd_start(), killer;
	int status;

	(void)state;
	agent_link_init(&l, "tester");
	killer = fork();
	if (killer == 0) {
		(void)usleep(200000);
		(void)kill(getppid(), SIGINT);
		_exit(0);
	}
	assert_int_equal(call(&l, "wait", NULL, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_null(l.link);
	assert_true(l.hooks.interrupted(l.hooks.self));
	l.hooks.clear(l.hooks.self);
	assert_false(l.hooks.interrupted(l.hooks.self));
	assert_int_equal(waitpid(killer, &status, 0), killer);
	agent_link_release(&l);
	fake_agentd_stop(agent);
}

static void
output_that_reaches_nobody_ends_a_command(void **state)
{
	struct agent_link l;
	int kept = dup(STDOUT_FILENO), pipes[2];
	bool before, after;

	(void)state;
	agent_link_init(&l, "tester");
	assert_int_not_equal(kept, -1);
	assert_int_equal(pipe(pipes), 0);
	(void)fflush(stdout);
	assert_int_not_equal(dup2(pipes[1], STDOUT_FILENO), -1);
	before = l.hooks.interrupted(l.hooks.self);
	(void)close(pipes[0]);
	after = l.hooks.interrupted(l.hooks.self);
	assert_int_not_equal(dup2(kept, STDOUT_FILENO), -1);
	(void)close(pipes[1]);
	(void)close(kept);
	assert_false(before);
	assert_true(after);
	agent_link_release(&l);
}

static void
no_agent_is_an_error_for_commands_only(void **state)
{
	struct agent_link l;
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	(void)state;
	(void)unlink(paths_in(path, "run/agent.sock"));
	agent_link_init(&l, "tester");
	l.hooks.begin(l.hooks.self, "hello");
	assert_int_equal(call(&l, "hello", NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	l.hooks.end(l.hooks.self, "hello", 1);
	agent_link_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_a_link_beside_the_audit),
		cmocka_unit_test(ctrl_c_ends_the_wait),
		cmocka_unit_test(output_that_reaches_nobody_ends_a_command),
		cmocka_unit_test(no_agent_is_an_error_for_commands_only),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
