/*
 * The small line editor: answers to questions, secrets, and commands where
 * there is no terminal.  (Commands on a terminal have readline.)
 */
#ifndef SHELL_EDIT_H
#define SHELL_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "commands/command.h"
#include "shell/input.h"

struct edit {
	struct input *in; /* borrowed */
	int out_fd;
	bool echo; /* show what is typed */
};

enum edit_event {
	EDIT_LINE, /* a whole line */
	EDIT_TOO_LONG, /* more than LEX_LINE_MAX bytes; the rest was dropped */
	EDIT_END, /* end of input, or Ctrl-D on an empty line */
	EDIT_INTERRUPT,
	EDIT_IDLE,
	EDIT_HANGUP
};

/*
 * Print the prompt and read a line.  With EDIT_LINE *line is the caller's,
 * without its end; NUL bytes in it have become 0x01, which no command
 * accepts.  table: complete on Tab and explain on `?`; NULL: they are
 * ordinary characters.
 */
enum edit_event edit_line(const struct edit *ed, const char *prompt,
    const struct command *const *table, char **line);

/* The same without any echo; wiped on the way. */
enum edit_event edit_secret(const struct edit *ed, const char *prompt,
    struct secret *out);

/* The same with a "*" for each character where there is an echo. */
enum edit_event edit_stars(const struct edit *ed, const char *prompt,
    struct secret *out);

/* Write all of s. */
void edit_write(int fd, const char *s, size_t n);

#endif
