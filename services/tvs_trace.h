/*
 * The trace of TVS, for people who look for the reason why a phone does not
 * trust something: files tvs00000001.txt and so on in one directory, each of
 * a limited size, the oldest removed.  Lines look like
 *
 *   15:21:01.954 | debug 14.48.44.202: tvsSSLHandShake Session ciphers - …
 *
 * Whoever traces never waits for the disk: a thread writes.  Lines for which
 * it has no room left are counted, and how many were lost is a line, too.
 */
#ifndef SERVICES_TVS_TRACE_H
#define SERVICES_TVS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tvs_counters.h"

#define TVS_TRACE_FILES 20
#define TVS_TRACE_FILES_MAX 1000
#define TVS_TRACE_MB 1
#define TVS_TRACE_MB_MAX 100
#define TVS_TRACE_LINES_SIZE 4096

/* Enterprise parameters; a value that is none of these changes nothing. */
#define TVS_TRACE_PARAM_LEVEL "TVS Trace Level"
#define TVS_TRACE_PARAM_FILES "TVS Trace Files"
#define TVS_TRACE_PARAM_MB "TVS Trace File Size"

enum tvs_trace_level {
	TVS_TRACE_OFF, /* "Off" */
	TVS_TRACE_ERROR, /* "Error": what went wrong */
	TVS_TRACE_SIGNIFICANT, /* "Significant": and what was refused */
	TVS_TRACE_DETAILED /* "Detailed": and everything else */
};

struct tvs_trace_settings {
	enum tvs_trace_level level;
	unsigned files; /* kept at most, 1 or more */
	unsigned megabytes; /* of one file */
};

#define TVS_TRACE_DEFAULTS                                             \
	{                                                              \
		.level = TVS_TRACE_DETAILED, .files = TVS_TRACE_FILES, \
		.megabytes = TVS_TRACE_MB                              \
	}

struct tvs_trace;

/* Lines that stay together, without their time. */
struct tvs_trace_lines {
	size_t len; /* of text */
	unsigned lines; /* in it */
	unsigned lost; /* lines there was no room for */
	char text[TVS_TRACE_LINES_SIZE];
};

/* No lines yet.  The room for their text is left as it is. */
void tvs_trace_begin(struct tvs_trace_lines *l);

/*
 * Go on in the newest file of dir, which exists.  counters is lent.  NULL on
 * failure.
 */
struct tvs_trace *tvs_trace_new(const char *dir,
    const struct tvs_trace_settings *settings, struct tvs_counters *counters,
    struct err *e);

/* Write what is there and end the thread.  NULL-safe. */
void tvs_trace_free(struct tvs_trace *t);

/* Other settings from the next line on.  From any thread, as all below. */
void tvs_trace_set(struct tvs_trace *t,
    const struct tvs_trace_settings *settings);

/* The value of one of the three parameters.  -1: none that it can have. */
int tvs_trace_setting(struct tvs_trace_settings *s, const char *param,
    const char *value);

/* Would a line of this level be written? */
bool tvs_trace_wants(const struct tvs_trace *t, enum tvs_trace_level level);

/*
 * Add a line to l: level and text, in which everything that does not print is
 * made visible.  Nothing happens when the level is not wanted.
 */
void tvs_trace_add(const struct tvs_trace *t, struct tvs_trace_lines *l,
    enum tvs_trace_level level, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Hand the lines over to the thread; their time is now. */
void tvs_trace_put(struct tvs_trace *t, const struct tvs_trace_lines *l);

/* One line alone. */
void tvs_trace_line(struct tvs_trace *t, enum tvs_trace_level level,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
