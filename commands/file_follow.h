/*
 * The end of a file and what is appended to it, line by line.  When the file
 * is replaced by another of its name (rotation) or is emptied, the new one
 * is followed.
 */
#ifndef COMMANDS_FILE_FOLLOW_H
#define COMMANDS_FILE_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fileroot.h"
#include "commands/ctx.h"
#include "commands/regexp.h"

struct file_follow {
	const struct fileroot *root;
	const char *path; /* below the root */
	uint64_t lines; /* how many of those there are come first */
	bool hex; /* print in hexadecimal */
	struct regexp *match; /* only lines that match; NULL: all */
};

/*
 * Print until Ctrl-C or the end of the session, which is ERR_CANCELLED.
 * Always returns -1, or 0 when nobody reads the output any more.
 */
int file_follow_run(const struct cmd_ctx *c, const struct file_follow *f,
    struct err *e);

#endif
