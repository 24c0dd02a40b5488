/*
 * What the agent does by itself: bring the schema up to date, finish what a
 * killed agent left, and follow the database: each second it asks whether
 * anything has changed, and then renders the node keys, stops what has been
 * deactivated and compares the node's certificates with the database.
 */
#ifndef NODE_AGENT_UPKEEP_H
#define NODE_AGENT_UPKEEP_H

#include "base/err.h"
#include "db/nodes.h"
#include "node/agent.h"

#define AGENT_UPKEEP_MS 1000
#define AGENT_UPKEEP_START_MS 200 /* until it has worked once */

/* Start the thread; it ends with the program. */
int agent_upkeep_start(struct agent *a, struct err *e);

/*
 * The nodes of the database as the root parent wants them; dst has room for
 * PARENT_NODES_MAX.  A key of another type is left out, and so is a node
 * that the parent would not take: "run sql" may write any address, and one
 * bad row must not end the agents of the whole cluster.  *left_out (NULL:
 * not wanted) says why the last of those was; else it stays as it is.
 * Returns how many there are; -1 with ERR_TOO_BIG.  Pure.
 */
long agent_upkeep_nodes(const struct node_list *l, struct parent_node *dst,
    struct err *left_out, struct err *e);

#endif
