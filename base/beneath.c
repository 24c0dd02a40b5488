#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* A component of a path, as a string. */
struct component {
	char name[NAME_MAX + 1];
};

/*
 * Take the first component of *path, which then points behind its '/'.
 * -1 when it is no name.
 */
static int
take(const char **path, struct component *c, struct err *e)
{
	size_t len = strcspn(*path, "/");

	if (len == 0 || **path == '.' || len > NAME_MAX)
		return err_set(e, ERR_USAGE, "not a path below a directory");
	memcpy(c->name, *path, len);
	c->name[len] = '\0';
	*path += len;
	if (**path == '/') {
		(*path)++;
		/* A path does not end in '/'. */
		if (**path == '\0')
			return err_set(e, ERR_USAGE,
			    "not a path below a directory");
	}
	return 0;
}

int
beneath_check(const char *path, struct err *e)
{
	struct component c;

	do {
		if (take(&path, &c, e) == -1)
			return -1;
	} while (*path != '\0');
	return 0;
}

/* Why a component cannot be opened, without telling more than its name. */
static int
refused(const char *name, struct err *e)
{
	char shown[256];

	str_visible(shown, sizeof(shown), name, strlen(name));
	if (errno == ELOOP)
		return err_set(e, ERR_DENIED,
		    "%s: a symbolic link is not followed", shown);
	if (errno == ENOTDIR)
		errno = ENOENT;
	return err_errno(e, "%s", shown);
}

/* One directory further down; dir is closed. */
static int
step(int dir, const char *name, struct err *e)
{
	struct stat st;
	int fd;

	fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		/* Of a link to a directory ENOTDIR is said. */
		if (errno == ENOTDIR &&
		    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
		(void)refused(name, e);
	}
	(void)close(dir);
	return fd;
}

/* A descriptor of its own for dir. */
static int
again(int dir, struct err *e)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd == -1 ? err_errno(e, "directory") : fd;
}

int
beneath_open_dir(int dir, const char *path, struct err *e)
{
	struct component c;
	int fd;

	if (*path != '\0' && beneath_check(path, e) == -1)
		return -1;
	fd = again(dir, e);
	while (fd != -1 && *path != '\0') {
		(void)take(&path, &c, e);
		fd = step(fd, c.name, e);
	}
	return fd;
}

int
beneath_open_parent(int dir, const char *path, const char **leaf, struct err *e)
{
	struct component c;
	int fd;

	if (beneath_check(path, e) == -1)
		return -1;
	*leaf = strrchr(path, '/');
	*leaf = *leaf == NULL ? path : *leaf + 1;
	fd = again(dir, e);
	while (fd != -1 && path != *leaf) {
		(void)take(&path, &c, e);
		fd = step(fd, c.name, e);
	}
	return fd;
}

int
beneath_open_file(int dir, const char *path, struct stat *st, struct err *e)
{
	const char *leaf;
	int fd, parent;

	parent = beneath_open_parent(dir, path, &leaf, e);
	if (parent == -1)
		return -1;
	/*
	 * Looked at first, since opening a device may do something; and again
	 * afterwards, since it may have become another.
	 */
	if (fstatat(parent, leaf, st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode)) {
		(void)close(parent);
		return err_set(e, ERR_DENIED, "not a regular file");
	}
	fd = openat(parent, leaf,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		(void)refused(leaf, e);
	(void)close(parent);
	if (fd == -1)
		return -1;
	if (fstat(fd, st) == -1 || !S_ISREG(st->st_mode)) {
		(void)close(fd);
		return err_set(e, ERR_DENIED, "not a regular file");
	}
	return fd;
}
