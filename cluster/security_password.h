/*
 * The cluster security password of this node: certs/security_password, mode
 * 0600, the password and nothing else (a line end behind it is no part of
 * it).  It is the same on all nodes; ITLRecovery.p12 opens with it, and a
 * node that joins gets it.
 *
 * While it is being changed (cluster/password_change.h) the new one lies
 * beside it as certs/security_password.new: the number of the change, a
 * newline, the password.
 */
#ifndef CLUSTER_SECURITY_PASSWORD_H
#define CLUSTER_SECURITY_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "db/security_change.h"

/* The present one; the caller releases *out.  On failure *out is "none". */
int security_password_read(struct secret *out, struct err *e);

/* Replace it at once, here only. */
int security_password_write(const struct secret *password, struct err *e);

/*
 * 0 when it is the present one; ERR_AUTH, or why it cannot be read.  Takes
 * no longer for a wrong one: the caller sees to it that guessing costs time.
 */
int security_password_check(const struct secret *password, struct err *e);

/* Put a new one beside the present one; an earlier new one goes. */
int security_password_stage(const char *id, const struct secret *password,
    struct err *e);

/* Is there a new one?  Then its number goes to id ("": not readable). */
bool security_password_staged(char id[SECURITY_CHANGE_ID_SIZE]);

/*
 * The new one of this number, a copy; ERR_NOT_FOUND when there is none or
 * another.
 */
int security_password_staged_read(const char *id, struct secret *out,
    struct err *e);

/*
 * The new one of this number becomes the present one.  May be repeated after
 * an interruption.
 */
int security_password_take(const char *id, struct err *e);

/* Remove the new one.  None is no error. */
int security_password_discard(struct err *e);

#endif
