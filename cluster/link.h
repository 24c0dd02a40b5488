/*
 * A link to an agent: this node's by its Unix socket, another node's by SSH
 * to its account ucmnode, where `ucm-node peer` is the only thing that runs.
 * Both carry the same requests (doc/AGENT.protocol).
 *
 * A link belongs to one thread at a time.  Losing a link, or closing it,
 * does not stop the job it asked for.
 */
#ifndef CLUSTER_LINK_H
#define CLUSTER_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct roster_node;
struct link;

/* All borrowed for the time of the call. */
struct link_request {
	struct strlist words; /* the verb and its arguments */
	const void *payload; /* NULL: none */
	size_t payload_len;
	const struct secret *secret; /* NULL: none; local links only */
};

/*
 * Where the answer goes, in the order it comes.  Each function may be NULL:
 * such frames are skipped.  A nonzero return stops listening, not the job:
 * link_call() returns -1 with ERR_CANCELLED.  What comes is the other
 * side's text as it is: whoever prints columns makes them visible first.
 */
struct link_sink {
	int (*text)(void *self, const char *text, size_t n); /* not a string */
	int (*row)(void *self, const struct strlist *columns);
	int (*data)(void *self, const void *p, size_t n);
	void *self;
};

/*
 * To this node's agent.  NULL with ERR_UNREACHABLE and a hint when it does
 * not run.
 */
struct link *link_open_local(struct err *e);

/*
 * To the agent of n; for n->local the same as link_open_local(), without
 * SSH.  The host key must be n->host_key or, where the roster has none, the
 * one in ssh/known_hosts.  Our key is certs/peer.pem, so only the service
 * user and root can do this.  deadline_ticks as for session_open(), whose
 * codes it returns.  In cluster/link_node.c, so that programs without SSH
 * need no libssh.
 */
struct link *link_open_node(const struct roster_node *n, int64_t deadline_ticks,
    struct err *e);

/*
 * Send rq, hand the answer to sink (NULL: only the result counts) and wait
 * for its result.  deadline_ticks is a time of clock_ticks(); 0: none.
 * A result other than done is -1 with its code, message and hint in e
 * (control bytes made visible).  Besides these: ERR_TIMEOUT, ERR_UNREACHABLE
 * (link lost before the result: the job may go on), ERR_FORMAT (not our
 * protocol), ERR_CANCELLED (see sink).  After these four the link can only
 * be closed; after a result, good or bad, it takes the next request.
 * The words of a request to another node may not be empty or hold blanks or
 * control bytes, and a payload is carried only by a request that ends in
 * its size (`itl stage SHA1HEX SIZE`): ERR_USAGE otherwise.
 */
int link_call(struct link *l, const struct link_request *rq,
    const struct link_sink *sink, int64_t deadline_ticks, struct err *e);

/* The message of the last result that was "done": "Rows: 3"; lent. */
const char *link_message(const struct link *l);

/*
 * Make a link_call() that waits on a local link return at once, with
 * ERR_UNREACHABLE.  The job goes on; the link can only be closed.  The one
 * function here that a signal handler may call.
 */
void link_interrupt(struct link *l);

/* NULL-safe. */
void link_close(struct link *l);

#endif
