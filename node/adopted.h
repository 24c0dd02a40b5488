/*
 * A rebuilt publisher whose keys this node has adopted, while its own
 * database does not know them yet: certs/publisher-adopted (user ucm).
 *
 * Between the adoption and the first data of the new primary the database
 * still names the keys of the publisher that was lost; here stand those that
 * count.  The publisher keeps the same file about itself until its rows are
 * in its database.
 */
#ifndef NODE_ADOPTED_H
#define NODE_ADOPTED_H

#include <stdbool.h>

#include "base/err.h"
#include "db/nodes.h"
#include "node/pledge.h"

/* From now on these keys are the publisher's. */
int adopted_store(const struct pledge *p, struct err *e);

/*
 * Is there one?  0 with the answer in *found and the pledge in *p, or -1
 * when the file cannot be used.
 */
int adopted_load(struct pledge *p, bool *found, struct err *e);

/* The database knows them, or another publisher counts. */
int adopted_forget(struct err *e);

/*
 * Give the publisher's row of l the adopted keys and port.  True when it
 * had them: the file has done its work.  Pure.
 */
bool adopted_apply(const struct pledge *p, struct node_list *l);

#endif
