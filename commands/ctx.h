/*
 * What a running command is given.  Nothing else is within its reach, so a
 * test can replace all of it.
 */
#ifndef COMMANDS_CTX_H
#define COMMANDS_CTX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/out.h"
#include "base/str.h"
#include "cluster/link.h"
#include "commands/command.h"
#include "commands/term.h"

/*
 * The seam to this node's agent: one request and its answer, as link_call().
 * *message (NULL: not wanted) gets the message of a result that was "done";
 * the caller frees it.
 */
struct cmd_agent {
	int (*call)(void *self, const struct link_request *rq,
	    const struct link_sink *sink, char **message, struct err *e);
	void *self;
};

/* What lasts from one command of a session to the next. */
struct cmd_session {
	bool pagination; /* off until `set cli pagination on` */
	bool leave; /* `exit` or `quit` */
	unsigned long commands; /* run so far, this one included */
};

struct cmd_ctx {
	struct out *out;
	struct term *term;
	const struct cmd_agent *agent;
	const struct nodeconf *conf; /* NULL: node.conf is not readable */
	const char *account; /* name of the uid */
	int level; /* CMD_LEVEL_… */
	struct cmd_session *session;
	/*
	 * Is the command to end: Ctrl-C, or the session's end?  For what waits
	 * by itself; see cmd_interrupted().
	 */
	bool (*interrupted)(void *self);
	void *interrupted_self;
	/* For `help`: print the help of the command these words name. */
	int (*help)(void *self, struct out *out, const char *words,
	    struct err *e);
	void *help_self;
};

/*
 * A request of the words given, NULL at the end, into *rq; release with
 * cmd_request_release().
 */
void cmd_request(struct link_request *rq, const char *const *words);
void cmd_request_release(struct link_request *rq);

/* One request without payload and secret. */
int cmd_call(const struct cmd_ctx *c, const char *const *words,
    const struct link_sink *sink, struct err *e);

/* A sink that prints TEXT frames as they come. */
void cmd_text_sink(struct link_sink *sink, struct out *out);

/*
 * Ask until the answer is yes or no (y and n will do).  0 with *yes, or -1
 * as term_ops.line.
 */
int cmd_confirm(const struct cmd_ctx *c, const char *prompt, bool *yes,
    struct err *e);

/*
 * True when a command that waits or works by itself is to return -1 with
 * ERR_CANCELLED.
 */
bool cmd_interrupted(const struct cmd_ctx *c);

/* True on the publisher; false when node.conf is not readable. */
bool cmd_on_publisher(const struct cmd_ctx *c);

#endif
