/*
 * The line-count pager of `file view` (cli-reference 3, pager B): pages of 20
 * lines, forwards and backwards, through a file of any size.  It needs a
 * fixed amount of memory: of the pages' beginnings it keeps some, evenly
 * spread, and counts lines from the nearest one.
 */
#ifndef COMMANDS_FILE_PAGER_H
#define COMMANDS_FILE_PAGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "commands/ctx.h"

#define FILE_PAGER_LINES 20
#define FILE_PAGER_MARKS 4096 /* beginnings that are kept */

/*
 * Show the open regular file fd until `q`.  0, or -1 with ERR_CANCELLED at
 * Ctrl-C or another error.
 */
int file_pager_run(const struct cmd_ctx *c, int fd, struct err *e);

#endif
