/*
 * The node's PostgreSQL server before runit takes it over: making the data
 * directory of a publisher, copying it from another node, and running the
 * server for a moment to fill the tables; and the data of a server that runs
 * already exchanged for a copy.
 */
#ifndef NODE_DBSERVER_H
#define NODE_DBSERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "db/replicas.h"

/* Is there a complete data directory? */
bool dbserver_exists(void);

/*
 * initdb as user postgres into db/data.  One that is there stays; the rest
 * of an interrupted one is removed first.
 */
int dbserver_init(struct err *e);

/* Another node's server that data is copied from. */
struct dbserver_source {
	char address[NODE_ADDRESS_SIZE];
	uint16_t port;
	char slot[REPLICAS_SLOT_SIZE]; /* of this node there; "": none */
};

/* The publisher's, with this subscriber's slot. */
void dbserver_source_publisher(struct dbserver_source *s,
    const struct nodeconf *conf);

/*
 * Copy the data of that server, a primary or a standby, into db/data by its
 * replication protocol and make it a standby.  db/tls/ and etc/postgresql/
 * must be in place, the replication slot made.  One that is there stays.
 */
int dbserver_copy(const struct dbserver_source *s, struct err *e);

/*
 * The same in the place of the data of a server that runs under runit: that
 * serves until the copy is complete, then it is stopped, gets the new data
 * and is started.  With promote it becomes the primary of a new timeline;
 * without, a copy of another database than the one that is there is refused
 * (ERR_STATE): a standby never gives up the cluster's data for others.
 * The agent must run; the calling process is root and has one thread.
 */
struct dbserver_renewal {
	struct nodeconf conf;
	struct dbserver_source source;
	bool promote;
};
int dbserver_renew(const struct dbserver_renewal *r, struct err *e);

/* Finish or undo what a renewal that was killed left. */
int dbserver_settle(struct err *e);

/*
 * Start the server on its Unix socket alone and wait until it answers.  It
 * ends with this process.  The process id, or -1.
 */
pid_t dbserver_start_private(const struct nodeconf *conf, struct err *e);

/* A server that is a standby becomes the primary; one that is, stays it. */
int dbserver_promote(struct err *e);

/* Bring the tables up to date: db/migrate.h as user postgres. */
int dbserver_migrate(struct err *e);

/* Make the database "ucm", if it is missing. */
int dbserver_create_database(const struct nodeconf *conf, struct err *e);

/* End it and wait.  0 (or -1 for none) is harmless. */
void dbserver_stop_private(pid_t pid);

#endif
