#include "node/manifest.h"

#include <sys/stat.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define PREFIX "ucm"
#define FILE_MAX 65536
#define VERSION "version "

int
manifest_programs(char dir[MANIFEST_DIR_SIZE], struct err *e)
{
	ssize_t n = readlink("/proc/self/exe", dir, MANIFEST_DIR_SIZE - 1);
	char *slash;

	if (n == -1)
		return err_errno(e, "/proc/self/exe");
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return err_set(e, ERR_INTERNAL, "%s: no path", dir);
	*slash = '\0';
	return 0;
}

static int
is_ours(const struct dirent *en)
{
	return str_starts(en->d_name, PREFIX);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A line "SIZE NAME" for each program in dir, sorted by name. */
static int
read_dir(const char *dir, struct wbuf *w, struct err *e)
{
	struct dirent **en;
	struct stat st;
	int i, n = scandir(dir, &en, is_ours, by_name);

	if (n == -1)
		return err_errno(e, "%s", dir);
	for (i = 0; i < n; i++) {
		char *path = mem_printf("%s/%s", dir, en[i]->d_name);

		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			wbuf_printf(w, "%lld %s\n", (long long)st.st_size,
			    en[i]->d_name);
		free(path);
		free(en[i]);
	}
	free(en);
	return 0;
}

/* etc/manifest as text, whose first line must be that of a version. */
static int
read_noted(char **text, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;

	if (file_read(paths_in(path, "etc/manifest"), FILE_MAX, &data, &len,
		e) == -1)
		return -1;
	*text = (char *)data;
	if (strlen(*text) == len && str_starts(*text, VERSION))
		return 0;
	free(data);
	*text = NULL;
	(void)err_set(e, ERR_FORMAT, "%s: no list of programs", path);
	return -1;
}

/* Is it of that version? */
static bool
is_noted(const char *version)
{
	struct err ignored = ERR_INIT;
	size_t len = strlen(version);
	char *text;
	bool same;

	if (read_noted(&text, &ignored) == -1)
		return false;
	same = strncmp(text + strlen(VERSION), version, len) == 0 &&
	    text[strlen(VERSION) + len] == '\n';
	free(text);
	return same;
}

int
manifest_note(const char *dir, const char *version, struct err *e)
{
	struct wbuf w;
	int rc;

	if (is_noted(version))
		return 0;
	wbuf_init(&w, FILE_MAX);
	wbuf_printf(&w, VERSION "%s\n", version);
	rc = read_dir(dir, &w, e);
	if (rc == 0 && w.failed)
		rc = err_set(e, ERR_TOO_BIG, "%s: too many programs", dir);
	if (rc == 0) {
		char path[PATH_SIZE];

		rc = file_replace(paths_in(path, "etc/manifest"), w.data, w.len,
		    0644, e);
	}
	wbuf_release(&w);
	return rc;
}

/* A list "SIZE NAME" line by line. */
struct cursor {
	char *rest; /* its lines are cut off one by one */
	const char *name; /* NULL: no more */
	int64_t size;
};

static void
next(struct cursor *c)
{
	char *line = c->rest;
	char *end = strchr(line, '\n');
	char *blank;

	c->name = NULL;
	if (end == NULL)
		return;
	*end = '\0';
	c->rest = end + 1;
	c->size = (int64_t)strtoll(line, &blank, 10);
	c->name = *blank == ' ' ? blank + 1 : blank;
}

/* Which name comes first: as strcmp(), the end of a list last. */
static int
order(const struct cursor *a, const struct cursor *b)
{
	if (a->name == NULL || b->name == NULL)
		return (a->name == NULL) - (b->name == NULL);
	return strcmp(a->name, b->name);
}

static size_t
compare(struct cursor *noted, struct cursor *there, int64_t bytes,
    void (*fn)(void *self, const struct manifest_difference *d), void *self)
{
	size_t checked = 0;

	next(noted);
	next(there);
	while (noted->name != NULL || there->name != NULL) {
		struct manifest_difference d = { .kind = MANIFEST_CHANGED };
		int first = order(noted, there);

		d.name = first <= 0 ? noted->name : there->name;
		d.before = first <= 0 ? noted->size : 0;
		d.now = first >= 0 ? there->size : 0;
		if (first != 0)
			d.kind = first < 0 ? MANIFEST_REMOVED : MANIFEST_ADDED;
		if (first != 0 ||
		    (d.before != d.now && llabs(d.before - d.now) >= bytes))
			fn(self, &d);
		checked += first <= 0 ? 1 : 0;
		if (first <= 0)
			next(noted);
		if (first >= 0)
			next(there);
	}
	return checked;
}

int
manifest_compare(const char *dir, int64_t bytes,
    void (*fn)(void *self, const struct manifest_difference *d), void *self,
    size_t *checked, struct err *e)
{
	struct cursor noted, there;
	char *text = NULL;
	struct wbuf w;
	int rc = -1;

	wbuf_init(&w, 0);
	if (read_noted(&text, e) == -1 || read_dir(dir, &w, e) == -1)
		goto out;
	wbuf_u8(&w, '\0');
	noted.rest = strchr(text, '\n');
	noted.rest = noted.rest == NULL ? text + strlen(text) : noted.rest + 1;
	there.rest = (char *)w.data;
	*checked = compare(&noted, &there, bytes, fn, self);
	rc = 0;
out:
	wbuf_release(&w);
	free(text);
	return rc;
}
