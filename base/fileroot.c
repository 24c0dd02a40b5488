#include "base/fileroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/paths.h"
#include "base/str.h"

static const struct fileroot roots[] = {
	{ .word = "activelog",
	    .shown = "/var/log/active/",
	    .dir = "log",
	    .view = "cm/tftpdata",
	    .view_dir = "tftp",
	    .deletable = true },
	{ .word = "inactivelog",
	    .shown = "/var/log/inactive/",
	    .deletable = true },
	{ .word = "install", .shown = "/var/log/install/" },
	{ .word = "salog", .shown = "/var/log/salog/" },
	{ .word = "partBsalog", .shown = "/var/log/partBsalog/" },
	{ .word = "tftp",
	    .shown = "/usr/local/cm/tftp/",
	    .dir = "tftp",
	    .deletable = true },
};

const struct fileroot *
fileroot_find(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (str_equal(roots[i].word, word))
			return &roots[i];
	}
	return NULL;
}

bool
fileroot_has_name(const char *name)
{
	static const char *const keys[] = { ".p12", ".pem", ".key" };
	size_t i, len = strlen(name);

	if (len == 0 || len > NAME_MAX || name[0] == '.' ||
	    strchr(name, '/') != NULL)
		return false;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i]);

		if (len >= n && strcasecmp(name + len - n, keys[i]) == 0)
			return false;
	}
	return true;
}

/* A path with a name that is not shown is one of nothing. */
static int
check(const char *path, struct err *e)
{
	const char *p = path;
	char name[NAME_MAX + 1];

	if (beneath_check(path, e) == -1)
		return -1;
	while (*p != '\0') {
		size_t len = strcspn(p, "/");

		memcpy(name, p, len);
		name[len] = '\0';
		if (!fileroot_has_name(name))
			return err_set(e, ERR_NOT_FOUND, "no such file");
		p += len + (p[len] == '/');
	}
	return 0;
}

/* The directory that *path, made relative to it, lies in. */
static int
open_root(const struct fileroot *r, const char **path, struct err *e)
{
	const char *dir = r->dir;
	char full[PATH_SIZE];
	int fd;

	if (dir == NULL)
		return err_set(e, ERR_NOT_FOUND, "this node has none");
	if (r->view != NULL && str_starts(*path, r->view)) {
		const char *rest = *path + strlen(r->view);

		if (*rest == '\0' || *rest == '/') {
			*path = *rest == '/' ? rest + 1 : rest;
			dir = r->view_dir;
		}
	}
	fd = open(paths_in(full, "%s", dir),
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd == -1 ? err_errno(e, "%s", r->word) : fd;
}

int
fileroot_open_dir(const struct fileroot *r, const char *path, struct err *e)
{
	int fd, root;

	if (*path != '\0' && check(path, e) == -1)
		return -1;
	root = open_root(r, &path, e);
	if (root == -1)
		return -1;
	fd = beneath_open_dir(root, path, e);
	(void)close(root);
	return fd;
}

int
fileroot_open_parent(const struct fileroot *r, const char *path,
    const char **leaf, struct err *e)
{
	int fd, root;

	if (check(path, e) == -1)
		return -1;
	root = open_root(r, &path, e);
	if (root == -1)
		return -1;
	fd = beneath_open_parent(root, path, leaf, e);
	(void)close(root);
	return fd;
}

int
fileroot_open_file(const struct fileroot *r, const char *path, struct stat *st,
    struct err *e)
{
	int fd, root;

	if (check(path, e) == -1)
		return -1;
	root = open_root(r, &path, e);
	if (root == -1)
		return -1;
	fd = beneath_open_file(root, path, st, e);
	(void)close(root);
	return fd;
}
