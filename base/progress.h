/*
 * Progress of long work.  The worker reports, it never prints: whoever
 * started the work hands in where reports go.  A report is also the one
 * point at which the work can be called off.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/err.h"

struct progress {
	/*
	 * Take a piece of the dialogue, literally, newlines included.
	 * Returns 0, or -1 to call the work off.  NULL: nobody listens.
	 */
	int (*text)(void *self, const char *text);
	void *self;
};

/*
 * Report formatted text.  0, or -1 with ERR_CANCELLED in e.  p may be NULL.
 */
int progress_printf(const struct progress *p, struct err *e, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

#endif
