/*
 * Changes of the cluster security password (table securitychange, one row):
 * which one is in force and which one is under way.  Passwords are not here;
 * a change is known by a random number of 32 hex digits.
 *
 * This row decides.  A change is begun before any node has the new password
 * and put in force when all have it, so a node that has one in hand knows
 * from the row what it is: in force, under way, or called off.
 */
#ifndef DB_SECURITY_CHANGE_H
#define DB_SECURITY_CHANGE_H

#include <stdbool.h>

#include "db/db.h"

#define SECURITY_CHANGE_ID_SIZE 33

struct security_change {
	char current[SECURITY_CHANGE_ID_SIZE]; /* "": never changed */
	char pending[SECURITY_CHANGE_ID_SIZE]; /* "": none */
};

/* True for 32 lower-case hex digits. */
bool security_change_valid(const char *id);

/* The row as this database has it; a replica may lag. */
int security_change_read(struct db *db, struct security_change *out,
    struct err *e);

/*
 * A change is under way; the one that was before is called off.  On the
 * primary only, as the next two.  ERR_USAGE: not an id.
 */
int security_change_begin(struct db *primary, const char *id, struct err *e);

/*
 * It is in force.  ERR_STATE when it is not the one under way.  After
 * ERR_TIMEOUT or ERR_UNREACHABLE security_change_read() on a new connection
 * tells whether it happened.
 */
int security_change_commit(struct db *primary, const char *id, struct err *e);

/* Call off what is under way; nothing is written when there is nothing. */
int security_change_cancel(struct db *primary, struct err *e);

#endif
