#include "services/tftp_files.h"

#include <sys/queue.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#define BUCKETS 4096
#define READ_TRIES 3 /* for a file that changes while it is read */
#define LISTINGS_MAX 64
#define STAMP_MS 50 /* more than the step in which the kernel stamps files */

struct tftp_file {
	unsigned holders;
	uint8_t *data; /* owned */
	size_t len;
	uint8_t *ascii; /* its netascii form, made when first wanted; owned */
	size_t ascii_len;
};

/* A snapshot kept for the next lookup of its name. */
struct entry {
	LIST_ENTRY(entry) in_bucket;
	TAILQ_ENTRY(entry) in_order;
	char name[TFTP_NAME_SIZE];
	struct stat st; /* of the file when it was read */
	struct tftp_file *file; /* held */
};

/*
 * The names in a folder, to find one in another case.  Names read right
 * after a change are read again next time: another change may have got the
 * same time stamp.
 */
struct listing {
	TAILQ_ENTRY(listing) in_order;
	char folder[TFTP_NAME_SIZE]; /* with a final slash; "": the top */
	struct stat st; /* of the folder when it was read */
	int64_t since; /* clock_ticks() when st was first seen */
	bool final; /* only a folder that looks different is read again */
	struct strlist names; /* by strcasecmp() */
};

LIST_HEAD(bucket, entry);
TAILQ_HEAD(order, entry);
TAILQ_HEAD(listings, listing);

struct tftp_files {
	int dirfd;
	struct bucket bucket[BUCKETS];
	struct order order; /* the least recently wanted first */
	size_t cached; /* bytes in all entries */
	struct listings listings; /* the least recently wanted first */
	size_t n_listings;
};

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

struct tftp_files *
tftp_files_new(const char *path, struct err *e)
{
	struct tftp_files *files;
	size_t i;
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1) {
		(void)err_errno(e, "%s", path);
		return NULL;
	}
	files = mem_alloc(sizeof(*files));
	files->dirfd = fd;
	for (i = 0; i < BUCKETS; i++)
		LIST_INIT(&files->bucket[i]);
	TAILQ_INIT(&files->order);
	TAILQ_INIT(&files->listings);
	return files;
}

struct tftp_file *
tftp_file_new(uint8_t *data, size_t len)
{
	struct tftp_file *file = mem_alloc(sizeof(*file));

	file->holders = 1;
	file->data = data;
	file->len = len;
	return file;
}

struct tftp_file *
tftp_file_hold(struct tftp_file *f)
{
	f->holders++;
	return f;
}

void
tftp_file_release(struct tftp_file *f)
{
	if (f == NULL || --f->holders > 0)
		return;
	free(f->data);
	free(f->ascii);
	free(f);
}

static void
forget(struct tftp_files *files, struct entry *entry)
{
	LIST_REMOVE(entry, in_bucket);
	TAILQ_REMOVE(&files->order, entry, in_order);
	files->cached -= entry->file->len;
	tftp_file_release(entry->file);
	free(entry);
}

static void
forget_listing(struct tftp_files *files, struct listing *l)
{
	TAILQ_REMOVE(&files->listings, l, in_order);
	files->n_listings--;
	strlist_release(&l->names);
	free(l);
}

void
tftp_files_free(struct tftp_files *files)
{
	struct entry *entry, *next;
	struct listing *l, *next_listing;

	if (files == NULL)
		return;
	for (entry = TAILQ_FIRST(&files->order); entry != NULL; entry = next) {
		next = TAILQ_NEXT(entry, in_order);
		forget(files, entry);
	}
	for (l = TAILQ_FIRST(&files->listings); l != NULL; l = next_listing) {
		next_listing = TAILQ_NEXT(l, in_order);
		forget_listing(files, l);
	}
	(void)close(files->dirfd);
	free(files);
}

/* FNV-1a. */
static struct bucket *
bucket_of(struct tftp_files *files, const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619U;
	return &files->bucket[h % BUCKETS];
}

static struct entry *
find_entry(struct tftp_files *files, const char *name)
{
	struct entry *entry;

	for (entry = LIST_FIRST(bucket_of(files, name)); entry != NULL;
	     entry = LIST_NEXT(entry, in_bucket)) {
		if (str_equal(entry->name, name))
			break;
	}
	return entry;
}

/* Keep a snapshot, and make room for it; a huge one is not kept. */
static void
remember(struct tftp_files *files, const char *name, const struct stat *st,
    struct tftp_file *file)
{
	struct entry *entry, *next;

