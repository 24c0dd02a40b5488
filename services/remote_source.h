/*
 * The list of remote clusters from this node's own database.
 */
#ifndef SERVICES_REMOTE_SOURCE_H
#define SERVICES_REMOTE_SOURCE_H

#include "services/remote_watch.h"

/*
 * A source for one reader.  It keeps one connection, which is opened again
 * after a failure, and reads the parameter when the change counter has moved.
 */
struct remote_source remote_source_database(void);

#endif
