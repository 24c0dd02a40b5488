/*
 * Which files there are below tftp/ for phones, and when one changes: the
 * folder and its folders of locales and backgrounds are watched (inotify).
 */
#ifndef SERVICES_STATIC_FILES_H
#define SERVICES_STATIC_FILES_H

#include "base/err.h"

struct event_base;
struct static_files;

enum static_event {
	STATIC_FILE, /* name is there: new, or changed */
	STATIC_GONE, /* name is there no more */
	STATIC_AGAIN /* forget all names; those that are there follow */
};

/*
 * Told of names relative to tftp/ that phones may ask for; of other files
 * nothing is said.  name is NULL for STATIC_AGAIN.
 */
typedef void static_fn(void *self, enum static_event event, const char *name);

/*
 * Watch the directory at path; base is lent.  fn is called for each file
 * before this returns, and from then on whenever something changes.  NULL
 * with e set.
 */
struct static_files *static_files_new(struct event_base *base, const char *path,
    static_fn *fn, void *self, struct err *e);

/* NULL-safe. */
void static_files_free(struct static_files *s);

/*
 * Tell what the kernel knows now: whoever has just changed a file and asks
 * for it gets the new one.
 */
void static_files_poll(struct static_files *s);

#endif