	if (file->len > TFTP_CACHE_MAX / 2)
		return;
	for (entry = TAILQ_FIRST(&files->order);
	     entry != NULL && files->cached + file->len > TFTP_CACHE_MAX;
	     entry = next) {
		next = TAILQ_NEXT(entry, in_order);
		forget(files, entry);
	}
	entry = mem_alloc(sizeof(*entry));
	(void)str_copy(entry->name, sizeof(entry->name), name);
	entry->st = *st;
	entry->file = tftp_file_hold(file);
	files->cached += file->len;
	LIST_INSERT_HEAD(bucket_of(files, name), entry, in_bucket);
	TAILQ_INSERT_TAIL(&files->order, entry, in_order);
}

/*
 * The directory that holds name, whose last part is put into *leaf.  A
 * descriptor for close_parent(), or -1.
 */
static int
open_parent(const struct tftp_files *files, const char *name, const char **leaf,
    struct err *e)
{
	char part[TFTP_NAME_SIZE];
	const char *slash;
	int fd = files->dirfd;

	for (; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
		(void)str_copy(part, (size_t)(slash - name) + 1, name);
		int next = openat(fd, part,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next == -1)
			(void)err_errno(e, "folder %s", part);
		if (fd != files->dirfd)
			(void)close(fd);
		if (next == -1)
			return -1;
		fd = next;
	}
	*leaf = name;
	return fd;
}

static void
close_parent(const struct tftp_files *files, int fd)
{
	if (fd != files->dirfd)
		(void)close(fd);
}

/* All size bytes of an open file; false if there are fewer or more. */
static bool
read_exactly(int fd, uint8_t *dst, size_t size)
{
	uint8_t more;
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, dst + n, size - n);

		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		n += (size_t)r;
	}
	return read(fd, &more, 1) == 0;
}

static int
check_file(const struct stat *st, const char *leaf, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_DENIED, "%s: not a regular file", leaf);
	if (st->st_size < 0 || (uintmax_t)st->st_size > TFTP_FILE_MAX)
		return err_set(e, ERR_TOO_BIG, "%s: over %lu bytes", leaf,
		    TFTP_FILE_MAX);
	return 0;
}

/* Read a file that stands still meanwhile.  *st is what was read. */
static int
load(int dirfd, const char *leaf, struct tftp_file **out, struct stat *st,
    struct err *e)
{
	struct tftp_file *file = NULL;
	struct stat after;
	int fd, try, rc = -1;

	fd =
	    openat(dirfd, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		(void)err_errno(e, "%s", leaf);
		return -1;
	}
	file = tftp_file_new(NULL, 0);
	for (try = 0; try < READ_TRIES; try++) {
		if (fstat(fd, st) == -1 || lseek(fd, 0, SEEK_SET) == -1) {
			(void)err_errno(e, "%s", leaf);
			goto out;
		}
		if (check_file(st, leaf, e) == -1)
			goto out;
		file->len = (size_t)st->st_size;
		file->data = mem_resize(file->data, file->len + 1, 1);
		if (read_exactly(fd, file->data, file->len) &&
		    fstat(fd, &after) == 0 && same_file(st, &after))
			break;
	}
	if (try == READ_TRIES) {
		(void)err_set(e, ERR_IO, "%s: it keeps changing", leaf);
		goto out;
	}
	*out = file;
	file = NULL;
	rc = 0;
out:
	tftp_file_release(file);
	(void)close(fd);
	return rc;
}

/* Read a file that is not in the cache as it is now, and put it there. */
static int
load_anew(struct tftp_files *files, const char *name, int dirfd,
    const char *leaf, struct tftp_file **out, struct err *e)
{
	struct stat st;

	if (load(dirfd, leaf, out, &st, e) == -1)
		return -1;
	remember(files, name, &st, *out);
	return 0;
}

/* A file by the name it has on disk. */
static int
lookup_exact(struct tftp_files *files, const char *name, struct tftp_file **out,
    struct err *e)
{
	struct entry *entry = find_entry(files, name);
	const char *leaf = NULL;
	struct stat st;
	int fd, rc = -1;

	fd = open_parent(files, name, &leaf, e);
	if (fd == -1)
		return -1;
	if (fstatat(fd, leaf, &st, AT_SYMLINK_NOFOLLOW) == -1)
		(void)err_errno(e, "%s", leaf);
	else
		rc = check_file(&st, leaf, e);
	if (rc == 0 && entry != NULL && same_file(&st, &entry->st)) {
		TAILQ_REMOVE(&files->order, entry, in_order);
		TAILQ_INSERT_TAIL(&files->order, entry, in_order);
		*out = tftp_file_hold(entry->file);
	} else {
		if (entry != NULL)
			forget(files, entry);
		if (rc == 0)
			rc = load_anew(files, name, fd, leaf, out, e);
	}
	close_parent(files, fd);
	return rc;
}

static int
compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcasecmp(*x, *y);
}

