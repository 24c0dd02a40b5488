#include "base/service_statistics.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/file_priv.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define FILE_SIZE_MAX ((size_t)64 * 1024)
#define TRIES_MAX 100 /* to read a file that is being replaced */

/* What this process has written last; locked through fd. */
static struct {
	int fd;
	struct wbuf text;
} written = { .fd = -1 };

static char *
path_of(char path[PATH_SIZE], const char *service)
{
	return paths_in(path, "run/%s.statistics", service);
}

/* --- the items --- */

static bool
key_is_good(const char *key)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
	size_t len = strlen(key);

	return len > 0 && len < SERVICE_STATISTICS_KEY_SIZE &&
	    strspn(key, good) == len && !str_equal(key, "pid") &&
	    !str_equal(key, "started");
}

static struct service_statistic *
find(const struct service_statistics *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++) {
		if (str_equal(s->item[i].key, key))
			return &s->item[i];
	}
	return NULL;
}

static void
add(struct service_statistics *s, const char *key, uint64_t value)
{
	struct service_statistic *item;

	s->item = mem_resize(s->item, s->n + 1, sizeof(*s->item));
	item = &s->item[s->n++];
	(void)str_copy(item->key, sizeof(item->key), key);
	item->value = value;
}

void
service_statistics_set(struct service_statistics *s, const char *key,
    uint64_t value)
{
	struct service_statistic *item = find(s, key);

	if (item != NULL) {
		item->value = value;
		return;
	}
	if (!key_is_good(key) || s->n == SERVICE_STATISTICS_MAX)
		BUG("no place for \"%s\" in the statistics", key);
	add(s, key, value);
}

const uint64_t *
service_statistics_value(const struct service_statistics *s, const char *key)
{
	const struct service_statistic *item = find(s, key);

	return item != NULL ? &item->value : NULL;
}

void
service_statistics_release(struct service_statistics *s)
{
	if (s == NULL)
		return;
	free(s->item);
	memset(s, 0, sizeof(*s));
}

/* --- writing --- */

/* Does the file under this name hold what was written last? */
static bool
still_there(const char *path)
{
	struct stat mine, now;

	return written.fd != -1 && fstat(written.fd, &mine) == 0 &&
	    lstat(path, &now) == 0 && mine.st_ino == now.st_ino &&
	    mine.st_dev == now.st_dev;
}

/* Remember what is in the file of fd, which is locked from now on. */
static void
keep(int fd, struct wbuf *text)
{
	if (written.fd != -1)
		(void)close(written.fd);
	wbuf_release(&written.text);
	written.fd = fd;
	written.text = *text;
	wbuf_init(text, 0);
}

/* Locked before it gets its name: nobody sees it unlocked. */
static int
replace(const char *path, struct wbuf *text, struct err *e)
{
	char *temporary;
	int fd, rc = -1;

	if (written.fd == -1)
		file_clean(path);
	temporary = file_open_temporary(path, &fd, e);
	if (temporary == NULL)
		return -1;
	if (fchmod(fd, 0644) == -1 ||
	    file_write_all(fd, text->data, text->len) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1)
		(void)err_errno(e, "write %s", path);
	else if (rename(temporary, path) == -1)
		(void)err_errno(e, "rename %s to %s", temporary, path);
	else
		rc = 0;
	if (rc == 0) {
		keep(fd, text);
	} else {
		(void)unlink(temporary);
		(void)close(fd);
	}
	free(temporary);
	return rc;
}

int
service_statistics_write(const char *service,
    const struct service_statistics *s, struct err *e)
{
	char path[PATH_SIZE];
	struct wbuf text;
	int rc = 0;

	path_of(path, service);
	wbuf_init(&text, 0);
	wbuf_printf(&text, "pid %lld\nstarted %lld\n", (long long)s->pid,
	    (long long)s->started);
	for (size_t i = 0; i < s->n; i++)
		wbuf_printf(&text, "%s %llu\n", s->item[i].key,
		    (unsigned long long)s->item[i].value);
	if (!still_there(path) || text.len != written.text.len ||
	    memcmp(text.data, written.text.data, text.len) != 0)
		rc = replace(path, &text, e);
	wbuf_release(&text);
	return rc;
}

int
service_statistics_remove(const char *service, struct err *e)
{
	char path[PATH_SIZE];
	int rc = 0;

	path_of(path, service);
	if (still_there(path) && unlink(path) == -1)
		rc = err_errno(e, "remove %s", path);
	if (written.fd != -1)
		(void)close(written.fd);
	wbuf_release(&written.text);
	written.fd = -1;
	return rc;
}

