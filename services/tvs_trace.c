#include "services/tvs_trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define ROOM (1024UL * 1024UL) /* for lines that wait to be written */
#define WRITE_MS 200 /* at most this long */
#define NAME_FORMAT "tvs%08lu.txt"
#define NAME_DIGITS 8
#define NUMBER_MAX 99999999UL
#define TIME_SIZE 16
#define PREFIX_SIZE 32 /* "15:21:01.954 | " */
#define LINE_SIZE 2048
#define MEGABYTE (1024UL * 1024UL)

/*
 * The time of lines.  The node's clock is a file that is looked at, so it is
 * asked once a second, and its text is made once a second.
 */
struct stamp {
	int64_t asked; /* clock_ticks() */
	struct timespec wall; /* at that moment */
	int64_t second; /* of the text; 0: none yet */
	char text[TIME_SIZE]; /* "HH:MM:SS" */
};

struct tvs_trace {
	char dir[PATH_SIZE];
	struct tvs_counters *counters;
	_Atomic int level;
	_Atomic unsigned files;
	_Atomic unsigned megabytes;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t some; /* there is something to write, or the end */
	char *waiting; /* ROOM bytes */
	size_t waiting_len;
	uint64_t lost; /* since the last line that said so */
	bool stop;
	struct stamp stamp;
	/* the thread's own */
	char *writing; /* ROOM bytes */
	int fd; /* -1: none */
	unsigned long number; /* of the file */
	size_t size; /* of the file */
	bool failing; /* logged already */
};

static const struct {
	const char *name; /* of the setting */
	const char *word; /* in lines */
} levels[] = {
	[TVS_TRACE_OFF] = { "Off", "" },
	[TVS_TRACE_ERROR] = { "Error", "error" },
	[TVS_TRACE_SIGNIFICANT] = { "Significant", "info" },
	[TVS_TRACE_DETAILED] = { "Detailed", "debug" },
};

#define LEVEL_COUNT (sizeof(levels) / sizeof(levels[0]))

int
tvs_trace_setting(struct tvs_trace_settings *s, const char *param,
    const char *value)
{
	uint64_t n;

	if (str_equal(param, TVS_TRACE_PARAM_LEVEL)) {
		size_t i;

		for (i = 0; i < LEVEL_COUNT; i++) {
			if (!str_equal(levels[i].name, value))
				continue;
			s->level = (enum tvs_trace_level)i;
			return 0;
		}
		return -1;
	}
	if (str_equal(param, TVS_TRACE_PARAM_FILES) &&
	    str_number(value, 1, TVS_TRACE_FILES_MAX, &n) == 0) {
		s->files = (unsigned)n;
		return 0;
	}
	if (str_equal(param, TVS_TRACE_PARAM_MB) &&
	    str_number(value, 1, TVS_TRACE_MB_MAX, &n) == 0) {
		s->megabytes = (unsigned)n;
		return 0;
	}
	return -1;
}

/* --- files: the thread's ------------------------------------------------- */

static void
file_path(const struct tvs_trace *t, unsigned long number, char dst[PATH_SIZE])
{
	int dir = (int)strlen(t->dir);

	if (str_printf(dst, PATH_SIZE, "%.*s/" NAME_FORMAT, dir, t->dir,
		number) == -1)
		BUG("a long path: %s", t->dir);
}

/* The number in the name of a trace file, or 0. */
static unsigned long
number_of(const char *name)
{
	unsigned long n = 0;
	size_t i;

	if (!str_starts(name, "tvs") || strlen(name) != NAME_DIGITS + 7 ||
	    !str_ends(name, ".txt"))
		return 0;
	for (i = 0; i < NAME_DIGITS; i++) {
		const char c = name[3 + i];

		if (c < '0' || c > '9')
			return 0;
		n = n * 10 + (unsigned long)(c - '0');
	}
	return n;
}

/*
 * The newest number, 0 if there is none; with below > 0 files with lower
 * numbers are removed.
 */
