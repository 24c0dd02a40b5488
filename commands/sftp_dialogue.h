/*
 * The questions about a server outside the cluster and what is said while
 * files go there or come from there (cli-reference 5 and 8.1).
 *
 * An unknown host key is asked about and then kept by the agent; another key
 * than the known one ends the command.  Each failure is one line that names
 * the host and the reason, in e.
 */
#ifndef COMMANDS_SFTP_DIALOGUE_H
#define COMMANDS_SFTP_DIALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "commands/ctx.h"
#include "commands/file_source.h"

/*
 * The second half of `file get`: from "SFTP server IP: " to the lines
 * "Downloading file: ".  Directories in front of the files' names are made
 * below the download directory.  A file appears under its name whole or not
 * at all; one that is there already is replaced.
 *
 * A recovery key is read back and compared.  Then the agent is told by
 * `recovery saved`; when the server does not let that be done, a line says
 * so and the agent is not told.
 *
 * A file of several that cannot be opened is left out (file_source.h).
 *
 * 0, or -1 with e: nothing is left of the file under way, unless a line says
 * so.
 */
int sftp_dialogue_put(const struct cmd_ctx *c, const struct file_batch *batch,
    struct err *e);

/* A small file on a server. */
struct sftp_fetch {
	const char *host; /* name or address, or [name]:port */
	const char *user;
	const char *path;
	size_t max; /* bytes; more is ERR_TOO_BIG */
};

/*
 * Fetch it: asks "Enter Sftp password :" without echo and, for a server that
 * is not known, whether its key is the right one.  Free *data, which has one
 * NUL more than *len, with mem_free_wiped().
 */
int sftp_dialogue_fetch(const struct cmd_ctx *c, const struct sftp_fetch *f,
    uint8_t **data, size_t *len, struct err *e);

#endif
