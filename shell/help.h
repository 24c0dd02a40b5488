/*
 * What is said about commands, all of it made from the table.
 */
#ifndef SHELL_HELP_H
#define SHELL_HELP_H

#include "base/err.h"
#include "base/out.h"
#include "commands/command.h"

/* "set cert regen unit [options]"; the caller frees it. */
char *help_usage(const struct command *cmd);

/* What `?` prints behind a complete command; the caller frees it. */
char *help_syntax(const struct command *cmd);

/*
 * `help WORDS`: the long help of the command, or the list of those whose
 * words begin so; words NULL or empty: all commands.  -1 with ERR_USAGE when
 * there is none.
 */
int help_print(const struct command *const *table, struct out *out,
    const char *words, struct err *e);

#endif
