#include "base/clock.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "base/paths.h"

struct offsets {
	int64_t clock; /* of the wall clock only */
	int64_t age; /* of wall clock and boot time */
};

/*
 * What etc/node.conf said last and which file that was.  One node has one
 * clock, so this is the program's, under its lock.
 */
static struct {
	pthread_mutex_t lock;
	bool known;
	struct stat file;
	struct offsets offsets;
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * The offsets of now.  A file that cannot be read or understood changes
 * nothing: somebody may be in the middle of editing it.
 */
static struct offsets
offsets_now(void)
{
	char path[PATH_SIZE];
	struct offsets now;
	struct nodeconf conf;
	struct stat st;

	paths_in(path, "etc/node.conf");
	(void)pthread_mutex_lock(&cache.lock);
	if (stat(path, &st) == -1) {
		cache.known = false;
		memset(&cache.offsets, 0, sizeof(cache.offsets));
	} else if (!cache.known || !same_file(&st, &cache.file)) {
		cache.known = true;
		cache.file = st;
		if (nodeconf_load(&conf, path, NULL) == 0) {
			cache.offsets.clock = conf.clock_offset;
			cache.offsets.age = conf.age_offset;
		}
	}
	now = cache.offsets;
	(void)pthread_mutex_unlock(&cache.lock);
	return now;
}

void
clock_wall_ts(struct timespec *ts)
{
	struct offsets off = offsets_now();

	if (clock_gettime(CLOCK_REALTIME, ts) == -1)
		BUG("CLOCK_REALTIME");
	ts->tv_sec += off.clock + off.age;
}

int64_t
clock_wall(void)
{
	struct timespec ts;

	clock_wall_ts(&ts);
	return ts.tv_sec;
}

int64_t
clock_boot(void)
{
	struct offsets off = offsets_now();
	struct timespec ts;

	if (clock_gettime(CLOCK_BOOTTIME, &ts) == -1)
		BUG("CLOCK_BOOTTIME");
	return ts.tv_sec + off.age;
}

int64_t
clock_ticks(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		BUG("CLOCK_MONOTONIC");
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_nap(int64_t ms)
{
	const struct timespec t = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000 * 1000000) };

	(void)nanosleep(&t, NULL);
}

void
clock_boot_id(char id[CLOCK_BOOT_ID_SIZE])
{
	ssize_t n = -1;
	int fd;

	id[0] = '\0';
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	n = read(fd, id, CLOCK_BOOT_ID_SIZE - 1);
	(void)close(fd);
	id[n == CLOCK_BOOT_ID_SIZE - 1 ? n : 0] = '\0';
}

/* Month and day names do not follow a session's locale. */
static locale_t plain_locale;
static pthread_once_t plain_once = PTHREAD_ONCE_INIT;

static void
make_plain_locale(void)
{
	plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (plain_locale == (locale_t)0)
		BUG("no C locale");
}

static void
format_tm(char *dst, size_t size, const char *form, const struct tm *tm)
{
	if (size == 0)
		BUG("time into no bytes");
	(void)pthread_once(&plain_once, make_plain_locale);
	if (strftime_l(dst, size, form, tm, plain_locale) == 0)
		dst[0] = '\0';
}

void
clock_strftime(char *dst, size_t size, const char *form, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;

	tzset();
	if (localtime_r(&when, &tm) == NULL)
		BUG("time %lld", (long long)t);
	format_tm(dst, size, form, &tm);
}

void
clock_strftime_utc(char *dst, size_t size, const char *form, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL)
		BUG("time %lld", (long long)t);
	format_tm(dst, size, form, &tm);
}

void
clock_format(char *dst, size_t size, int64_t t)
{
	clock_strftime(dst, size, "%a %b %d %H:%M:%S %Z %Y", t);
}
