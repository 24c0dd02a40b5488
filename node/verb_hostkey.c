/*
 * hostkey find, add, forget: the keys of SFTP servers outside the cluster that
 * this node knows, certs/sftp_known_hosts.
 */
#include <pthread.h>

#include "base/paths.h"
#include "node/verb.h"
#include "sftp/known_hosts.h"

/* Reading, changing and replacing the file is one step for all sessions. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int
need_port(const char *text, uint16_t *port, struct err *e)
{
	uint64_t number;

	if (str_number(text, 1, UINT16_MAX, &number) == -1)
		return err_set(e, ERR_USAGE, "a port is 1 to 65535");
	*port = (uint16_t)number;
	return 0;
}

static int
run_find(struct verb_ctx *c, struct err *e)
{
	struct strlist keys = STRLIST_INIT;
	char path[PATH_SIZE];
	uint16_t port = 0;
	size_t i;
	int rc;

	if (need_port(c->args[1], &port, e) == -1)
		return -1;
	rc = known_hosts_find(paths_in(path, "certs/sftp_known_hosts"),
	    c->args[0], port, &keys, e);
	for (i = 0; i < keys.n; i++) {
		const char *column = keys.item[i];

		verb_row_of(c, &column, 1);
	}
	strlist_release(&keys);
	return rc;
}

static int
run_add(struct verb_ctx *c, struct err *e)
{
	char path[PATH_SIZE];
	uint16_t port = 0;
	int rc;

	if (need_port(c->args[1], &port, e) == -1)
		return -1;
	(void)pthread_mutex_lock(&lock);
	rc = known_hosts_add(paths_in(path, "certs/sftp_known_hosts"),
	    c->args[0], port, c->args[2], e);
	(void)pthread_mutex_unlock(&lock);
	return rc;
}

static int
run_forget(struct verb_ctx *c, struct err *e)
{
	char path[PATH_SIZE];
	uint16_t port = 0;
	int rc;

	if (need_port(c->args[1], &port, e) == -1)
		return -1;
	(void)pthread_mutex_lock(&lock);
	rc = known_hosts_forget(paths_in(path, "certs/sftp_known_hosts"),
	    c->args[0], port, e);
	(void)pthread_mutex_unlock(&lock);
	return rc;
}

const struct verb verb_hostkey_add = {
	.words = "hostkey add",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 3,
	.args_max = 3,
	.run = run_add,
};

const struct verb verb_hostkey_find = {
	.words = "hostkey find",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 2,
	.args_max = 2,
	.run = run_find,
};

const struct verb verb_hostkey_forget = {
	.words = "hostkey forget",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 2,
	.args_max = 2,
	.run = run_forget,
};