static int
scan(const struct tvs_trace *t, unsigned long below, unsigned long *newest,
    struct err *e)
{
	const struct dirent *de;
	DIR *d = opendir(t->dir);

	*newest = 0;
	if (d == NULL)
		return err_errno(e, "%s", t->dir);
	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((de = readdir(d)) != NULL) {
		const unsigned long n = number_of(de->d_name);

		if (n > *newest)
			*newest = n;
		if (n > 0 && n < below)
			(void)unlinkat(dirfd(d), de->d_name, 0);
	}
	(void)closedir(d);
	return 0;
}

static int
open_file(struct tvs_trace *t, struct err *e)
{
	char path[PATH_SIZE];
	struct stat st;

	file_path(t, t->number, path);
	t->fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (t->fd == -1)
		return err_errno(e, "%s", path);
	t->size = fstat(t->fd, &st) == 0 ? (size_t)st.st_size : 0;
	return 0;
}

/* The next file, and an end to the ones that are too old then. */
static int
next_file(struct tvs_trace *t, struct err *e)
{
	const unsigned keep = atomic_load(&t->files);
	unsigned long newest;

	(void)close(t->fd);
	t->fd = -1;
	t->number = t->number >= NUMBER_MAX ? 1 : t->number + 1;
	if (open_file(t, e) == -1)
		return -1;
	return t->number > keep ? scan(t, t->number - keep + 1, &newest, e) : 0;
}

/* Whole lines only, so that none is torn between two files. */
static size_t
lines_that_fit(const char *p, size_t len, size_t room)
{
	if (len <= room)
		return len;
	while (room > 0 && p[room - 1] != '\n')
		room--;
	return room;
}

