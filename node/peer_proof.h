/*
 * Whether a session that another node holds open may still be used: what
 * both sides proved to each other when it began must not have changed since.
 * A session outlives neither a new host key of this node nor the removal or
 * exchange of the other node's key in ssh/authorized_keys.ucmnode.
 */
#ifndef NODE_PEER_PROOF_H
#define NODE_PEER_PROOF_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/nodeconf.h"

struct peer_proof {
	char node[NODE_NAME_SIZE]; /* whose key came in */
	char *line; /* of authorized_keys, owned; NULL: there is none */
	struct stat host_key; /* st_ino 0: there is none */
};

/*
 * Note what holds at the session's begin.  node is the name that the forced
 * command of the key gives.  Never fails: what cannot be read does not hold.
 */
void peer_proof_init(struct peer_proof *p, const char *node);

/* Is all of it still so? */
bool peer_proof_holds(const struct peer_proof *p);

/* Free the contents. */
void peer_proof_release(struct peer_proof *p);

#endif