/* Read the names in the folder behind fd, which is closed. */
static void
read_names(struct listing *l, int fd)
{
	const struct dirent *entry;
	DIR *dir = fdopendir(fd);

	if (dir == NULL) {
		(void)close(fd);
		return;
	}
	l->final = clock_ticks() - l->since >= STAMP_MS;
	strlist_release(&l->names);
	while ((entry = readdir(dir)) != NULL)
		strlist_add(&l->names, entry->d_name);
	(void)closedir(dir);
	if (l->names.n > 0)
		qsort(l->names.item, l->names.n, sizeof(*l->names.item),
		    compare_names);
}

/* Read the folder's names again if it has changed. */
static void
refresh_listing(const struct tftp_files *files, struct listing *l)
{
	const char *leaf;
	struct stat st;
	int parent;

	parent = open_parent(files, l->folder, &leaf, NULL);
	if (parent == -1)
		return;
	if (fstat(parent, &st) == -1) {
		close_parent(files, parent);
		return;
	}
	if (!same_file(&st, &l->st)) {
		l->st = st;
		l->since = clock_ticks();
		l->final = false;
	}
	if (!l->final) {
		int fd =
		    openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd != -1)
			read_names(l, fd);
	}
	close_parent(files, parent);
}

/* The names in a folder as they are now; lent until the next call. */
static const struct strlist *
list_folder(struct tftp_files *files, const char *folder)
{
	struct listing *l;

	for (l = TAILQ_FIRST(&files->listings); l != NULL;
	     l = TAILQ_NEXT(l, in_order)) {
		if (str_equal(l->folder, folder))
			break;
	}
	if (l == NULL) {
		if (files->n_listings == LISTINGS_MAX)
			forget_listing(files, TAILQ_FIRST(&files->listings));
		l = mem_alloc(sizeof(*l));
		(void)str_copy(l->folder, sizeof(l->folder), folder);
		files->n_listings++;
	} else {
		TAILQ_REMOVE(&files->listings, l, in_order);
	}
	TAILQ_INSERT_TAIL(&files->listings, l, in_order);
	refresh_listing(files, l);
	return &l->names;
}

/* The name that is spelled as wanted, or else one that is so in any case. */
static const char *
find_name(const struct strlist *names, const char *wanted)
{
	char *const *found, *const *end = names->item + names->n;
	char *const *p;

	if (names->n == 0)
		return NULL;
	found = bsearch(&wanted, names->item, names->n, sizeof(*names->item),
	    compare_names);
	if (found == NULL)
		return NULL;
	while (found > names->item && !strcasecmp(found[-1], wanted))
		found--;
	for (p = found; p < end && !strcasecmp(*p, wanted); p++) {
		if (str_equal(*p, wanted))
			return *p;
	}
	return *found;
}

/*
 * Put the spelling that the directory has into name.  -1: there is none, or
 * it is spelled like that already.
 */
static int
respell(struct tftp_files *files, char name[TFTP_NAME_SIZE])
{
	char done[TFTP_NAME_SIZE] = "";
	char part[TFTP_NAME_SIZE];
	const char *rest = name;
	size_t n = 0;

	do {
		size_t len = strcspn(rest, "/");
		const char *found;

		(void)str_copy(part, len + 1, rest);
		found = find_name(list_folder(files, done), part);
		if (found == NULL)
			return -1;
		(void)str_printf(done + n, sizeof(done) - n, "%s%s", found,
		    rest[len] == '/' ? "/" : "");
		n = strlen(done);
		rest += len;
	} while (*rest++ == '/');
	if (str_equal(done, name))
		return -1;
	return str_copy(name, TFTP_NAME_SIZE, done);
}

int
tftp_files_find(struct tftp_files *files, const struct tftp_name *name,
    struct tftp_file **out, struct err *e)
{
	char other[TFTP_NAME_SIZE];
	struct err why = ERR_INIT;

	if (lookup_exact(files, name->text, out, &why) == 0)
		return 0;
	(void)str_copy(other, sizeof(other), name->text);
	if (why.code == ERR_NOT_FOUND && name->kind == TFTP_NAME_FREE &&
	    respell(files, other) == 0)
		return lookup_exact(files, other, out, e);
	return err_set(e, why.code, "%s", why.msg);
}

int
tftp_files_lookup(struct tftp_files *files, const char *request,
    struct tftp_file **out, struct err *e)
{
	struct tftp_name name;

	if (tftp_name_parse(&name, request) == -1)
		return err_set(e, ERR_NOT_FOUND, "no name for phones");
	return tftp_files_find(files, &name, out, e);
}

const uint8_t *
tftp_file_bytes(struct tftp_file *f, enum tftp_mode mode, size_t *len)
{
	if (mode == TFTP_OCTET) {
		*len = f->len;
		return f->data;
	}
	if (f->ascii == NULL)
		tftp_netascii(f->data, f->len, &f->ascii, &f->ascii_len);
	*len = f->ascii_len;
	return f->ascii;
}
