/*
 * What the agent's worker knows and shares between its threads.
 */
#ifndef NODE_AGENT_H
#define NODE_AGENT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "cluster/link_pool.h"
#include "node/parent.h"

#define AGENT_SERVICE_USER "ucm"
#define AGENT_PEER_USER "ucmnode"
#define AGENT_VERSION "10.0.1.10000-24"

/* One holder at a time; the others wait in no particular order. */
struct agent_lock {
	pthread_mutex_t mutex;
	pthread_cond_t freed;
	bool held;
};

/*
 * How much of the node one account may use at a time: costly requests wait
 * for its own earlier ones, so that the others have theirs answered.
 */
#define AGENT_SHARE 2 /* costly requests of one user id at a time */
#define AGENT_SHARES_MAX 256 /* of all; more than there are connections */

struct agent_shares {
	pthread_mutex_t mutex;
	pthread_cond_t freed;
	uid_t holder[AGENT_SHARES_MAX];
	size_t n;
};

#define AGENT_PROVEN_SIZE 130 /* two SHA-256 in hex, a blank, and NUL */

struct agent {
	struct nodeconf conf; /* as read at start; never changes */
	struct parent_link parent;
	uid_t ucm_uid;
	uid_t peer_uid;
	int64_t started; /* wall time */
	struct link_pool *links; /* to the other nodes */
	struct agent_lock job; /* the one regeneration or reset */
	/*
	 * ITLRecovery.pem, its .p12 and the security password, which must
	 * agree when somebody takes a copy; taken after job, if both are.
	 */
	struct agent_lock recovery;
	char proven[AGENT_PROVEN_SIZE]; /* the same; node/verb_recovery.c */
	struct agent_lock service; /* one start, stop or restart */
	struct agent_shares shares;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed; /* of repaired */
	bool repaired; /* files and database have been brought together */
	bool keys_stale; /* node keys must be rendered at once */
	unsigned wrong_pledges; /* since the last right one */
};

/* Fill in everything; conf is copied, fd is the worker's end to the parent. */
void agent_init(struct agent *a, const struct nodeconf *conf, int fd);
void agent_release(struct agent *a);

/*
 * Take the lock, waiting for its holder up to wait_ms milliseconds.  0, or
 * -1 with ERR_STATE.
 */
int agent_lock_take(struct agent_lock *l, int64_t wait_ms, struct err *e);
void agent_lock_give(struct agent_lock *l);

/*
 * Take a share for this user id, waiting up to wait_ms milliseconds for one
 * that it has already.  0, or -1 with ERR_STATE.
 */
int agent_share_take(struct agent_shares *s, uid_t uid, int64_t wait_ms,
    struct err *e);
void agent_share_give(struct agent_shares *s, uid_t uid);

#define AGENT_REPAIR_WAIT_MS 15000 /* a busy host takes its time to start */

/*
 * 0 once interrupted regenerations are finished, for which it waits up to
 * wait_ms milliseconds; before, ERR_STATE with a hint, because a new one
 * could lose what the old one left.
 */
int agent_repaired(struct agent *a, int64_t wait_ms, struct err *e);
void agent_set_repaired(struct agent *a, bool repaired);

/* Render the node keys at once instead of at the next change (join). */
void agent_keys_changed(struct agent *a);

/* True once after agent_keys_changed(). */
bool agent_take_keys_changed(struct agent *a);

#endif
