/*
 * The node's PostgreSQL server before runit takes it over: making the data
 * directory of a publisher, copying it for a subscriber, and running the
 * server for a moment to fill the tables.
 */
#ifndef NODE_DBSERVER_H
#define NODE_DBSERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/nodeconf.h"

/* Is there a complete data directory? */
bool dbserver_exists(void);

/*
 * initdb as user postgres into db/data.  One that is there stays; the rest
 * of an interrupted one is removed first.
 */
int dbserver_init(struct err *e);

/*
 * Copy the primary's data into db/data by its replication protocol and make
 * it a standby.  db/tls/ and etc/postgresql/ must be in place, the
 * replication slot made.  One that is there stays.
 */
int dbserver_copy(const struct nodeconf *conf, struct err *e);

/*
 * Start the server on its Unix socket alone and wait until it answers.  It
 * ends with this process.  The process id, or -1.
 */
pid_t dbserver_start_private(const struct nodeconf *conf, struct err *e);

/* Make the database "ucm", if it is missing. */
int dbserver_create_database(const struct nodeconf *conf, struct err *e);

/* End it and wait.  0 (or -1 for none) is harmless. */
void dbserver_stop_private(pid_t pid);

#endif
