/*
 * Phone data from the node's own database, over one connection that is
 * opened again after a failure, and from the templates (services/
 * phone_config.h).
 */
#ifndef SERVICES_PHONE_DATABASE_H
#define SERVICES_PHONE_DATABASE_H

#include "base/nodeconf.h"
#include "services/phone_source.h"

/*
 * A source for one reader, which calls close() when it has done; conf is
 * copied.  An own template of the administrator that is broken fails the
 * reading, so that what was made before stays.
 */
struct phone_source phone_database(const struct nodeconf *conf);

#endif
