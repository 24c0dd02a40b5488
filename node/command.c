#include "node/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define LOCK_FILE "/run/ucm-node.lock"
#define LOCK_MS 5000
#define LOCK_LOOK_MS 20

const struct node_command *
node_command_find(const char *name)
{
	for (size_t i = 0; i < node_commands_n; i++)
		if (str_equal(node_commands[i]->name, name))
			return node_commands[i];
	return NULL;
}

int
node_lock(struct err *e)
{
	int64_t deadline = clock_ticks() + LOCK_MS;
	int fd =
	    open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1)
		return err_errno(e, LOCK_FILE);
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EINTR && errno != EWOULDBLOCK) {
			(void)err_errno(e, LOCK_FILE);
			close(fd);
			return -1;
		}
		if (clock_ticks() > deadline) {
			close(fd);
			return err_set(e, ERR_STATE,
			    "another ucm-node is at work here");
		}
		clock_nap(LOCK_LOOK_MS);
	}
	return fd;
}

void
node_lock_remove(void)
{
	(void)unlink(LOCK_FILE);
}

void
node_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)putchar('\n');
	(void)fflush(stdout);
}
