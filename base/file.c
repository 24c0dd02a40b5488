#include "base/file.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_priv.h"
#include "base/mem.h"
#include "base/str.h"

/* What file_replace() writes into: NAME.tmp and hex digits. */
#define TMP_MARK ".tmp"
#define TMP_HEX 8

/*
 * An open regular file, or -1.  Non-blocking, so that a FIFO put in its
 * place cannot stop us before we see that it is one.
 */
static int
open_regular(const char *path, int flags, struct stat *st, struct err *e)
{
	int fd;

	fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd == -1) {
		if (errno == ELOOP)
			return err_set(e, ERR_DENIED,
			    "%s: a symbolic link is not followed", path);
		return err_errno(e, "%s", path);
	}
	if (fstat(fd, st) == -1) {
		(void)err_errno(e, "%s", path);
		(void)close(fd);
		return -1;
	}
	if (!S_ISREG(st->st_mode)) {
		(void)close(fd);
		return err_set(e, ERR_IO, "%s: not a regular file", path);
	}
	return fd;
}

/* Up to size bytes; the number read, or -1 with errno. */
static ssize_t
read_all(int fd, uint8_t *p, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, p + n, size - n);

		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return -1;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

int
file_read(const char *path, size_t max, uint8_t **data, size_t *len,
    struct err *e)
{
	struct stat st = { .st_size = 0 };
	uint8_t *p = NULL;
	size_t size = 0;
	ssize_t n;
	int fd, rc = -1;

	fd = open_regular(path, O_RDONLY, &st, e);
	if (fd == -1)
		return -1;
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		goto too_big;
	/* One byte more shows a file that is growing. */
	size = (size_t)st.st_size + 1;
	p = mem_alloc(size);
	n = read_all(fd, p, size);
	if (n == -1) {
		(void)err_errno(e, "read %s", path);
		goto out;
	}
	if ((size_t)n == size) {
		(void)err_set(e, ERR_IO, "read %s: the file is changing", path);
		goto out;
	}
	p[n] = '\0';
	*data = p;
	*len = (size_t)n;
	p = NULL;
	rc = 0;
	goto out;
too_big:
	(void)err_set(e, ERR_TOO_BIG, "%s: more than %zu bytes", path, max);
out:
	mem_free_wiped(p, size);
	(void)close(fd);
	return rc;
}

int
file_write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Fill the open file and close it, whatever happens. */
static int
fill(int fd, const char *path, const void *data, size_t len, mode_t mode,
    struct err *e)
{
	int rc = 0;

	if (fchmod(fd, mode) == -1 || file_write_all(fd, data, len) == -1 ||
	    fsync(fd) == -1)
		rc = err_errno(e, "write %s", path);
	if (close(fd) == -1 && rc == 0)
		rc = err_errno(e, "write %s", path);
	return rc;
}

static int
sync_directory_of(const char *path, struct err *e)
{
	char *copy = mem_strdup(path);
	const char *dir = dirname(copy);
	int fd, rc = 0;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fsync(fd) == -1)
		rc = err_errno(e, "directory %s", dir);
	if (fd != -1)
		(void)close(fd);
	free(copy);
	return rc;
}

int
file_write_synced(const char *path, const void *data, size_t len, mode_t mode,
    struct err *e)
{
	struct stat st;
	int fd;

	fd = open_regular(path, O_WRONLY | O_CREAT | O_TRUNC, &st, e);
	if (fd == -1)
		return -1;
	if (fill(fd, path, data, len, mode, e) == -1) {
		(void)unlink(path);
		return -1;
	}
	return 0;
}

int
file_rename(const char *from, const char *to, struct err *e)
{
	if (rename(from, to) == -1)
		return err_errno(e, "rename %s to %s", from, to);
	return sync_directory_of(to, e);
}

char *
file_open_temporary(const char *path, int *fd, struct err *e)
{
	for (unsigned try = 0; try < 100; try++) {
		char *s = mem_printf("%s" TMP_MARK "%08x", path, arc4random());

		*fd = open(s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (*fd != -1)
			return s;
		free(s);
		if (errno != EEXIST)
			break;
	}
	(void)err_errno(e, "%s", path);
	return NULL;
}

int
file_replace(const char *path, const void *data, size_t len, mode_t mode,
    struct err *e)
{
	char *name;
	int fd, rc;

	name = file_open_temporary(path, &fd, e);
	if (name == NULL)
		return -1;
	rc = fill(fd, path, data, len, mode, e);
	if (rc == 0 && rename(name, path) == -1)
		rc = err_errno(e, "rename %s to %s", name, path);
	if (rc == -1)
		(void)unlink(name);
	free(name);
	return rc == 0 ? sync_directory_of(path, e) : -1;
}

int
file_remove(const char *path, struct err *e)
{
	if (unlink(path) == -1) {
		if (errno == ENOENT)
			return 0;
		return err_errno(e, "remove %s", path);
	}
	return sync_directory_of(path, e);
}

bool
file_is_temporary(const char *name)
{
	size_t len = strlen(name);
	size_t tail = strlen(TMP_MARK) + TMP_HEX;

	return len > tail && str_starts(name + len - tail, TMP_MARK) &&
	    strspn(name + len - TMP_HEX, "0123456789abcdef") == TMP_HEX;
}

void
file_clean(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	size_t n = strlen(base);
	char *dir = mem_strndup(path, (size_t)(base - path));
	const struct dirent *d;
	DIR *stream = opendir(dir[0] == '\0' ? "." : dir);

	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (stream != NULL && (d = readdir(stream)) != NULL) {
		if (file_is_temporary(d->d_name) &&
		    str_starts(d->d_name, base) &&
		    strlen(d->d_name) == n + strlen(TMP_MARK) + TMP_HEX)
			(void)unlinkat(dirfd(stream), d->d_name, 0);
	}
	if (stream != NULL)
		(void)closedir(stream);
	free(dir);
}

int
file_mkdir(const char *path, mode_t mode, struct err *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0) {
		if (chmod(path, mode) == -1)
			return err_errno(e, "%s", path);
		return 0;
	}
	if (errno != EEXIST)
		return err_errno(e, "make directory %s", path);
	if (stat(path, &st) == -1)
		return err_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_EXISTS, "%s: not a directory", path);
	return 0;
}
