/*
 * What a reset of the ITL has to do on each node.  The plan is computed from
 * the nodes' own status every time and kept nowhere: a second run finds what
 * the first one left and does only what is missing.
 */
#ifndef CLUSTER_ITL_PLAN_H
#define CLUSTER_ITL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "cluster/roster.h"

#define ITL_SHA_HEX_SIZE 41 /* SHA-1 in lower-case hex, and NUL */
#define ITL_SUBJECT_SIZE 512
#define ITL_SERVICE_STATE_SIZE 16

/* A node's answer to `itl status`. */
struct itl_status {
	char sha_disk[ITL_SHA_HEX_SIZE]; /* of tftp/ITLFile.tlv; "": no file */
	char sha_served[ITL_SHA_HEX_SIZE]; /* by Cisco Tftp; "": nothing */
	char signer[ITL_SUBJECT_SIZE]; /* of the file on disk; "": no file */
	char service[ITL_SERVICE_STATE_SIZE]; /* STARTED, STOPPED, … */
	bool activated;
};

enum itl_step {
	ITL_STEP_NONE, /* already serves the file */
	ITL_STEP_ACTIVATE, /* has the file, must be made to serve it */
	ITL_STEP_SEND, /* file, then activate */
	ITL_STEP_STOPPED, /* cannot: Cisco Tftp does not run there */
	ITL_STEP_UNREACHABLE /* cannot: no status */
};

struct itl_plan_node {
	struct roster_node node;
	struct itl_status status; /* empty when why.code is set */
	struct err why; /* ERR_NONE, or why there is no status */
	enum itl_step step;
};

struct itl_plan {
	struct itl_plan_node *node; /* owned, n of them, publisher first */
	size_t n;
};

/*
 * Read the columns of `itl status`: five, as doc/AGENT.protocol has them.
 * -1 with ERR_FORMAT and the column; *st is empty then.
 */
int itl_status_parse(const struct strlist *columns, struct itl_status *st,
    struct err *e);

/* Nodes that say themselves that Cisco Tftp is deactivated leave the plan. */
void itl_plan_drop_inactive(struct itl_plan *p);

/* Decide every node's step for a file with this checksum. */
void itl_plan_decide(struct itl_plan *p, const char *sha);

/* "['test10pub', 'test10sub']"; free with free(). */
char *itl_plan_list(const struct itl_plan *p);

/* NULL-safe; the plan is empty then. */
void itl_plan_release(struct itl_plan *p);

#endif
