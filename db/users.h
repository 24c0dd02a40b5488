/*
 * Application users (table applicationuser).  The password is kept as the
 * text of a password hash, made and checked elsewhere; this directory only
 * stores and reads it.
 */
#ifndef DB_USERS_H
#define DB_USERS_H

#include <stdbool.h>

#include "db/db.h"

#define USERS_NAME_SIZE 129
#define USERS_HASH_SIZE 512

struct user_row {
	char pkid[DB_PKID_SIZE]; /* set by the database */
	char name[USERS_NAME_SIZE];
	char password_hash[USERS_HASH_SIZE]; /* wipe after use */
	bool ccm_administrator; /* the one named at installation */
};

/* Wipe the row. */
void user_row_release(struct user_row *u);

/* The user with exactly this name, or ERR_NOT_FOUND. */
int users_find(struct db *db, const char *name, struct user_row *out,
    struct err *e);

/*
 * The CCM administrator, whose password "utils itl reset" asks for.
 * ERR_NOT_FOUND when there is none.
 */
int users_ccm_administrator(struct db *db, struct user_row *out, struct err *e);

/*
 * Add a user, or replace hash and flag of the one with that name.  There is
 * one CCM administrator at most: setting the flag takes it from another.
 */
int users_save(struct db *db, const struct user_row *u, struct err *e);

#endif
