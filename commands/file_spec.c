#include "commands/file_spec.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define LOOK_UP 1024 /* entries between two looks at Ctrl-C */

/* A search under way. */
struct finder {
	const struct cmd_ctx *c;
	const struct file_find *f;
	struct strlist name; /* of the spec, one after the other */
	struct file_set *set;
	unsigned depth;
	unsigned steps;
};

/* A look into a directory. */
struct scan {
	const char *dir; /* its path */
	size_t i; /* number of the spec's name that is looked for */
	/* Takes an entry, of which it may keep nothing. */
	int (*fn)(struct finder *w, const struct file_entry *en, size_t i,
	    struct err *e);
};

bool
file_pattern_match(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = name;

	if (name[0] == '.' && pattern[0] != '.')
		return false;
	while (*name != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			retry = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star + 1;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* The names of a spec; "." and empty ones mean nothing. */
static int
split(const char *spec, struct strlist *names, struct err *e)
{
	while (*spec != '\0') {
		size_t len = strcspn(spec, "/");

		if (len == 2 && spec[0] == '.' && spec[1] == '.') {
			strlist_release(names);
			return err_set(e, ERR_USAGE,
			    "A file-spec cannot contain \"..\": it never "
			    "leaves its directory.");
		}
		if (len > 0 && !(len == 1 && spec[0] == '.'))
			strlist_add_n(names, spec, len);
		spec += len + (spec[len] == '/');
	}
	return 0;
}

int
file_spec_check(const char *spec, struct err *e)
{
	struct strlist names = STRLIST_INIT;
	int rc = split(spec, &names, e);

	strlist_release(&names);
	return rc;
}

static bool
is_pattern(const char *name)
{
	return strchr(name, '*') != NULL;
}

static char *
join(const char *dir, const char *name)
{
	return mem_printf("%s%s%s", dir, *dir == '\0' ? "" : "/", name);
}

/* --- what there is ------------------------------------------------------ */

static int
of_stat(struct file_entry *en, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return -1;
	en->dir = S_ISDIR(st->st_mode);
	en->size = en->dir ? 0 : (int64_t)st->st_size;
	en->mtime = (int64_t)st->st_mtime;
	return 0;
}

/* The entry that lies elsewhere: the p12 of the publisher. */
static int
look_at_key(const struct finder *w, struct file_entry *en)
{
	char path[PATH_SIZE];
	struct stat st;

	if (!str_equal(w->f->root->word, "tftp") ||
	    !str_equal(en->path, FILE_RECOVERY_KEY))
		return -1;
	if (lstat(paths_in(path, "certs/%s", FILE_RECOVERY_KEY), &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return -1;
	en->recovery_key = true;
	return of_stat(en, &st);
}

/* The entry that lies elsewhere: the directory seen in this root. */
static int
look_at_view(const struct finder *w, struct file_entry *en)
{
	struct err ignored = ERR_INIT;
	struct stat st;
	int fd, rc;

	if (w->f->root->view == NULL || !str_equal(en->path, w->f->root->view))
		return -1;
	fd = fileroot_open_dir(w->f->root, en->path, &ignored);
	if (fd == -1)
		return -1;
	rc = fstat(fd, &st) == 0 ? of_stat(en, &st) : -1;
	(void)close(fd);
	return rc;
}

/*
 * Fill in the entry en->path, of that name in the directory fd (-1: there is
 * no such directory).  -1 when there is nothing to be seen.
 */
static int
look(const struct finder *w, int fd, const char *name, struct file_entry *en)
{
	struct stat st;

	en->recovery_key = false;
	if (look_at_key(w, en) == 0 || look_at_view(w, en) == 0)
		return 0;
	if (fd == -1 || !fileroot_has_name(name) ||
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	return of_stat(en, &st);
}

/* --- the set ------------------------------------------------------------ */

static int
append(struct finder *w, const struct file_entry *en, struct err *e)
{
	struct file_set *set = w->set;

	if (set->n == FILE_SET_MAX)
		return err_set(e, ERR_TOO_BIG,
		    "The file-spec matches more than %d files.", FILE_SET_MAX);
	/* Grown whenever n is a power of two. */
	if ((set->n & (set->n - 1)) == 0)
		set->entry = mem_resize(set->entry,
		    set->n == 0 ? 1 : 2 * set->n, sizeof(*set->entry));
	set->entry[set->n] = *en;
	set->entry[set->n].path = mem_strdup(en->path);
	set->n++;
	set->dirs += en->dir ? 1 : 0;
	set->bytes += en->size;
	return 0;
}

/* A file that was found, if it is wanted. */
static int
take_file(struct finder *w, const struct file_entry *en, struct err *e)
{
	const char *name = strrchr(en->path, '/');

	name = name == NULL ? en->path : name + 1;
	if (w->f->when != NULL && !file_when_has(w->f->when, en->mtime))
		return 0;
	if (w->f->match != NULL &&
	    !regexp_match(w->f->match, name, strlen(name)))
		return 0;
	return append(w, en, e);
}

/* --- directories -------------------------------------------------------- */

/*
 * Hand on the entry of this name if there is one.  fd is the directory; -1:
 * none.
 */
static int
hand(struct finder *w, const struct scan *s, int fd, const char *name,
    struct err *e)
{
	struct file_entry en = { .path = join(s->dir, name) };
	int rc = 0;

	if (++w->steps % LOOK_UP == 0 && cmd_interrupted(w->c))
		rc = err_set(e, ERR_CANCELLED, "cancelled");
	else if (look(w, fd, name, &en) == 0)
		rc = s->fn(w, &en, s->i, e);
	free(en.path);
	return rc;
}

/* What is in no directory but is seen in this one: a name, or NULL. */
static const char *
extra_name(const struct finder *w, const char *dir)
{
	const struct fileroot *root = w->f->root;
	const char *leaf;

	if (str_equal(root->word, "tftp") && *dir == '\0')
		return FILE_RECOVERY_KEY;
	if (root->view == NULL)
		return NULL;
	leaf = strrchr(root->view, '/') + 1;
	if (strlen(dir) == (size_t)(leaf - root->view) - 1 &&
	    str_starts(root->view, dir))
		return leaf;
	return NULL;
}

/* The directory as a stream; NULL with rc 0 when it is not to be read. */
static DIR *
open_stream(struct finder *w, const char *dir, int *rc, struct err *e)
{
	DIR *d;
	int fd;

	*rc = 0;
	fd = fileroot_open_dir(w->f->root, dir, e);
	if (fd == -1) {
		if (e->code == ERR_DENIED)
			w->set->skipped++;
		else if (e->code != ERR_NOT_FOUND && e->code != ERR_USAGE)
			*rc = -1;
		return NULL;
	}
	d = fdopendir(fd);
	if (d == NULL) {
		*rc = err_errno(e, "directory");
		(void)close(fd);
	}
	return d;
}

/* Hand on all entries of a directory. */
static int
each(struct finder *w, const struct scan *s, struct err *e)
{
	const char *extra = extra_name(w, s->dir);
	const struct dirent *en;
	DIR *d;
	int rc;

	if (w->depth == FILE_DEPTH_MAX)
		return err_set(e, ERR_TOO_BIG,
		    "There are more than %d directories inside each other.",
		    FILE_DEPTH_MAX);
	d = open_stream(w, s->dir, &rc, e);
	w->depth++;
	while (d != NULL && rc == 0 && (en = readdir(d)) != NULL) {
		if (fileroot_has_name(en->d_name) &&
		    (extra == NULL || !str_equal(en->d_name, extra)))
			rc = hand(w, s, dirfd(d), en->d_name, e);
	}
	if (d != NULL && rc == 0 && extra != NULL)
		rc = hand(w, s, dirfd(d), extra, e);
	w->depth--;
	if (d != NULL)
		(void)closedir(d);
	return rc;
}

/* --- the spec ----------------------------------------------------------- */

static bool
has_flag(const struct finder *w, enum file_find_flag flag)
{
	return (w->f->flags & flag) != 0;
}

/* Anything in a directory that the spec stands for. */
static int
take_any(struct finder *w, const struct file_entry *en, size_t i, struct err *e)
{
	const struct scan inside = { .dir = en->path, .i = i, .fn = take_any };

	if (!en->dir)
		return take_file(w, en, e);
	if (!has_flag(w, FILE_FIND_FILES) && append(w, en, e) == -1)
		return -1;
	return has_flag(w, FILE_FIND_RECURS) ? each(w, &inside, e) : 0;
}

static int visit(struct finder *w, const char *dir, size_t i, struct err *e);

/* An entry that name number i of the spec, a pattern, may match. */
static int
try(struct finder *w, const struct file_entry *en, size_t i, struct err *e)
{
	const struct scan inside = { .dir = en->path, .i = i, .fn = try };
	const char *name = strrchr(en->path, '/');
	bool last = i + 1 == w->name.n;

	name = name == NULL ? en->path : name + 1;
	if (file_pattern_match(w->name.item[i], name)) {
		if (last)
			return take_any(w, en, i, e);
		return en->dir ? visit(w, en->path, i + 1, e) : 0;
	}
	if (last && en->dir && has_flag(w, FILE_FIND_RECURS))
		return each(w, &inside, e);
	return 0;
}

/* The entry that name number i of the spec says. */
static int
take_named(struct finder *w, const struct file_entry *en, size_t i,
    struct err *e)
{
	const struct scan inside = { .dir = en->path, .i = i, .fn = take_any };

	if (i + 1 < w->name.n)
		return en->dir ? visit(w, en->path, i + 1, e) : 0;
	if (!en->dir)
		return take_file(w, en, e);
	if (has_flag(w, FILE_FIND_SELF))
		return append(w, en, e);
	/* The names that differ begin inside. */
	if (w->set->base == SIZE_MAX)
		w->set->base = strlen(en->path) + 1;
	return each(w, &inside, e);
}

/* Name number i of the spec, in this directory. */
static int
visit(struct finder *w, const char *dir, size_t i, struct err *e)
{
	const struct scan s = {
		.dir = dir,
		.i = i,
		.fn = is_pattern(w->name.item[i]) ? try : take_named,
	};
	struct err why = ERR_INIT;
	int fd, rc;

	if (s.fn == try) {
		if (w->set->base == SIZE_MAX)
			w->set->base = *dir == '\0' ? 0 : strlen(dir) + 1;
		return each(w, &s, e);
	}
	fd = fileroot_open_dir(w->f->root, dir, &why);
	if (fd == -1 && why.code == ERR_DENIED)
		w->set->skipped++;
	rc = hand(w, &s, fd, w->name.item[i], e);
	if (fd != -1)
		(void)close(fd);
	return rc;
}

/* --- in order ----------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const struct file_entry *left = a;
	const struct file_entry *right = b;

	if (left->dir != right->dir)
		return left->dir ? -1 : 1;
	return strcmp(left->path, right->path);
}

/* Where names begin when the spec names one file. */
static size_t
base_of_file(const struct file_set *set)
{
	const char *leaf;

	if (set->n == 0)
		return 0;
	leaf = strrchr(set->entry[0].path, '/');
	return leaf == NULL ? 0 : (size_t)(leaf - set->entry[0].path) + 1;
}

int
file_find(const struct cmd_ctx *c, const struct file_find *f,
    struct file_set *set, struct err *e)
{
	struct finder w = { .c = c, .f = f, .set = set };
	const struct scan root = { .dir = "", .fn = take_any };
	int rc;

	*set = (struct file_set)FILE_SET_INIT;
	set->root = f->root;
	set->lead = f->spec[0] == '/' ? "/" : "";
	set->base = SIZE_MAX;
	if (split(f->spec, &w.name, e) == -1)
		return -1;
	if (w.name.n == 0) {
		set->base = 0;
		rc = each(&w, &root, e);
	} else {
		rc = visit(&w, "", 0, e);
	}
	strlist_release(&w.name);
	if (set->base == SIZE_MAX)
		set->base = base_of_file(set);
	if (set->n > 1)
		qsort(set->entry, set->n, sizeof(*set->entry), compare);
	return rc;
}

void
file_set_release(struct file_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		free(set->entry[i].path);
	free(set->entry);
	*set = (struct file_set)FILE_SET_INIT;
}

const char *
file_entry_name(const struct file_set *set, size_t i)
{
	return set->entry[i].path + set->base;
}

char *
file_entry_shown(const struct file_set *set, size_t i)
{
	return mem_printf("%s%s%s", set->root->shown, set->lead,
	    set->entry[i].path);
}

int
file_not_found(const char *spec, struct err *e)
{
	char shown[256];

	return err_set(e, ERR_NOT_FOUND, "File not found: %s",
	    str_visible(shown, sizeof(shown), spec, strlen(spec)));
}

int
file_find_one(const struct cmd_ctx *c, const struct fileroot *root,
    const char *spec, struct file_set *set, struct err *e)
{
	const struct file_find f = {
		.root = root,
		.spec = spec,
		.flags = FILE_FIND_SELF,
	};
	char shown[256];

	if (file_find(c, &f, set, e) == -1)
		return -1;
	str_visible(shown, sizeof(shown), spec, strlen(spec));
	if (set->n == 0 && set->skipped > 0)
		return err_set(e, ERR_DENIED,
		    "This account may not read what \"%s\" names.", shown);
	if (set->n == 0)
		return file_not_found(spec, e);
	if (set->n > 1)
		return err_set(e, ERR_USAGE,
		    "\"%s\" must match exactly one file, but matches %zu.",
		    shown, set->n);
	if (set->entry[0].dir)
		return err_set(e, ERR_USAGE, "\"%s\" is a directory.", shown);
	if (set->entry[0].recovery_key)
		return err_set(e, ERR_DENIED,
		    "%s is not shown. Save it with \"file get tftp %s\".",
		    FILE_RECOVERY_KEY, FILE_RECOVERY_KEY);
	return 0;
}

void
file_set_tell_skipped(struct out *out, const struct file_set *set)
{
	if (set->skipped == 1)
		out_puts(out, "1 directory cannot be read by this account.\n");
	else if (set->skipped > 1)
		out_printf(out,
		    "%zu directories cannot be read by this account.\n",
		    set->skipped);
}
