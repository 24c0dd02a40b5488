/*
 * A console without line editing: a pipe, a file, or the questions of a
 * single command (`ssh node 'set cert regen TVS'`).
 */
#ifndef SHELL_TERM_PLAIN_H
#define SHELL_TERM_PLAIN_H

#include "shell/console.h"
#include "shell/edit.h"
#include "shell/input.h"

struct term_plain {
	struct input in;
	struct edit ed;
	const struct command *const *table;
	struct console console;
};

/*
 * Read keys from in_fd and write to out_fd; echo shows what is read.
 * idle_ms as in struct input.  t must stay where it is.
 */
void term_plain_init(struct term_plain *t, int in_fd, int out_fd, bool echo,
    int64_t idle_ms);

/* An answer that did not come, as an error of term_ops. */
int term_plain_error(enum edit_event event, struct err *e);

/* Window size of a terminal; 24 × 80 when it is none or does not know. */
void term_plain_window(int fd, unsigned *rows, unsigned *cols);

#endif