static int
write_some(struct tvs_trace *t, const char *p, size_t len, struct err *e)
{
	while (len > 0) {
		ssize_t n = write(t->fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "%s", t->dir);
		t->size += (size_t)n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_lines(struct tvs_trace *t, const char *p, size_t len, struct err *e)
{
	const size_t max = atomic_load(&t->megabytes) * MEGABYTE;

	if (t->fd == -1 && open_file(t, e) == -1)
		return -1;
	while (len > 0) {
		const size_t room = t->size < max ? max - t->size : 0;
		const size_t n = lines_that_fit(p, len, room);

		if (n == 0 && next_file(t, e) == -1)
			return -1;
		if (write_some(t, p, n, e) == -1)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

static void
lose(struct tvs_trace *t, uint64_t n)
{
	uint64_t i;

	t->lost += n;
	for (i = 0; i < n; i++)
		tvs_count(t->counters, TVS_COUNT_TRACE_LOST);
}

static uint64_t
count_lines(const char *p, size_t len)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < len; i++)
		n += p[i] == '\n';
	return n;
}

/* What waits goes to the file.  With the lock held, but for the writing. */
static void
flush(struct tvs_trace *t)
{
	const size_t len = t->waiting_len;
	char *lines = t->waiting;
	struct err e = ERR_INIT;
	int rc;

	t->waiting = t->writing;
	t->writing = lines;
	t->waiting_len = 0;
	(void)pthread_mutex_unlock(&t->mutex);
	rc = write_lines(t, lines, len, &e);
	if (rc == -1 && !t->failing)
		log_error("trace: %s", e.msg);
	t->failing = rc == -1;
	(void)pthread_mutex_lock(&t->mutex);
	if (rc == -1)
		lose(t, count_lines(lines, len));
}

static void
soon(struct timespec *ts)
{
	if (clock_gettime(CLOCK_MONOTONIC, ts) == -1)
		BUG("clock");
	ts->tv_nsec += WRITE_MS * 1000000L;
	if (ts->tv_nsec >= 1000000000) {
		ts->tv_sec++;
		ts->tv_nsec -= 1000000000;
	}
}

/* Lines are gathered for a while: a file is written a few times a second. */
static void *
run(void *arg)
{
	struct tvs_trace *t = arg;
	struct timespec until;
	int rc;

	(void)pthread_mutex_lock(&t->mutex);
	while (!t->stop || t->waiting_len > 0) {
		if (t->waiting_len == 0) {
			(void)pthread_cond_wait(&t->some, &t->mutex);
			continue;
		}
		soon(&until);
		for (rc = 0; !t->stop && t->waiting_len < ROOM / 2 && rc == 0;)
			rc =
			    pthread_cond_timedwait(&t->some, &t->mutex, &until);
		flush(t);
	}
	(void)pthread_mutex_unlock(&t->mutex);
	return NULL;
}

/* --- lines --------------------------------------------------------------- */

bool
tvs_trace_wants(const struct tvs_trace *t, enum tvs_trace_level level)
{
	return level != TVS_TRACE_OFF && (int)level <= atomic_load(&t->level);
}

void
tvs_trace_begin(struct tvs_trace_lines *l)
{
	l->len = 0;
	l->lines = 0;
	l->lost = 0;
}

/* "HH:MM:SS.mmm | " in the zone of the node. */
static void
prefix(struct stamp *s, char dst[PREFIX_SIZE])
{
	const int64_t now = clock_ticks();
	int64_t ms, second;

	if (s->second == 0 || now - s->asked >= 1000) {
		clock_wall_ts(&s->wall);
		s->asked = now;
	}
	ms = s->wall.tv_nsec / 1000000 + (now - s->asked);
	second = s->wall.tv_sec + ms / 1000;
	if (second != s->second) {
		clock_strftime(s->text, sizeof(s->text), "%H:%M:%S", second);
		s->second = second;
	}
	(void)str_printf(dst, PREFIX_SIZE, "%.8s.%03u | ", s->text,
	    (unsigned)(ms % 1000));
}

static void add_line(struct tvs_trace_lines *l, enum tvs_trace_level level,
    const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

static void
add_line(struct tvs_trace_lines *l, enum tvs_trace_level level, const char *fmt,
    va_list ap)
{
	const size_t room = sizeof(l->text) - l->len;
	char text[LINE_SIZE], visible[LINE_SIZE];
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	size_t word = strlen(levels[level].word), len;
	char *at = l->text + l->len;

	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = (int)sizeof(text) - 1;
	len = strlen(str_visible(visible, sizeof(visible), text, (size_t)n));
	if (word + 1 + len + 1 > room) {
		l->lost++;
		return;
	}
	memcpy(at, levels[level].word, word);
	at[word] = ' ';
	memcpy(at + word + 1, visible, len);
	at[word + 1 + len] = '\n';
	l->len += word + 1 + len + 1;
	l->lines++;
}

void
tvs_trace_add(const struct tvs_trace *t, struct tvs_trace_lines *l,
    enum tvs_trace_level level, const char *fmt, ...)
{
	va_list ap;

	if (!tvs_trace_wants(t, level))
		return;
	va_start(ap, fmt);
	add_line(l, level, fmt, ap);
	va_end(ap);
}

/* One line.  With the lock held, and room for it. */
static void
append(struct tvs_trace *t, const char *before, const char *line, size_t len)
{
	const size_t n = strlen(before);

	memcpy(t->waiting + t->waiting_len, before, n);
	memcpy(t->waiting + t->waiting_len + n, line, len);
	t->waiting_len += n + len;
}

/* Is there room for so many lines of len bytes together? */
static bool
has_room(const struct tvs_trace *t, uint64_t lines, size_t len)
{
	return lines * PREFIX_SIZE + len <= ROOM - t->waiting_len;
}

/* That lines are missing is said before the next ones.  With the lock held. */
static void
append_lost(struct tvs_trace *t, const char *before)
{
	char line[LINE_SIZE];

	(void)str_printf(line, sizeof(line),
	    "error %llu lines of the trace are lost\n",
	    (unsigned long long)t->lost);
	if (!has_room(t, 2, strlen(line) + TVS_TRACE_LINES_SIZE))
		return;
	append(t, before, line, strlen(line));
	t->lost = 0;
}

static void
append_lines(struct tvs_trace *t, const char *before,
    const struct tvs_trace_lines *l)
{
	const char *const end = l->text + l->len;
	const char *at = l->text, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		append(t, before, at, (size_t)(newline + 1 - at));
		at = newline + 1;
	}
}

void
tvs_trace_put(struct tvs_trace *t, const struct tvs_trace_lines *l)
{
	char before[PREFIX_SIZE];

	if (l->lines == 0 && l->lost == 0)
		return;
	(void)pthread_mutex_lock(&t->mutex);
	if (t->waiting_len == 0)
		(void)pthread_cond_signal(&t->some);
	prefix(&t->stamp, before);
	if (l->lost > 0)
		lose(t, l->lost);
	if (t->lost > 0)
		append_lost(t, before);
	if (has_room(t, l->lines, l->len))
		append_lines(t, before, l);
	else
		lose(t, l->lines);
	if (t->waiting_len >= ROOM / 2)
		(void)pthread_cond_signal(&t->some);
	(void)pthread_mutex_unlock(&t->mutex);
}

void
tvs_trace_line(struct tvs_trace *t, enum tvs_trace_level level, const char *fmt,
    ...)
{
	struct tvs_trace_lines l;
	va_list ap;

	if (!tvs_trace_wants(t, level))
		return;
	tvs_trace_begin(&l);
	va_start(ap, fmt);
	add_line(&l, level, fmt, ap);
	va_end(ap);
	tvs_trace_put(t, &l);
}

/* --- begin and end ------------------------------------------------------- */

void
tvs_trace_set(struct tvs_trace *t, const struct tvs_trace_settings *settings)
{
	atomic_store(&t->level, (int)settings->level);
	atomic_store(&t->files, settings->files);
	atomic_store(&t->megabytes, settings->megabytes);
}

static void
destroy(struct tvs_trace *t)
{
	if (t->fd != -1)
		(void)close(t->fd);
	(void)pthread_cond_destroy(&t->some);
	(void)pthread_mutex_destroy(&t->mutex);
	free(t->waiting);
	free(t->writing);
	free(t);
}

static void
init_locks(struct tvs_trace *t)
{
	pthread_condattr_t attr;

	if (pthread_mutex_init(&t->mutex, NULL) != 0 ||
	    pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&t->some, &attr) != 0)
		BUG("locks");
	(void)pthread_condattr_destroy(&attr);
}

static int
start_thread(struct tvs_trace *t, struct err *e)
{
	sigset_t all, before;
	int error;

	/* Signals are for the thread that waits for them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&t->thread, NULL, run, t);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return 0;
	errno = error;
	return err_errno(e, "a thread for the trace");
}

struct tvs_trace *
tvs_trace_new(const char *dir, const struct tvs_trace_settings *settings,
    struct tvs_counters *counters, struct err *e)
{
	struct tvs_trace *t = mem_alloc(sizeof(*t));

	t->fd = -1;
	t->counters = counters;
	t->waiting = mem_alloc(ROOM);
	t->writing = mem_alloc(ROOM);
	init_locks(t);
	tvs_trace_set(t, settings);
	if (str_copy(t->dir, sizeof(t->dir), dir) == -1) {
		(void)err_set(e, ERR_TOO_BIG, "%s: too long", dir);
		destroy(t);
		return NULL;
	}
	if (scan(t, 0, &t->number, e) == 0) {
		t->number = t->number == 0 ? 1 : t->number;
		if (open_file(t, e) == 0 && start_thread(t, e) == 0)
			return t;
	}
	destroy(t);
	return NULL;
}

void
tvs_trace_free(struct tvs_trace *t)
{
	if (t == NULL)
		return;
	(void)pthread_mutex_lock(&t->mutex);
	t->stop = true;
	(void)pthread_cond_signal(&t->some);
	(void)pthread_mutex_unlock(&t->mutex);
	(void)pthread_join(t->thread, NULL);
	destroy(t);
}
