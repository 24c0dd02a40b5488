/*
 * What was written from templates: the file etc/rendered, by which a file
 * that was changed by hand is told from one of an earlier version.
 *
 *	# /usr/share/ucmsh
 *	SHA256  /var/lib/ucmsh/etc/sshd_config
 *
 * is the directory of the templates and, for each file, what sha256sum(1)
 * prints of it and checks.
 */
#ifndef NODE_RENDERED_H
#define NODE_RENDERED_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/paths.h"

struct rendered {
	char templates[PATH_SIZE]; /* "" when nothing is known */
	char *text; /* the whole file; owned */
};

/* A file that is missing is no error: nothing is known. */
int rendered_load(struct rendered *r, struct err *e);
void rendered_release(struct rendered *r);

/* Was the file last written with this SHA-256 (lower-case hex)? */
bool rendered_is(const struct rendered *r, const char *path, const char *hex);

/* The lines of a new one, and write it. */
void rendered_begin(struct wbuf *w, const char *templates);
void rendered_add(struct wbuf *w, const char *path, const char *hex);
int rendered_save(const struct wbuf *w, struct err *e);

#endif
