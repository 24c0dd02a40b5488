/*
 * The change of the cluster security password: on all nodes or on none,
 * whatever is killed at whatever moment.
 *
 *   1. Every node of the cluster must answer; else nothing is done.
 *   2. The change gets a number, which the primary's database holds as under
 *      way (db/security_change.h).
 *   3. `password stage` on every node: the new password is stored beside the
 *      present one.  One node that cannot: the change is called off.
 *   4. The number becomes the one in force, in one transaction.  This
 *      decides.
 *   5. This node, then every other (`password settle`) makes the stored
 *      password the present one; the publisher wraps ITLRecovery.p12 anew.
 *
 * A node that has a new password stored looks at the database whenever that
 * changes (password_change_settle()): in force, then it takes it; under way,
 * then it waits; neither, then it removes it.  So what step 5 did not reach
 * follows by itself, as soon as the node or its link is back.  Only the
 * publisher's agent makes changes, so one that finds a change under way when
 * it starts, or when no job of its own runs, calls it off.
 */
#ifndef CLUSTER_PASSWORD_CHANGE_H
#define CLUSTER_PASSWORD_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/progress.h"
#include "cluster/cert_regen.h"
#include "cluster/link.h"
#include "cluster/link_pool.h"
#include "cluster/roster.h"
#include "db/security_change.h"

#define PASSWORD_CHANGE_NODE_MS 15000 /* for one request to one node */

/* What it needs of the world; password_change_real(), or a fake. */
struct password_change_ops {
	int (*nodes)(void *self, struct roster *r, struct err *e);
	struct link_source links;
	/* The row of the primary's database, or of this node's. */
	int (*state)(void *self, bool primary, struct security_change *out,
	    struct err *e);
	int (*begin)(void *self, const char *id, struct err *e);
	enum cert_recorded (*commit)(void *self, const char *id, struct err *e);
	int (*cancel)(void *self, struct err *e);
	void *self;
};

/* What the ops over the real world work with; all borrowed. */
struct password_change_world {
	const struct nodeconf *conf;
	struct link_pool *links; /* NULL: for password_change_settle() only */
};

struct password_change_ops password_change_real(
    struct password_change_world *w);

/*
 * Change it; who asks, the old password and the quality of the new one have
 * been checked.  On the publisher, while no other job runs and nobody copies
 * the recovery key.  p gets a line for each node that follows later.
 *
 * -1 with ERR_UNREACHABLE and the nodes' names, or what a node or the
 * database said: nothing has changed.  *open becomes true when something is
 * left for password_change_settle(): the decision is not known, or this
 * node could not finish; then e says which.
 */
int password_change_run(const struct password_change_ops *ops,
    const struct secret *fresh, const struct progress *p, bool *open,
    struct err *e);

enum password_settled {
	PASSWORD_SETTLED, /* there was nothing to do */
	PASSWORD_WAITING, /* the change is under way */
	PASSWORD_TAKEN, /* the new password is the present one now */
	PASSWORD_DISCARDED /* it never came into force and is gone */
};

/*
 * What a new password in hand means, and what follows from that.  idle: this
 * is the publisher and no change of its own runs.  -1 while the database that
 * decides cannot be asked; the caller tries again.
 */
int password_change_settle(const struct password_change_ops *ops, bool idle,
    enum password_settled *how, struct err *e);

/*
 * The side of another node: store the new password of a change that the
 * primary's database has under way.
 */
int password_change_stage(const struct password_change_ops *ops, const char *id,
    const struct secret *fresh, struct err *e);

#endif
