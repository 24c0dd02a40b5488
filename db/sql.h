/*
 * "run sql": an administrator's own statement.  Exactly one, by the extended
 * protocol (the server refuses a second one), under a role that can do
 * little, with a time limit and a row cap.  What a role may do is decided by
 * the server's privileges alone (db/schema); nothing here looks for bad
 * words.
 *
 * Use a connection of its own for each statement: db_open_local(DB_SQL) or
 * DB_SQL_RW, for a change db_open_primary(DB_SQL_RW).
 */
#ifndef DB_SQL_H
#define DB_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

struct sql_limits {
	unsigned seconds; /* for the statement, 1 .. 3600 */
	size_t rows; /* at most these many rows are answered */
	size_t bytes; /* and these many bytes */
};

/* 30 seconds, 10,000 rows, 16 MiB */
extern const struct sql_limits sql_limits_default;

/*
 * Takes the answer: first one call with the column names, then one for each
 * row.  cell[i] is the server's text, lent until the return; NULL is SQL's
 * NULL.  Booleans are t and f.  Returns 0, or -1 to stop the statement.
 */
struct sql_sink {
	int (*row)(void *self, const char *const *cell, size_t n);
	void *self;
};

struct sql_result {
	bool query; /* it answered rows: nothing to say about a count */
	uint64_t rows; /* answered, or changed by INSERT, UPDATE, DELETE */
};

/*
 * Run the statement in a transaction (read-only for DB_SQL) and commit it.
 * 0 with *res filled, or -1 with nothing changed:
 *   ERR_USAGE     empty, more than one statement, a command that is no query
 *                 and no change (SET, BEGIN, COPY …), broken syntax
 *   ERR_DENIED    the role may not do that, or not at this level
 *   ERR_TIMEOUT   over the time limit
 *   ERR_TOO_BIG   over the cap; the rows up to it have been handed out
 *   ERR_CANCELLED the sink stopped it
 *   ERR_DATABASE  the server's message made one line
 * A lost connection is ERR_UNREACHABLE; whether a change was committed is
 * then not known.
 */
int sql_run(struct db *db, const char *statement,
    const struct sql_limits *limits, const struct sql_sink *sink,
    struct sql_result *res, struct err *e);

/*
 * Does the statement look like a change, which must go to the primary?  True
 * if INSERT, UPDATE, DELETE, MERGE or TRUNCATE stands in it outside quotes
 * and comments.  A guess for choosing the server, not a check.
 */
bool sql_is_change(const char *statement);

#endif
