/*
 * One command on a server: bytes to its standard input, its standard output
 * to a callback as it comes, its standard error kept for the message.
 */
#ifndef SFTP_REMOTE_EXEC_H
#define SFTP_REMOTE_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sftp/session.h"

#define REMOTE_ERRORS_MAX 512 /* bytes of standard error that are kept */
#define REMOTE_COMPLETE 1 /* see remote_ask() */

struct remote_command {
	const char *command; /* as the server gets it */
	const void *input; /* for its standard input, then end of file */
	size_t input_len;

	/*
	 * Takes standard output.  Nonzero: no more is wanted; the channel is
	 * closed and remote_exec() returns -1 with ERR_CANCELLED.  NULL:
	 * output is thrown away.
	 */
	int (*output)(void *self, const void *p, size_t n);
	void *self;
};

struct remote_result {
	int status; /* exit status of the command */
	char errors[REMOTE_ERRORS_MAX * 4 + 1]; /* standard error, visible */
};

/*
 * Run c on a fresh channel of s; several commands may follow each other on
 * one session.  deadline_ticks is a time of clock_ticks(); 0: as long as it
 * takes (a server that has died is noticed all the same).
 *
 * 0 when the command ended by itself, whatever its status, which is in *r.
 * -1 with ERR_TIMEOUT, ERR_UNREACHABLE (connection lost), ERR_DENIED (the
 * server refuses the command), ERR_CANCELLED (see output) or ERR_IO (ended
 * without an exit status: killed by a signal); r->errors is valid then too.
 * After ERR_TIMEOUT and ERR_UNREACHABLE the session can only be closed.
 * r may be NULL.
 */
int remote_exec(struct session *s, const struct remote_command *c,
    int64_t deadline_ticks, struct remote_result *r, struct err *e);

/*
 * A command that is asked several times: each time some input, without an
 * end of file, and the output that answers it.
 */
struct remote;

/*
 * Run command on a fresh channel of s.  Free with remote_end(), before
 * session_close().  NULL with the codes of remote_exec().
 */
struct remote *remote_start(struct session *s, const char *command,
    int64_t deadline_ticks, struct err *e);

/*
 * Send c->input (c->command is not looked at) and hand on the output until
 * c->output returns REMOTE_COMPLETE: 0, and result->status is -1.  Also 0
 * when the command ends before, result->status being its exit status then;
 * errors are those of remote_exec().  In both cases only remote_end() is left.
 */
int remote_ask(struct remote *r, const struct remote_command *c,
    int64_t deadline_ticks, struct remote_result *result, struct err *e);

/*
 * Between two questions: take in what the server has sent meanwhile, without
 * waiting; it may ask whether anybody is still here.  True while the command
 * runs and has said nothing more; else only remote_end() is left.
 */
bool remote_is_quiet(struct remote *r);

/* The command sees the end of its input.  NULL-safe. */
void remote_end(struct remote *r);

#endif
