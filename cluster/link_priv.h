/*
 * What the two kinds of link share.
 */
#ifndef CLUSTER_LINK_PRIV_H
#define CLUSTER_LINK_PRIV_H

#include <stdbool.h>

#include "cluster/agent_msg.h"
#include "cluster/link.h"

/* The answer of one request, as its frames come in. */
struct link_answer {
	const struct link_sink *sink; /* NULL: nobody listens */
	struct agent_msg result; /* AGENT_RESULT once it is here */
};

struct link_ops {
	/*
	 * Send rq and hand each frame to link_answer_take() up to the result.
	 * -1 when there was none, with e set, which is never NULL.
	 */
	int (*call)(struct link *l, const struct link_request *rq,
	    struct link_answer *a, int64_t deadline_ticks, struct err *e);
	/* Free what the kind owns, and l. */
	void (*close)(struct link *l);
	/*
	 * Between two requests: take in what came without being asked for,
	 * without waiting.  False when the link has ended or broke the
	 * protocol.  NULL: links that are not kept (link_pool.h).
	 */
	bool (*quiet)(struct link *l);
	/* Safe in a signal handler; NULL: cannot be interrupted. */
	void (*interrupt)(struct link *l);
};

/* The first member of each kind's own struct. */
struct link {
	const struct link_ops *ops;
	bool broken; /* only link_close() is left */
	char message[ERR_MSG_SIZE]; /* of the last good result */
};

/* The frame that asks for rq; the caller releases it. */
void link_request_msg(struct agent_msg *m, const struct link_request *rq);

/*
 * One frame of the answer.  0; -1 with ERR_CANCELLED when the sink has had
 * enough, ERR_FORMAT for a frame that does not belong into an answer.  A
 * result moves into a; m can be released in any case.
 */
int link_answer_take(struct link_answer *a, struct agent_msg *m, struct err *e);

#endif
