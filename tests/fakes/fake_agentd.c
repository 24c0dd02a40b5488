#include "tests/fakes/fake_agentd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/agent_io.h"

static int
start_listening(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[PATH_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	paths_in(path, "run/agent.sock");
	(void)unlink(path);
	(void)str_copy(a.sun_path, sizeof(a.sun_path), path);
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, 4) == -1)
		BUG("%s", path);
	return fd;
}

static void
note(const struct agent_msg *m)
{
	char path[PATH_SIZE];
	FILE *f = fopen(paths_in(path, "run/asked"), "a");
	size_t i;

	if (f == NULL)
		BUG("%s", path);
	for (i = 0; i < m->words.n; i++)
		(void)fprintf(f, "%s ", m->words.item[i]);
	(void)fprintf(f, "%s\n", m->has_bytes ? (const char *)m->bytes : "");
	(void)fclose(f);
}

/* False when the connection is to be closed. */
static bool
answer(int fd, const char *word)
{
	struct err result = { .code = ERR_NONE, .msg = "done" };
	struct err e = ERR_INIT;

	if (str_equal(word, "leave"))
		return false;
	if (str_equal(word, "wait"))
		return true;
	if (str_equal(word, "refuse"))
		(void)err_set(&result, ERR_DENIED, "refused");
	return agent_io_text(fd, "hello\n", 6, 0, &e) == 0 &&
	    agent_io_result(fd, &result, 0, &e) == 0;
}

static void
serve(int fd)
{
	struct err e = ERR_INIT;
	struct agent_msg m;
	bool more = true;

	while (more && agent_io_read_request(fd, &m, 0, &e) == 0 &&
	    m.type == AGENT_REQUEST) {
		note(&m);
		more = answer(fd, m.words.item[0]);
		agent_msg_release(&m);
	}
}

pid_t
fake_agentd_start(void)
{
	int fd = start_listening();
	pid_t pid = fork();

	if (pid != 0) {
		(void)close(fd);
		return pid;
	}
	(void)setpgid(0, 0);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client != -1 && fork() == 0) {
			(void)close(fd);
			serve(client);
			_exit(0);
		}
		(void)close(client);
	}
}

void
fake_agentd_stop(pid_t agent)
{
	char path[PATH_SIZE];
	int status;

	/* Its own group, or just itself when it has not made one yet. */
	if (kill(-agent, SIGKILL) == -1)
		(void)kill(agent, SIGKILL);
	(void)waitpid(agent, &status, 0);
	(void)unlink(paths_in(path, "run/agent.sock"));
}
