/*
 * The system accounts of a node, and those of its administrators.
 */
#ifndef NODE_USERS_H
#define NODE_USERS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

#define USERS_SERVICE "ucm" /* the services and the agent's worker */
#define USERS_PEER "ucmnode" /* other nodes of the cluster */
#define USERS_DATABASE "postgres" /* Debian's */
#define USERS_ADMIN_GROUP "ucmadm" /* administrators */

/*
 * Make the accounts ucm and ucmnode and the group ucmadm where they are
 * missing.  -1 also when the host has no account postgres.
 */
int users_make_system(struct err *e);

/*
 * Make an administrator's account: primary group ucmadm, login shell
 * /usr/bin/ucmsh, no home of its own.  One that already is of this form is
 * no error; any other account of that name is ERR_EXISTS.
 */
int users_add_admin(const char *name, struct err *e);

/* Set the password of an account; it goes to chpasswd by a pipe. */
int users_set_password(const char *name, const struct secret *password,
    struct err *e);

/* True for an account whose primary group is ucmadm and shell is ucmsh. */
bool users_is_admin(const char *name);

/* Remove an administrator's account.  One that is missing is no error. */
int users_remove_admin(const char *name, struct err *e);

/* Remove ucm, ucmnode and the group ucmadm.  Missing ones are no error. */
int users_remove_system(struct err *e);

#endif
