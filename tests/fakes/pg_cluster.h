/*
 * Real PostgreSQL servers for tests, each in the root directory of a node of
 * its own below /tmp.  As root they run as the user postgres, else as the
 * caller.  They listen on their Unix socket only, except with TLS.  Whatever
 * fails ends the test program with a message; a server does not outlive the
 * program that started it.
 */
#ifndef FAKES_PG_CLUSTER_H
#define FAKES_PG_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/nodeconf.h"
#include "db/db.h"

struct pg_server {
	char root[64]; /* what paths_set_root() gets; "" when stopped */
	struct nodeconf conf; /* as in its etc/node.conf */
	pid_t pid; /* of the postmaster; 0: not running */
};

/*
 * Make and start an empty server with the database ucm, as the publisher
 * "pub1" at 127.0.0.1, and make its root the current one.
 */
void pg_server_start(struct pg_server *s);

/*
 * The same, listening on a free port of 127.0.0.1 with TLS; certs/ gets the
 * cluster's CA and a client certificate for ucm_rw.
 */
void pg_server_start_tls(struct pg_server *s);

/* The same as pg_server_start(), and the schema is there. */
void pg_server_start_migrated(struct pg_server *s);

/*
 * A streaming standby of the primary as the subscriber name; the slot of
 * that name must exist.  The current root stays.
 */
void pg_server_start_standby(struct pg_server *s,
    const struct pg_server *primary, const char *name);

/* Stop the postmaster, keep the files; start it again. */
void pg_server_halt(struct pg_server *s);
void pg_server_resume(struct pg_server *s);

/* Stop it and remove everything.  Harmless when it was never started. */
void pg_server_stop(struct pg_server *s);

/* Make its root the current one. */
void pg_server_use(const struct pg_server *s);

/* Its postgresql.conf gets one more line; takes effect at the next start. */
void pg_server_configure(const struct pg_server *s, const char *line);

/* Run a program to its end, as the owner of the server's files. */
void pg_server_run(const char *const *argv);

/* Open the local server or end the test. */
struct db *pg_server_open(enum db_role role);

/* db_script() on a DB_ADMIN connection of its own, or end the test. */
void pg_server_sql(const char *sql);

#endif
