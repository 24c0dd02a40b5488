/*
 * Links to other nodes that stay open between jobs.  Opening one costs both
 * nodes some 25 ms of processor time, most of it sshd's; a request over an
 * open one costs next to nothing.
 *
 * What is kept: at most one idle link to each node and LINK_POOL_MAX in all,
 * each for LINK_POOL_IDLE_MS after its last use.  Jobs that need the same
 * node at the same time have a link each; the second is closed after use.
 * An idle link holds a connection and its buffers here, and one session of
 * sshd and one process ucm-peer there, which nothing there waits for.
 *
 * When a kept link is not used again, but closed:
 *   - the roster says something else of its node (name, address, port, host
 *     key) than when it was opened, or no longer has it;
 *   - its other end has closed it, or has died.  The other end also closes
 *     it when its own host key, or the key that it let us in by, is another
 *     one than when the link was opened (node/peer_proof.h), so a kept link
 *     proves no less than a fresh one;
 *   - it does not answer the request `node status` within LINK_POOL_PROBE_MS.
 *     That is asked of each kept link before it is handed out.
 * In its place a fresh one is opened, once, within the same deadline.  So a
 * link that died while it was idle costs its next user a second at most, and
 * no request is ever sent twice: the user's own goes out on a link that has
 * just answered, and when it is lost then, that is an error as it always was.
 *
 * All functions may be called from any thread.
 */
#ifndef CLUSTER_LINK_POOL_H
#define CLUSTER_LINK_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/link.h"
#include "cluster/roster.h"

#define LINK_POOL_MAX 64 /* idle links in all */
#define LINK_POOL_IDLE_MS 300000 /* how long an unused one stays open */
#define LINK_POOL_PROBE_MS 1000 /* for a kept link to prove that it lives */

struct link_pool;

/* An empty pool; never NULL. */
struct link_pool *link_pool_new(void);

/* Close all idle links; none may be in use.  NULL-safe. */
void link_pool_free(struct link_pool *p);

/*
 * A link to n that is nobody else's: a kept one that answers, or a fresh one
 * as link_open_node() opens it, with its codes.  deadline_ticks as there.
 * Ends with link_pool_give(), never with link_close().  For n->local it is a
 * link to this node's agent, which is never kept.
 */
struct link *link_pool_take(struct link_pool *p, const struct roster_node *n,
    int64_t deadline_ticks, struct err *e);

/* The user has done with l: keep it or close it.  NULL-safe. */
void link_pool_give(struct link_pool *p, struct link *l);

/* Where a job gets its links to other nodes: a pool, or a fake. */
struct link_source {
	struct link *(*open)(void *self, const struct roster_node *n,
	    int64_t deadline_ticks, struct err *e);
	int (*call)(void *self, struct link *l, const struct link_request *rq,
	    const struct link_sink *sink, int64_t deadline_ticks,
	    struct err *e);
	void (*close)(void *self, struct link *l);
	void *self;
};

/* link_pool_take(), link_call() and link_pool_give(); p is borrowed. */
struct link_source link_pool_source(struct link_pool *p);

/*
 * Close what has been idle for too long and what the other side has ended;
 * answer what it asks (sshd closes a connection that never does).  Never
 * waits.  To be called every few seconds with the time of clock_ticks().
 */
void link_pool_tidy(struct link_pool *p, int64_t now_ticks);

/*
 * The roster has been read anew: close the links to nodes that are not in it
 * as they were; those in use, when they are given back.
 */
void link_pool_follow(struct link_pool *p, const struct roster *r);

/* How many idle links there are. */
size_t link_pool_idle(struct link_pool *p);

#endif
