/*
 * The inside of a connection, for db/ alone: this is where libpq shows.
 */
#ifndef DB_DB_PRIV_H
#define DB_DB_PRIV_H

#include <postgresql/libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

struct db {
	PGconn *conn;
	enum db_role role;
	unsigned depth; /* of db_begin() */
	bool broken; /* a call inside the transaction has failed */
	bool dead; /* nothing more can be asked */
};

/*
 * A call that began a level gives up: the outermost level is rolled back, an
 * inner one leaves the transaction to its owner, with nothing but
 * db_rollback() left.
 */
void db_abort(struct db *db);

/*
 * Lock the row of a node until the end of the transaction, so that two
 * callers who change what belongs to it run one after the other.  Its pkid
 * and address go to pkid and address.  ERR_NOT_FOUND.
 */
int nodes_lock(struct db *db, const char *name, char pkid[DB_PKID_SIZE],
    char address[NODE_ADDRESS_SIZE], struct err *e);

/* What nodes_take() reads, with "p" processnode and "l" nodelink. */
#define NODE_COLUMNS                                                      \
	"p.pkid, p.nodeid, p.tknodeusage, p.name, l.hostname, l.domain, " \
	"l.sshport, l.tftpport, l.httpport, l.dbport, l.hostkey, l.peerkey "
#define NODE_ORDER " order by p.tknodeusage, p.nodeid "
struct node_list;
int nodes_take(const PGresult *res, struct node_list *out, struct err *e);

/* db/query.c */

/*
 * Run one statement with n text arguments (NULL: SQL NULL) and wait for its
 * result, at most DB_QUERY_MS.  0; *res, if res is not NULL, is the
 * caller's, to be freed with PQclear().  -1 with *res NULL.
 */
int db_query(struct db *db, const char *sql, int n, const char *const *arg,
    PGresult **res, struct err *e);

/* The same for several statements without arguments and answers. */
int db_script(struct db *db, const char *sql, struct err *e);

/*
 * Wait until the socket is readable (with write: or writable), until the
 * deadline in clock_ticks().  Marks the connection dead on failure.
 */
int db_wait_socket(struct db *db, bool write, int64_t deadline, struct err *e);

/* Send what libpq holds back.  As above. */
int db_flush(struct db *db, int64_t deadline, struct err *e);

/* The next result, or NULL in *res after the last one. */
int db_next_result(struct db *db, int64_t deadline, PGresult **res,
    struct err *e);

/* Turn a failed result into an error; the connection may be dead by it. */
int db_fail(struct db *db, const PGresult *res, struct err *e);

/* Mark it dead and say that the connection is lost. */
int db_lost(struct db *db, struct err *e);

/* Cells.  An SQL NULL reads as "", 0, false. */
const char *cell_text(const PGresult *res, int row, int column);
int64_t cell_int(const PGresult *res, int row, int column);
bool cell_bool(const PGresult *res, int row, int column);

/*
 * Copy a cell into a field of a struct.  0, or -1 with ERR_DATABASE: the
 * database holds a value that does not fit.
 */
int cell_copy(char *dst, size_t size, const PGresult *res, int row, int column,
    struct err *e);

/* A decimal number as an argument.  Returns dst. */
#define ARG_INT_SIZE 24
const char *arg_int(char dst[ARG_INT_SIZE], int64_t value);

#endif
