/*
 * Ending all of a node's processes.
 */
#ifndef NODE_STOP_H
#define NODE_STOP_H

#include <stdbool.h>

#include "base/err.h"

/*
 * End runsvdir, everything below it, and open sessions; kill what has not
 * ended after some seconds.  *was (NULL: not wanted) says whether there was
 * anything to end.  -1 when something is left even so.
 */
int stop_node(unsigned seconds, bool *was, struct err *e);

#endif
