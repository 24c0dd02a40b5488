/*
 * Stands in for services/file_finder.h: included by one file of a test
 * program, which then does not link the real one.  Files are bytes in memory;
 * names that begin with "later" are looked for until the test says what came
 * of it, "busy.xml" cannot be read now and "link.xml" never may be.
 */
#ifndef FAKES_FILE_FINDER_H
#define FAKES_FILE_FINDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/file_finder.h"
#include "services/tftp_files.h"

#define FINDER_FILES_MAX 4 /* less one */

struct file_finder {
	struct {
		const char *name;
		uint8_t *data; /* owned */
		size_t len;
	} file[FINDER_FILES_MAX];
	struct finder_wait *waiting; /* the last to come first */
	unsigned asked;
	unsigned cancelled;
};

struct finder_wait {
	struct finder_wait *next;
	struct file_finder *finder;
	finder_fn *fn;
	void *self;
};

static void
finder_say(const struct file_finder *finder, const char *name, finder_fn *fn,
    void *self)
{
	struct err why = ERR_INIT;
	size_t i;

	for (i = 0; i < FINDER_FILES_MAX && finder->file[i].name != NULL; i++) {
		if (str_equal(finder->file[i].name, name)) {
			fn(self, FINDER_FOUND,
			    tftp_file_new(mem_dup(finder->file[i].data,
					      finder->file[i].len),
				finder->file[i].len),
			    NULL);
			return;
		}
	}
	if (str_equal(name, "busy.xml")) {
		(void)err_set(&why, ERR_IO, "busy.xml: it keeps changing");
		fn(self, FINDER_BUSY, NULL, &why);
	} else if (str_equal(name, "link.xml")) {
		(void)err_set(&why, ERR_DENIED, "link.xml: not a regular file");
		fn(self, FINDER_BUSY, NULL, &why);
	} else {
		fn(self, FINDER_MISSING, NULL, NULL);
	}
}

struct finder_wait *
file_finder_ask(struct file_finder *f, const char *request, bool forwarded,
    finder_fn *fn, void *self)
{
	struct finder_wait *w;

	assert_false(forwarded);
	f->asked++;
	if (!str_starts(request, "later")) {
		finder_say(f, request, fn, self);
		return NULL;
	}
	w = mem_alloc(sizeof(*w));
	w->next = f->waiting;
	w->finder = f;
	w->fn = fn;
	w->self = self;
	f->waiting = w;
	return w;
}

void
finder_wait_cancel(struct finder_wait *w)
{
	struct finder_wait **at = &w->finder->waiting;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	w->finder->cancelled++;
	free(w);
}

/* The search for the one that came last has found this file, or none. */
static void
finder_tell(struct file_finder *f, const char *name)
{
	struct finder_wait *w = f->waiting;

	assert_non_null(w);
	f->waiting = w->next;
	finder_say(f, name, w->fn, w->self);
	free(w);
}

/* The name is lent; the bytes are copied. */
static void
finder_put(struct file_finder *f, const char *name, const void *data,
    size_t len)
{
	size_t i;

	for (i = 0; f->file[i].name != NULL; i++) {
		if (str_equal(f->file[i].name, name))
			break;
	}
	assert_true(i < FINDER_FILES_MAX);
	free(f->file[i].data);
	f->file[i].name = name;
	f->file[i].data = mem_dup(data, len);
	f->file[i].len = len;
}

/* At the end, when nothing may wait any more. */
static void
finder_release(struct file_finder *f)
{
	size_t i;

	assert_null(f->waiting);
	for (i = 0; i < FINDER_FILES_MAX; i++)
		free(f->file[i].data);
}

#endif
