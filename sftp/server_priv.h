/*
 * The second half of a login, for sftp/ alone.
 */
#ifndef SFTP_SERVER_PRIV_H
#define SFTP_SERVER_PRIV_H

#include "sftp/server.h"

/* Add to a message what to do about a connection.  Always -1. */
int server_advise(struct err *e);

/* How long a step may take. */
int64_t server_step(const struct server_target *t);

/* Prove the user to a server that has been proven.  As server_login(). */
int server_authenticate(struct session *s, const struct server_target *t,
    struct err *e);

#endif
