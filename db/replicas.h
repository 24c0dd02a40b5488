/*
 * The standbys of the primary.
 */
#ifndef DB_REPLICAS_H
#define DB_REPLICAS_H

#include <stdint.h>

#include "base/str.h"
#include "db/db.h"

#define REPLICAS_WAIT_MS 3000
#define REPLICAS_SLOT_SIZE 64

/*
 * The name of a node's replication slot, which is also the application_name
 * of its standby: lower case, hyphens as underscores.  Returns dst.
 */
char *replicas_slot_name(char dst[REPLICAS_SLOT_SIZE], const char *node);

struct replica_report {
	struct strlist late; /* nodes that stream but have not replayed it */
	struct strlist absent; /* subscribers that do not stream at all */
};

void replica_report_release(struct replica_report *r);

/*
 * After a commit on this connection: wait until every streaming standby has
 * replayed it, at most timeout_ms (REPLICAS_WAIT_MS).  0 with the report,
 * whatever it says; -1 only when the primary could not be asked.  Lists are
 * in the order of joining.  Release *out.
 */
int replicas_wait(struct db *primary, int64_t timeout_ms,
    struct replica_report *out, struct err *e);

/* The names of the nodes whose standbys stream from this server. */
int replicas_streaming(struct db *primary, struct strlist *out, struct err *e);

/*
 * Make or drop the physical slot of a node (DB_RW).  One that exists, or
 * does not, is no error; one that has lost the log it was to keep, because
 * its node was away for too long, is made anew.  Dropping one in use is
 * ERR_STATE.
 */
int replicas_slot_create(struct db *primary, const char *node, struct err *e);
int replicas_slot_drop(struct db *primary, const char *node, struct err *e);

#endif
