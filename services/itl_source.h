/*
 * The certificates of an ITL file from this node's own database.
 */
#ifndef SERVICES_ITL_SOURCE_H
#define SERVICES_ITL_SOURCE_H

#include "services/itl_start.h"

/*
 * A source that opens the node's own database for every read.  ERR_STATE: a
 * certificate that every ITL needs is not in it (yet); ERR_UNREACHABLE,
 * ERR_TIMEOUT and ERR_DATABASE: it does not answer.
 */
struct itl_source itl_source_database(void);

#endif