/* --- reading --- */

/*
 * Some of a file's bytes, with a NUL behind them.  More than FILE_SIZE_MAX
 * are too many.
 */
static char *
read_text(int fd, const char *path, struct err *e)
{
	char *text = mem_alloc(FILE_SIZE_MAX + 1);
	size_t n = 0;

	for (;;) {
		ssize_t r = read(fd, text + n, FILE_SIZE_MAX + 1 - n);

		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1) {
			(void)err_errno(e, "read %s", path);
			break;
		}
		n += (size_t)r;
		if (n > FILE_SIZE_MAX) {
			(void)err_set(e, ERR_TOO_BIG, "%s: more than %zu bytes",
			    path, FILE_SIZE_MAX);
			break;
		}
		if (r > 0)
			continue;
		if (strlen(text) == n)
			return text;
		(void)err_set(e, ERR_FORMAT, "%s: a NUL byte", path);
		break;
	}
	free(text);
	return NULL;
}

/* The next line's number behind a blank; its key is cut off there. */
static int
split_line(char **next, char **key, uint64_t *value)
{
	char *line = *next;
	char *end = strchr(line, '\n');
	char *blank = strchr(line, ' ');

	if (end == NULL || blank == NULL || blank > end)
		return -1;
	*end = '\0';
	*blank = '\0';
	*key = line;
	*next = end + 1;
	return str_number(blank + 1, 0, UINT64_MAX, value);
}

/* The two lines that every file begins with. */
static int
parse_head(char **next, struct service_statistics *s)
{
	uint64_t pid, started;
	char *key;

	if (split_line(next, &key, &pid) == -1 || !str_equal(key, "pid") ||
	    pid < 1 || pid > INT32_MAX)
		return -1;
	if (split_line(next, &key, &started) == -1 ||
	    !str_equal(key, "started") || started > INT64_MAX)
		return -1;
	s->pid = (pid_t)pid;
	s->started = (int64_t)started;
	return 0;
}

static int
parse(char *text, const char *path, struct service_statistics *s, struct err *e)
{
	char *next = text;
	uint64_t value;
	char *key;

	memset(s, 0, sizeof(*s));
	if (parse_head(&next, s) == -1)
		return err_set(e, ERR_FORMAT, "%s: no pid and start", path);
	while (*next != '\0') {
		if (split_line(&next, &key, &value) == -1 ||
		    !key_is_good(key) || s->n == SERVICE_STATISTICS_MAX ||
		    find(s, key) != NULL) {
			service_statistics_release(s);
			return err_set(e, ERR_FORMAT, "%s: a broken line",
			    path);
		}
		add(s, key, value);
	}
	return 0;
}

/*
 * 1: the file was replaced meanwhile; it is to be read again.  Else 0, or
 * -1 with ERR_STATE when nobody keeps it locked.
 */
static int
look_for_writer(int fd, const char *path, struct err *e)
{
	struct stat mine, now;

	if (flock(fd, LOCK_SH | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? 0 : err_errno(e, "lock %s", path);
	if (fstat(fd, &mine) == 0 && lstat(path, &now) == 0 &&
	    (mine.st_ino != now.st_ino || mine.st_dev != now.st_dev))
		return 1;
	return err_set(e, ERR_STATE, "%s: its writer runs no more", path);
}

/* As look_for_writer(); *text is to be freed after 0 only. */
static int
read_once(const char *path, char **text, struct err *e)
{
	int fd, rc = -1;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return err_errno(e, "%s", path);
	*text = read_text(fd, path, e);
	if (*text != NULL)
		rc = look_for_writer(fd, path, e);
	if (rc != 0) {
		free(*text);
		*text = NULL;
	}
	(void)close(fd);
	return rc;
}

int
service_statistics_read(const char *service, struct service_statistics *s,
    struct err *e)
{
	char path[PATH_SIZE];
	char *text = NULL;
	int rc = 1;

	path_of(path, service);
	for (unsigned i = 0; rc == 1 && i < TRIES_MAX; i++)
		rc = read_once(path, &text, e);
	if (rc == 1)
		return err_set(e, ERR_STATE, "%s: the file is changing", path);
	if (rc == -1 || text == NULL)
		return -1;
	rc = parse(text, path, s, e);
	free(text);
	return rc;
}
