/*
 * What the keys Tab and `?` do to a line.  Pure: the terminal prints and
 * inserts.
 */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/command.h"

struct completion {
	char *insert; /* to be put in at the cursor; "" for nothing */
	char *text; /* to be printed; "" for nothing */
	bool behind; /* text belongs right behind the line, not below it */
	bool literal; /* the key is an ordinary character here */
};

/*
 * len bytes of line stand before the cursor.  The caller releases *c with
 * completion_release().  Printed text ends in a newline and is followed by
 * the prompt and the line once more.
 */
void complete_tab(const struct command *const *table, const char *line,
    size_t len, struct completion *c);
void complete_question(const struct command *const *table, const char *line,
    size_t len, struct completion *c);

void completion_release(struct completion *c);

#endif
