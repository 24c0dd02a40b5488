#include "services/static_files.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/tftp_name.h"

#define FOLDERS_MAX 256 /* a disk full of them costs no more than this */
#define EVENTS                                                      \
	(IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | \
	    IN_DELETE | IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW |   \
	    IN_EXCL_UNLINK)

struct folder {
	int wd;
	char name[TFTP_NAME_SIZE]; /* "" for tftp/ itself */
};

struct static_files {
	char *path; /* owned */
	static_fn *fn;
	void *self;
	int fd; /* of inotify */
	struct event *event;
	struct folder *folder; /* owned; the first is tftp/ */
	size_t n_folders;
	bool stale; /* something was missed: look at everything again */
	bool complained; /* the log says that this cannot be done */
};

/* folder/leaf into dst; false when phones cannot ask for it. */
static bool
name_of(char dst[TFTP_NAME_SIZE], const char *folder, const char *leaf)
{
	struct tftp_name n;

	if (str_printf(dst, TFTP_NAME_SIZE, "%s%s%s", folder,
		folder[0] == '\0' ? "" : "/", leaf) == -1)
		return false;
	return tftp_name_parse(&n, dst) == 0 && str_equal(n.text, dst);
}

/* The same for a folder that may hold such files. */
static bool
folder_of(char dst[TFTP_NAME_SIZE], const char *folder, const char *leaf)
{
	char inside[NAME_MAX + 8];

	(void)str_printf(inside, sizeof(inside), "%s/x.xml", leaf);
	if (!name_of(dst, folder, inside))
		return false;
	dst[strlen(dst) - strlen("/x.xml")] = '\0';
	return true;
}

/* Watch a folder and take it into the list, to be scanned in its turn. */
static int
add_folder(struct static_files *s, const char *name, struct err *e)
{
	struct folder *f;
	char *path;
	int wd;

	if (s->n_folders == FOLDERS_MAX)
		return err_set(e, ERR_TOO_BIG, "over %d folders", FOLDERS_MAX);
	path = mem_printf("%s/%s", s->path, name);
	wd = inotify_add_watch(s->fd, path, EVENTS);
	if (wd == -1)
		(void)err_errno(e, "watch %s", path);
	free(path);
	if (wd == -1)
		return -1;
	s->folder = mem_resize(s->folder, s->n_folders + 1, sizeof(*s->folder));
	f = &s->folder[s->n_folders++];
	f->wd = wd;
	(void)str_copy(f->name, sizeof(f->name), name);
	return 0;
}

enum entry_type {
	ENTRY_FILE,
	ENTRY_FOLDER,
	ENTRY_OTHER
};

static enum entry_type
type_of(int dirfd, const struct dirent *d)
{
	struct stat st;

	if (d->d_type == DT_REG)
		return ENTRY_FILE;
	if (d->d_type == DT_DIR)
		return ENTRY_FOLDER;
	if (d->d_type != DT_UNKNOWN ||
	    fstatat(dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return ENTRY_OTHER;
	if (S_ISREG(st.st_mode))
		return ENTRY_FILE;
	return S_ISDIR(st.st_mode) ? ENTRY_FOLDER : ENTRY_OTHER;
}

/* Tell of one entry of a folder, or take it into the list of folders. */
static void
see(struct static_files *s, const char *folder, enum entry_type type,
    const char *leaf)
{
	char name[TFTP_NAME_SIZE];
	struct err e = ERR_INIT;

	if (type == ENTRY_FILE && name_of(name, folder, leaf))
		s->fn(s->self, STATIC_FILE, name);
	if (type == ENTRY_FOLDER && folder_of(name, folder, leaf) &&
	    add_folder(s, name, &e) == -1)
		log_warning("files in tftp/%s are not signed: %s", name, e.msg);
}

/* Read the names in a folder of the list. */
static void
scan(struct static_files *s, size_t i)
{
	char folder[TFTP_NAME_SIZE], *path;
	const struct dirent *d;
	DIR *dir = NULL;
	int fd;

	(void)str_copy(folder, sizeof(folder), s->folder[i].name);
	path = mem_printf("%s/%s", s->path, folder);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	free(path);
	if (fd == -1)
		return;
	dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return;
	}
	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((d = readdir(dir)) != NULL)
		see(s, folder, type_of(fd, d), d->d_name);
	(void)closedir(dir);
}

/* Watch everything, then look at everything, so that nothing is missed. */
static int
scan_all(struct static_files *s, struct err *e)
{
	for (size_t i = 0; i < s->n_folders; i++)
		(void)inotify_rm_watch(s->fd, s->folder[i].wd);
	s->n_folders = 0;
	s->stale = add_folder(s, "", e) == -1;
	if (s->stale)
		return -1;
	/* Folders are appended while it goes. */
	for (size_t i = 0; i < s->n_folders; i++)
		scan(s, i);
	return 0;
}

static const struct folder *
folder_by_watch(const struct static_files *s, int wd)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folder[i].wd == wd)
			return &s->folder[i];
	return NULL;
}

