/* POSIX_SPAWN_SETSID, posix_spawn_file_actions_addclosefrom_np() */
#define _GNU_SOURCE
#include "node/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

/* PATH for programs that start others (useradd starts sss_cache, nscd). */
static char env_path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
static char env_locale[] = "LC_ALL=C.UTF-8";
static char env_home[] = "HOME=/nonexistent";
static char *const environment[] = { env_path, env_locale, env_home, NULL };

/* Both ends close themselves in every child. */
static int
pipe_cloexec(int fd[2], struct err *e)
{
	if (pipe(fd) == -1)
		return err_errno(e, "pipe");
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/*
 * posix_spawn() with standard input from in (-1: /dev/null) and both outputs
 * to out (-1: /dev/null).
 */
static int
start(pid_t *pid, const char *const *argv, int in, int out, bool session)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none;
	sigset_t all;
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	int rc;

	if (session)
		flags |= POSIX_SPAWN_SETSID;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, flags);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	if (in != -1)
		posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null",
		    O_RDONLY, 0);
	if (out != -1)
		posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	else
		posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO,
		    "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, STDOUT_FILENO, STDERR_FILENO);
	/* What our caller has open is no business of a service. */
	posix_spawn_file_actions_addclosefrom_np(&fa, STDERR_FILENO + 1);
	/* posix_spawn() promises not to write through argv. */
	rc = posix_spawn(pid, argv[0], &fa, &attr,
	    (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return rc;
}

/*
 * Keep the beginning of what the child prints until it has closed its
 * output.  0, or -1 at the deadline.
 */
static int
collect(int fd, char *output, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN, .revents = 0 };
	char rest[1024];
	size_t len = 0;

	output[0] = '\0';
	for (;;) {
		int64_t left = deadline - clock_ticks();
		size_t room = SPAWN_OUTPUT_SIZE - 1 - len;
		ssize_t n;

		if (left <= 0)
			return -1;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		if (room > 0)
			n = read(fd, output + len, room);
		else
			n = read(fd, rest, sizeof(rest));
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			return 0;
		if (n > 0 && room > 0) {
			len += (size_t)n;
			output[len] = '\0';
		}
	}
}

/* The last line that says something; the rest of s is left alone. */
static const char *
last_line(char *s)
{
	size_t len = strlen(s);
	char *nl;

	while (len > 0 && (s[len - 1] == '\n' || s[len - 1] == ' '))
		s[--len] = '\0';
	nl = strrchr(s, '\n');
	return nl == NULL ? s : nl + 1;
}

static int
verdict(const char *program, int status, const char *output, struct err *e)
{
	char copy[SPAWN_OUTPUT_SIZE];
	char seen[512];
	const char *line;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	(void)str_copy(copy, sizeof(copy), output);
	line = last_line(copy);
	str_visible(seen, sizeof(seen), line, strlen(line));
	if (WIFSIGNALED(status))
		return err_set(e, ERR_STATE, "%s: ended by signal %d%s%s",
		    program, WTERMSIG(status), *seen == '\0' ? "" : ": ", seen);
	return err_set(e, ERR_STATE, "%s: status %d%s%s", program,
	    WEXITSTATUS(status), *seen == '\0' ? "" : ": ", seen);
}

static void
reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) == -1 && errno == EINTR) {
	}
}

/* A pipe that already holds the input; its capacity is 64 KiB. */
static int
input_pipe(const struct spawn *s, int *in, struct err *e)
{
	int fd[2];
	ssize_t n;

	if (s->input == NULL)
		return 0;
	if (s->input_len > SPAWN_INPUT_MAX)
		BUG("input of %zu bytes", s->input_len);
	if (pipe_cloexec(fd, e) == -1)
		return -1;
	n = write(fd[1], s->input, s->input_len);
	close(fd[1]);
	if (n != (ssize_t)s->input_len) {
		close(fd[0]);
		return err_set(e, ERR_IO, "cannot fill a pipe");
	}
	*in = fd[0];
	return 0;
}

int
spawn_run(const struct spawn *s, char output[SPAWN_OUTPUT_SIZE], struct err *e)
{
	char own[SPAWN_OUTPUT_SIZE];
	char *text = output == NULL ? own : output;
	int64_t ms = s->timeout_ms == 0 ? SPAWN_DEFAULT_MS : s->timeout_ms;
	int out[2] = { -1, -1 };
	int in = -1;
	int status = 0;
	int rc = -1;
	pid_t pid;

	text[0] = '\0';
	if (input_pipe(s, &in, e) == -1 || pipe_cloexec(out, e) == -1)
		goto done;
	errno = start(&pid, s->argv, in, out[1], false);
	if (errno != 0) {
		(void)err_errno(e, "start %s", s->argv[0]);
		goto done;
	}
	close_fd(&out[1]);
	rc = collect(out[0], text, clock_ticks() + ms);
	if (rc == -1)
		kill(pid, SIGKILL);
	reap(pid, &status);
	if (rc == -1)
		(void)err_set(e, ERR_TIMEOUT, "%s: not done after %d seconds",
		    s->argv[0], (int)(ms / 1000));
	else
		rc = verdict(s->argv[0], status, text, e);
done:
	close_fd(&in);
	close_fd(&out[0]);
	close_fd(&out[1]);
	return rc;
}

pid_t
spawn_detached(const char *const *argv, struct err *e)
{
	pid_t pid;

	errno = start(&pid, argv, -1, -1, true);
	if (errno != 0)
		return err_errno(e, "start %s", argv[0]);
	return pid;
}
