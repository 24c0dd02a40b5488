/*
 * What a service counts, for whoever asks: run/NAME.statistics, lines
 * "key value".  The first two are "pid" and "started", the others are the
 * service's own: a key of lower-case letters, digits, '_', '-' and '.', and
 * a decimal number.
 *
 * The file is replaced whole, but not synced: it is worth nothing after a
 * crash.  Its writer keeps it locked, flock(2), until the process ends,
 * however that happens.  So a file that is not locked was left behind, and
 * no process that has got the same number since can pass for the writer.
 */
#ifndef BASE_SERVICE_STATISTICS_H
#define BASE_SERVICE_STATISTICS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define SERVICE_STATISTICS_KEY_SIZE 48
#define SERVICE_STATISTICS_MAX 512 /* items of one service */

struct service_statistic {
	char key[SERVICE_STATISTICS_KEY_SIZE];
	uint64_t value;
};

struct service_statistics {
	pid_t pid;
	int64_t started; /* clock_boot() at the start of the process */
	struct service_statistic *item; /* owned, n of them, in order */
	size_t n;
};

/*
 * Give key this value, at the end if it is new.  A key that cannot stand in
 * the file, or one too many, is a BUG().
 */
void service_statistics_set(struct service_statistics *s, const char *key,
    uint64_t value);

/* The value of key, or NULL. */
const uint64_t *service_statistics_value(const struct service_statistics *s,
    const char *key);

/* Free the items; the struct is empty.  NULL-safe. */
void service_statistics_release(struct service_statistics *s);

/*
 * Replace run/NAME.statistics ("tftpd", "tvsd").  A process writes those of
 * one service, from one thread.  What is in the file already is not written
 * again, so this can be called whenever it may have changed.
 */
int service_statistics_write(const char *service,
    const struct service_statistics *s, struct err *e);

/* Remove the file that this process has written: it stops cleanly. */
int service_statistics_remove(const char *service, struct err *e);

/*
 * Read run/NAME.statistics.  ERR_NOT_FOUND: there is none.  ERR_STATE: the
 * process that wrote it runs no more.  ERR_FORMAT: broken.  To be released,
 * except after a failure.
 */
int service_statistics_read(const char *service, struct service_statistics *s,
    struct err *e);

#endif
