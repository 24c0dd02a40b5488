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
#include "node/parent.h"

#define AGENT_SERVICE_USER "ucm"
#define AGENT_PEER_USER "ucmnode"

struct agent {
	struct nodeconf conf; /* as read at start; never changes */
	struct parent_link parent;
	uid_t ucm_uid;
	uid_t peer_uid;
	int64_t started; /* wall time */
	pthread_mutex_t job; /* held by the one regeneration or reset */
	pthread_mutex_t lock; /* guards what follows */
	bool repaired; /* files and database have been brought together */
	bool keys_stale; /* node keys must be rendered at once */
};

/*
 * Take the job lock, waiting for the job that holds it; ERR_STATE after
 * wait_ms milliseconds.  Release with agent_job_end().
 */
int agent_job_begin(struct agent *a, int64_t wait_ms, struct err *e);
void agent_job_end(struct agent *a);

/*
 * 0 once interrupted regenerations are finished; before, ERR_STATE with a
 * hint, because a new one could lose what the old one left.
 */
int agent_repaired(struct agent *a, struct err *e);

/* Render the node keys now instead of at the next change (join). */
void agent_keys_changed(struct agent *a);

#endif
