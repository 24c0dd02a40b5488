/*
 * The system accounts of a node, and those of its administrators.
 */
#ifndef NODE_HOSTUSER_H
#define NODE_HOSTUSER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

#define HOSTUSER_SERVICE "ucm" /* the services and the agent's worker */
#define HOSTUSER_PEER "ucmnode" /* other nodes of the cluster */
#define HOSTUSER_DATABASE "postgres" /* Debian's */
#define HOSTUSER_ADMIN_GROUP "ucmadm" /* administrators */

/*
 * Make the accounts ucm and ucmnode and the group ucmadm where they are
 * missing, and give the accounts their login shells.  -1 also when the host
 * has no account postgres.
 */
int hostuser_make_system(struct err *e);

/*
 * Make an administrator's account: primary group ucmadm, login shell
 * /usr/bin/ucmsh, no home of its own.  One that already is of this form is
 * no error; any other account of that name is ERR_EXISTS.
 */
int hostuser_add_admin(const char *name, struct err *e);

/* Set the password of an account; it goes to chpasswd by a pipe. */
int hostuser_set_password(const char *name, const struct secret *password,
    struct err *e);

/* True for an account whose primary group is ucmadm and shell is ucmsh. */
bool hostuser_is_admin(const char *name);

/* Kill everything on this node that runs as this user. */
void hostuser_end_processes(uid_t uid);

/*
 * Remove an administrator's account, and what runs as that user: a session
 * that stayed would belong to whoever gets the number next.  One that is
 * missing is no error.
 */
int hostuser_remove_admin(const char *name, struct err *e);

/* Remove ucm, ucmnode and the group ucmadm.  Missing ones are no error. */
int hostuser_remove_system(struct err *e);

#endif
