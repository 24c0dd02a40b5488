#include "shell/agent_link.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "cluster/agent_io.h"
#include "shell/signals.h"
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
listen_as_agent(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[PATH_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	paths_in(path, "run/agent.sock");
	(void)unlink(path);
	(void)str_copy(a.sun_path, sizeof(a.sun_path), path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/*
 * An agent for one connection: answers `hello` and the audit, says nothing
 * to `wait`.
 */
static pid_t
start_agent(void)
{
	struct err done = { .msg = "done" };
	struct err e = ERR_INIT;
	struct agent_msg m;
	int fd = listen_as_agent();
	pid_t pid = fork();

	if (pid != 0) {
		close(fd);
		return pid;
	}
	fd = accept(fd, NULL, NULL);
	while (agent_io_read_request(fd, &m, 0, &e) == 0 &&
	    m.type == AGENT_REQUEST) {
		if (str_equal(m.words.item[0], "wait")) {
			agent_msg_release(&m);
			continue;
		}
		(void)agent_io_text(fd, "hello\n", 6, 0, &e);
		(void)agent_io_result(fd, &done, 0, &e);
		agent_msg_release(&m);
	}
	_exit(0);
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
one_link_serves_a_command_and_its_audit(void **state)
{
	struct agent_link l;
	struct err e = ERR_INIT;
	char *message = NULL;
	pid_t agent = start_agent();
	int status;

	(void)state;
	agent_link_init(&l, "tester");
	l.hooks.begin(l.hooks.self, "hello");
	assert_non_null(l.link);
	assert_int_equal(call(&l, "hello", &message, &e), 0);
	assert_string_equal(message, "done");
	free(message);
	l.hooks.end(l.hooks.self, "hello", 0);
	assert_null(l.link);
	/* The agent's one connection is over. */
	assert_int_equal(waitpid(agent, &status, 0), agent);
	assert_int_equal(status, 0);
	agent_link_release(&l);
}

static void
ctrl_c_ends_the_wait(void **state)
{
	struct agent_link l;
	struct err e = ERR_INIT;
	pid_t agent = start_agent(), killer;
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
	assert_int_equal(waitpid(agent, &status, 0), agent);
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
		cmocka_unit_test(one_link_serves_a_command_and_its_audit),
		cmocka_unit_test(ctrl_c_ends_the_wait),
		cmocka_unit_test(no_agent_is_an_error_for_commands_only),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
