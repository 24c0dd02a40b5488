#define _GNU_SOURCE /* struct ucred */

#include "node/agent_caller.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/str.h"
#include "node/agent.h"

#define PASSWD_BUFFER 16384

int
agent_caller_uid(int fd, uid_t *uid, struct err *e)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return err_errno(e, "who is connected");
	*uid = cred.uid;
	return 0;
}

int
agent_caller_decide(struct verb_caller *who, uid_t uid, const char *name,
    const struct agent *a, const struct account_table *t, struct err *e)
{
	const struct account *account;

	*who = (struct verb_caller) { .uid = uid, .level = -1 };
	if (uid == 0 || uid == a->ucm_uid) {
		who->all = true;
		who->level = VERB_LEVEL_MAX;
		(void)str_copy(who->name, sizeof(who->name),
		    uid == 0 ? "root" : AGENT_SERVICE_USER);
		return 0;
	}
	if (uid == a->peer_uid) {
		who->peer = true;
		(void)str_copy(who->name, sizeof(who->name), AGENT_PEER_USER);
		return 0;
	}
	account = name == NULL ? NULL : account_find(t, name);
	if (account == NULL ||
	    str_copy(who->name, sizeof(who->name), account->name) == -1)
		return err_set(e, ERR_DENIED,
		    "user id %lu is not an account of this node",
		    (unsigned long)uid);
	who->level = account->level;
	return 0;
}

int
agent_caller_of(struct verb_caller *who, int fd, const struct agent *a,
    struct err *e)
{
	struct account_table *t;
	struct passwd pw;
	struct passwd *found = NULL;
	char *buf;
	uid_t uid = 0;
	int rc;

	if (agent_caller_uid(fd, &uid, e) == -1)
		return -1;
	buf = mem_alloc(PASSWD_BUFFER);
	t = mem_alloc(sizeof(*t));
	rc = account_load(t, e);
	if (rc == -1) {
		/* Root and the service user need no table. */
		t->n = 0;
		err_clear(e);
	}
	if (getpwuid_r(uid, &pw, buf, PASSWD_BUFFER, &found) != 0)
		found = NULL;
	rc = agent_caller_decide(who, uid, found == NULL ? NULL : pw.pw_name, a,
	    t, e);
	free(t);
	free(buf);
	return rc;
}