static void
take(struct static_files *s, const struct inotify_event *ev)
{
	const struct folder *f = folder_by_watch(s, ev->wd);
	char name[TFTP_NAME_SIZE];

	if ((ev->mask & IN_Q_OVERFLOW) != 0) {
		s->stale = true;
		return;
	}
	if (f == NULL || ev->len == 0)
		return;
	if ((ev->mask & IN_ISDIR) != 0) {
		if (folder_of(name, f->name, ev->name) &&
		    (ev->mask & IN_ATTRIB) == 0)
			s->stale = true;
		return;
	}
	if (!name_of(name, f->name, ev->name))
		return;
	s->fn(s->self,
	    (ev->mask & (IN_MOVED_FROM | IN_DELETE)) != 0 ? STATIC_GONE :
							    STATIC_FILE,
	    name);
}

void
static_files_poll(struct static_files *s)
{
	_Alignas(struct inotify_event) char buf[16384];
	struct err e = ERR_INIT;
	ssize_t n;

	while ((n = read(s->fd, buf, sizeof(buf))) > 0) {
		const struct inotify_event *ev;

		for (ssize_t at = 0; at < n;
		     at += (ssize_t)(sizeof(*ev) + ev->len)) {
			/* The kernel keeps them aligned. */
			ev = (const void *)(buf + at);
			take(s, ev);
		}
	}
	if (!s->stale)
		return;
	s->fn(s->self, STATIC_AGAIN, NULL);
	if (scan_all(s, &e) == 0) {
		s->complained = false;
		return;
	}
	/* Tried again whenever somebody asks. */
	if (!s->complained)
		log_error("files in tftp/ are not watched: %s", e.msg);
	s->complained = true;
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	static_files_poll(arg);
}

struct static_files *
static_files_new(struct event_base *base, const char *path, static_fn *fn,
    void *self, struct err *e)
{
	struct static_files *s;
	int fd;

	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd == -1) {
		(void)err_errno(e, "inotify");
		return NULL;
	}
	s = mem_alloc(sizeof(*s));
	s->path = mem_strdup(path);
	s->fn = fn;
	s->self = self;
	s->fd = fd;
	s->event = event_new(base, fd, EV_READ | EV_PERSIST, on_event, s);
	if (s->event == NULL || event_add(s->event, NULL) == -1)
		(void)err_set(e, ERR_INTERNAL, "no event for inotify");
	else if (scan_all(s, e) == 0)
		return s;
	static_files_free(s);
	return NULL;
}

void
static_files_free(struct static_files *s)
{
	if (s == NULL)
		return;
	if (s->event != NULL)
		event_free(s->event);
	(void)close(s->fd);
	free(s->folder);
	free(s->path);
	free(s);
}
