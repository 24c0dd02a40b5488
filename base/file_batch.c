#define _GNU_SOURCE /* syncfs(): one sync for thousands of files */
#include "base/file_batch.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_priv.h"
#include "base/mem.h"
#include "base/str.h"

int
file_pending_write(struct file_pending *p, const char *path, const void *data,
    size_t len, mode_t mode, struct err *e)
{
	char *name;
	int fd, rc = 0;

	memset(p, 0, sizeof(*p));
	name = file_open_temporary(path, &fd, e);
	if (name == NULL)
		return -1;
	if (fchmod(fd, mode) == -1 || file_write_all(fd, data, len) == -1)
		rc = err_errno(e, "write %s", path);
	if (close(fd) == -1 && rc == 0)
		rc = err_errno(e, "write %s", path);
	if (rc == -1) {
		(void)unlink(name);
		free(name);
		return -1;
	}
	p->path = mem_strdup(path);
	p->temporary = name;
	return 0;
}

/* Each directory that the files stand in, once. */
static void
directories(struct file_pending *const *p, size_t n, struct strlist *list)
{
	for (size_t i = 0; i < n; i++) {
		char *copy;
		const char *dir;

		if (p[i]->path == NULL)
			continue;
		copy = mem_strdup(p[i]->path);
		dir = dirname(copy);
		/* Files of one directory mostly follow one another. */
		if (list->n == 0 ||
		    (!str_equal(list->item[list->n - 1], dir) &&
			!strlist_has(list, dir)))
			strlist_add(list, dir);
		free(copy);
	}
}

/* Sync the file system, or only the directory itself. */
static int
sync_directory(const char *dir, bool whole, struct err *e)
{
	int fd, rc = 0;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (whole ? syncfs(fd) : fsync(fd)) == -1)
		rc = err_errno(e, "directory %s", dir);
	if (fd != -1)
		(void)close(fd);
	return rc;
}

/* The contents of all files; one sync for each file system. */
static int
sync_contents(const struct strlist *dirs, struct err *e)
{
	dev_t *done = mem_array(dirs->n, sizeof(*done));
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < dirs->n; i++) {
		struct stat st;
		size_t k = 0;

		if (stat(dirs->item[i], &st) == -1) {
			rc = err_errno(e, "directory %s", dirs->item[i]);
			break;
		}
		while (k < n && done[k] != st.st_dev)
			k++;
		if (k < n)
			continue;
		done[n++] = st.st_dev;
		rc = sync_directory(dirs->item[i], true, e);
	}
	free(done);
	return rc;
}

int
file_pending_commit(struct file_pending *const *p, size_t n, struct err *e)
{
	struct strlist dirs = STRLIST_INIT;
	int rc;

	directories(p, n, &dirs);
	rc = sync_contents(&dirs, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (p[i]->path == NULL)
			continue;
		if (rename(p[i]->temporary, p[i]->path) == -1)
			rc = err_errno(e, "rename %s to %s", p[i]->temporary,
			    p[i]->path);
		else
			p[i]->committed = true;
	}
	for (size_t i = 0; rc == 0 && i < dirs.n; i++)
		rc = sync_directory(dirs.item[i], false, e);
	strlist_release(&dirs);
	return rc;
}

void
file_pending_release(struct file_pending *p)
{
	if (p->path != NULL && !p->committed)
		(void)unlink(p->temporary);
	free(p->path);
	free(p->temporary);
	memset(p, 0, sizeof(*p));
}
