/*
 * A connection to the cluster's database.
 *
 * Each node has its own PostgreSQL 15: the publisher's is the primary, every
 * subscriber's a streaming hot standby.  Programs read from the server of
 * their own node and write through the publisher's.  libpq is known in this
 * directory only.
 *
 * A struct db belongs to one thread at a time and is not kept between
 * commands.  Every call on it has a deadline: DB_OPEN_MS to connect,
 * DB_QUERY_MS for one query.  After ERR_TIMEOUT or ERR_UNREACHABLE the
 * connection is dead: every further call fails, only db_close() is left.
 *
 * What the server must look like (etc/postgresql/ makes it so):
 *
 *   initdb -U dbadmin -E UTF8 --locale=C.UTF-8, database "ucm"; roles and
 *   tables are made by db/migrate.h.
 *
 *   postgresql.conf   unix_socket_directories = '/var/lib/ucmsh/db/run'
 *                     unix_socket_permissions = 0777 (pg_hba decides)
 *                     listen_addresses = the node's address, port = db_port
 *                     ssl = on, the server's certificate from the cluster CA
 *                     with the node's address as subjectAltName IP
 *                     wal_level = replica, hot_standby = on, wal_log_hints
 *                     hot_standby_feedback = off
 *                     max_connections and max_wal_senders equal on all nodes
 *                     wal_sender_timeout = wal_receiver_timeout = 10s
 *                     max_slot_wal_keep_size set
 *                     synchronous_standby_names empty
 *                     client_connection_check_interval = 1s: a query whose
 *                     client has gone ends by itself
 *   pg_hba.conf       in this order, R = ucm_rw,ucm_sql,ucm_sql_rw:
 *                     local all dbadmin peer map=admin
 *                     local ucm R peer map=ucm
 *                     hostssl ucm R all cert map=ucmcert
 *                     hostssl replication replicator all cert
 *   pg_ident.conf     admin postgres dbadmin
 *                     ucm ucm ucm_rw
 *                     ucm ucm ucm_sql
 *                     ucm ucm ucm_sql_rw
 *                     ucmcert ucm_rw ucm_rw
 *                     ucmcert ucm_rw ucm_sql
 *                     ucmcert ucm_rw ucm_sql_rw
 *   standby           primary_conninfo with application_name and
 *                     primary_slot_name = replicas_slot_name(own node name)
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"

#define DB_NAME "ucm"
#define DB_OPEN_MS 5000
#define DB_QUERY_MS 10000
#define DB_PKID_SIZE 37 /* uuid text and NUL */

enum db_role {
	DB_ADMIN, /* dbadmin: migrations; needs the OS user postgres */
	DB_RW, /* ucm_rw: the agent and the services */
	DB_SQL, /* ucm_sql: run sql at level 0 */
	DB_SQL_RW /* ucm_sql_rw: run sql from level 1 */
};

struct db;

/*
 * Connect to this node's own server through the Unix socket in db/run; the
 * port that names the socket comes from etc/node.conf.  Free with
 * db_close().  NULL on failure: ERR_UNREACHABLE when no server answers or it
 * is starting up, ERR_TIMEOUT, ERR_DENIED when it refuses the role.
 */
struct db *db_open_local(enum db_role role, struct err *e);

/*
 * Connect to the primary: on the publisher its own server, on a subscriber
 * the publisher's at publisher_address and db_port by TLS, its certificate
 * checked against certs/cluster-ca.pem and its address, ours
 * certs/db-client.pem and .key.  DB_ADMIN is refused on a subscriber.  A
 * server that turns out to be a standby is ERR_STATE.  Otherwise as above.
 */
struct db *db_open_primary(const struct nodeconf *conf, enum db_role role,
    struct err *e);

/* Close and free; an open transaction is rolled back.  NULL-safe. */
void db_close(struct db *db);

/*
 * Is this server in recovery, that is a standby?  0 with the answer in *yes,
 * or -1.
 */
int db_in_recovery(struct db *db, bool *yes, struct err *e);

/*
 * Several calls as one transaction.  The functions of this directory that
 * change something are one transaction each, and join an open one.  Calls
 * nest; the outermost db_commit() commits.  After a failed call inside a
 * transaction only db_rollback() is left, which ends all levels; it is
 * harmless without a transaction.  When the connection is lost during the
 * outermost db_commit() nobody knows whether the change was made; a hint says
 * so.
 */
int db_begin(struct db *db, struct err *e);
int db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db);

#endif
