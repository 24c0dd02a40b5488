/*
 * Who stands at the other end of a connection to run/agent.sock: the kernel
 * says the user id, the account table says the rest.
 */
#ifndef NODE_AGENT_CALLER_H
#define NODE_AGENT_CALLER_H

#include <sys/types.h>

#include "base/err.h"
#include "node/account.h"
#include "node/verb.h"

/* The user id of the process that connected, from SO_PEERCRED. */
int agent_caller_uid(int fd, uid_t *uid, struct err *e);

/*
 * What this user id may.  name is its login name (NULL: it has none), t the
 * account table.  ERR_DENIED for an id that is neither the service user, nor
 * root, nor the peer account, nor in the table.  Pure.
 */
int agent_caller_decide(struct verb_caller *who, uid_t uid, const char *name,
    const struct agent *a, const struct account_table *t, struct err *e);

/* Both, with the name from the password file and the table of this node. */
int agent_caller_of(struct verb_caller *who, int fd, const struct agent *a,
    struct err *e);

#endif
