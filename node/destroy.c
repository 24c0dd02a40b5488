/*
 * ucm-node destroy: this host is no node any more.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/account.h"
#include "node/command.h"
#include "node/hostuser.h"
#include "node/options.h"
#include "node/render.h"
#include "node/stop.h"
#include "node/tree.h"

#define PAM_FILE "/etc/pam.d/ucm-sshd"
#define STOP_SECONDS 20

static int
ask(struct err *e)
{
	struct nodeconf conf;
	char line[32];
	bool known = nodeconf_load(&conf, NULL, NULL) == 0;

	if (isatty(STDIN_FILENO) == 0) {
		(void)err_set(e, ERR_USAGE,
		    "no terminal to ask on; nothing is changed");
		return err_hint(e, "--yes goes ahead without asking");
	}
	(void)printf("Node %s, with its keys, certificates and database, will "
		     "be gone for good.\nGo ahead (yes/no)? ",
	    known ? conf.name : paths_root());
	(void)fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL ||
	    !str_equal(line, "yes\n"))
		return err_set(e, ERR_CANCELLED, "nothing is changed");
	return 0;
}

/* Administrators' accounts; those that are none any more stay. */
static int
remove_accounts(struct err *e)
{
	struct account_table *t = mem_alloc(sizeof(*t));
	int rc = account_load(t, e);

	for (size_t i = 0; rc == 0 && i < t->n; i++)
		if (hostuser_is_admin(t->item[i].name))
			rc = hostuser_remove_admin(t->item[i].name, e);
	free(t);
	return rc;
}

/* What escaped the node's supervision must not write while it is removed. */
static void
end_leftovers(void)
{
	static const char *const names[] = { HOSTUSER_SERVICE, HOSTUSER_PEER };

	for (size_t i = 0; i < 2; i++) {
		const struct passwd *pw = getpwnam(names[i]);

		if (pw != NULL && pw->pw_uid != 0)
			hostuser_end_processes(pw->pw_uid);
	}
}

static int
destroy(struct err *e)
{
	if (stop_node(STOP_SECONDS, NULL, e) == -1 || remove_accounts(e) == -1)
		return -1;
	end_leftovers();
	if (file_remove(PAM_FILE, e) == -1 ||
	    file_remove(PAM_FILE RENDER_OLD, e) == -1 || tree_remove(e) == -1)
		return -1;
	return hostuser_remove_system(e);
}

static int
run(struct node_call *c, struct err *e)
{
	bool yes = false;
	const struct option_def defs[] = {
		{ "yes", OPTION_FLAG, &yes, 0 },
	};
	int lock;
	int nargs;
	int rc;

	if (options_parse(c->argc, c->argv, defs, 1, &nargs, e) == -1)
		return -1;
	if (nargs > 0)
		return err_set(e, ERR_USAGE, "unexpected argument %s",
		    c->argv[1]);
	if (!tree_exists())
		return err_set(e, ERR_STATE, "this host is no node");
	if (!yes && ask(e) == -1)
		return -1;
	lock = node_lock(e);
	if (lock == -1)
		return -1;
	rc = destroy(e);
	if (rc == 0)
		node_lock_remove();
	close(lock);
	if (rc == 0)
		node_say("The node is gone.");
	return rc;
}

const struct node_command node_destroy = {
	.name = "destroy",
	.usage = "[--yes]",
	.help = "stop this node and remove it with all its data",
	.root = true,
	.run = run,
};
