#include "base/logdir.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define LOCK_FILE ".lock"

static int
take_lock(const struct logdir *d, struct err *e)
{
	while (flock(d->lock, LOCK_EX) == -1)
		if (errno != EINTR)
			return err_errno(e, "lock");
	return 0;
}

int
logdir_open(struct logdir *d, const char *dir, struct err *e)
{
	int rc = -1;

	d->lock = -1;
	d->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd == -1)
		return err_errno(e, "%s", dir);
	d->lock = openat(d->fd, LOCK_FILE,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (d->lock == -1)
		(void)err_errno(e, LOCK_FILE);
	else
		rc = take_lock(d, e);
	if (rc == 0)
		return 0;
	logdir_close(d);
	return err_wrap(e, "%s", dir);
}

void
logdir_close(const struct logdir *d)
{
	if (d->lock != -1)
		(void)close(d->lock);
	(void)close(d->fd);
}

int64_t
logdir_size(const struct logdir *d, const char *name)
{
	struct stat st;

	if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	return st.st_size;
}

int
logdir_append(const struct logdir *d, const char *name, const char *line,
    struct err *e)
{
	int64_t before = logdir_size(d, name);
	char *text;
	ssize_t n;
	size_t len;
	int fd, rc = 0;

	fd = openat(d->fd, name,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
	    0644);
	if (fd == -1)
		return err_errno(e, "%s", name);
	text = mem_printf("%s\n", line);
	len = strlen(text);
	n = write(fd, text, len);
	if (n == -1)
		rc = err_errno(e, "write %s", name);
	else if ((size_t)n != len) {
		/* The disk is full: take the beginning of the line back. */
		errno = ENOSPC;
		rc = err_errno(e, "write %s", name);
		if (ftruncate(fd, before) == -1)
			(void)err_wrap(e, "half a line is left");
	}
	free(text);
	(void)close(fd);
	return rc;
}
