/*
 * The two processes of the agent: the root parent and the worker it forks.
 */
#ifndef NODE_AGENT_PROCESS_H
#define NODE_AGENT_PROCESS_H

#include <sys/types.h>

#include "base/err.h"
#include "base/nodeconf.h"

/* Who the worker is to be. */
struct agent_users {
	uid_t ucm_uid;
	gid_t ucm_gid;
	uid_t peer_uid;
};

/* Look the accounts up.  ERR_NOT_FOUND names the one that is missing. */
int agent_users_find(struct agent_users *u, struct err *e);

/*
 * run/ is a directory of this owner that nobody else may write in; one that
 * is missing is made.  -1 with what is wrong.
 */
int agent_check_run(uid_t uid, gid_t gid, struct err *e);

/*
 * Become the service user for good: groups, user, no new privileges, not
 * dumpable, ended by the kernel when the parent ends.  An account that can
 * become root again is a BUG().
 */
int agent_drop(const struct agent_users *u, struct err *e);

/* Remove what a killed agent left half written in certs/ and tftp/. */
void agent_clean(void);

/*
 * The whole program: fork the worker and serve it as root parent, or be the
 * worker.  Returns the exit status of whichever process returns.
 */
int agent_main(const struct nodeconf *conf, struct err *e);

#endif
