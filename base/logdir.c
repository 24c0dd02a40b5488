#include "base/logdir.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int
logdir_open(const char *dir, struct err *e)
{
	int fd;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_errno(e, "%s", dir);
	while (flock(fd, LOCK_EX) == -1) {
		if (errno == EINTR)
			continue;
		(void)err_errno(e, "lock %s", dir);
		(void)close(fd);
		return -1;
	}
	return fd;
}

void
logdir_close(int dirfd)
{
	(void)close(dirfd);
}

int64_t
logdir_size(int dirfd, const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	return st.st_size;
}

int
logdir_append(int dirfd, const char *name, const char *line, struct err *e)
{
	int64_t before = logdir_size(dirfd, name);
	char *text;
	ssize_t n;
	size_t len;
	int fd, rc = 0;

	fd = openat(dirfd, name,
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
