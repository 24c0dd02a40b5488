/*
 * The human side of a session: questions and their answers.  Commands see
 * only this; the shell has the terminals (term_readline, term_plain), tests
 * have a list of answers.
 */
#ifndef COMMANDS_TERM_H
#define COMMANDS_TERM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

struct term_ops {
	/*
	 * Ask and read one line, without its end, into *line (owned by the
	 * caller).  -1 with ERR_CANCELLED at Ctrl-C, with ERR_STATE at the
	 * end of input or of the session.
	 */
	int (*line)(void *self, const char *prompt, char **line, struct err *e);
	/* The same without echo. */
	int (*secret)(void *self, const char *prompt, struct secret *out,
	    struct err *e);
	/* The same with one "*" shown for each character. */
	int (*stars)(void *self, const char *prompt, struct secret *out,
	    struct err *e);
	/* One key, raw; -1 at Ctrl-C, end of input or end of the session. */
	int (*key)(void *self);
	void (*size)(void *self, unsigned *rows, unsigned *cols);
};

struct term {
	const struct term_ops *ops;
	void *self;
	bool interactive; /* a real terminal: paging makes sense */
};

#endif
