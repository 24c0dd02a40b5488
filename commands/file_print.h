/*
 * An open file to the output, from its position to its end, in a fixed
 * amount of memory; Ctrl-C ends it.
 */
#ifndef COMMANDS_FILE_PRINT_H
#define COMMANDS_FILE_PRINT_H

#include "base/err.h"
#include "commands/ctx.h"
#include "commands/regexp.h"

/*
 * Its lines, or with match (may be NULL) only those that match, each with
 * prefix and ':' in front (NULL: nothing).
 */
int file_print_lines(const struct cmd_ctx *c, int fd, const char *prefix,
    struct regexp *match, struct err *e);

/* In hexadecimal. */
int file_print_hex(const struct cmd_ctx *c, int fd, struct err *e);

#endif
