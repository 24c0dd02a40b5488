/*
 * ucm-node account: the administrators of this node.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "node/account.h"
#include "node/command.h"
#include "node/hostuser.h"
#include "node/options.h"
#include "node/passwords.h"
#include "node/tree.h"

#define NO_FD 1024U

static int
list(struct account_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		node_say("%-16s  %d", t->item[i].name, t->item[i].level);
	return 0;
}

/* A new account needs a password; a known one keeps its own. */
static int
set_password(const char *name, unsigned fd, struct err *e)
{
	struct secret password = { .text = NULL, .len = 0 };
	char what[64];
	int rc;

	(void)str_printf(what, sizeof(what), "Password of %s", name);
	rc = fd == NO_FD ? passwords_ask(&password, what, e) :
			   passwords_read_fd(&password, (int)fd, e);
	if (rc == 0)
		rc = hostuser_set_password(name, &password, e);
	secret_release(&password);
	return rc;
}

static int
add(struct account_table *t, char **args, unsigned fd, struct err *e)
{
	bool known = account_find(t, args[0]) != NULL;
	uint64_t level;

	if (str_number(args[1], 0, ACCOUNT_LEVEL_TOP, &level) == -1)
		return err_set(e, ERR_USAGE, "a level is 0, 1 or 4");
	if (account_set(t, args[0], (int)level, e) == -1 ||
	    hostuser_add_admin(args[0], e) == -1)
		return -1;
	if ((!known || fd != NO_FD) && set_password(args[0], fd, e) == -1) {
		if (!known)
			(void)hostuser_remove_admin(args[0], NULL);
		return -1;
	}
	if (account_save(t, e) == -1)
		return -1;
	node_say("Account %s has level %d.", args[0], (int)level);
	return 0;
}

static int
drop(struct account_table *t, const char *name, struct err *e)
{
	if (account_drop(t, name, e) == -1 || account_save(t, e) == -1 ||
	    hostuser_remove_admin(name, e) == -1)
		return -1;
	node_say("Account %s is removed.", name);
	return 0;
}

static int
run(struct node_call *c, struct err *e)
{
	struct account_table *t = mem_alloc(sizeof(*t));
	unsigned fd = NO_FD;
	const struct option_def defs[] = {
		{ "password-fd", OPTION_NUMBER, &fd, NO_FD - 1 },
	};
	char **args = c->argv + 1;
	int lock = -1;
	int nargs;
	int rc = -1;

	if (options_parse(c->argc, c->argv, defs, 1, &nargs, e) == -1)
		goto out;
	if (!tree_finished()) {
		(void)err_set(e, ERR_STATE, "this host is no node");
		goto out;
	}
	lock = node_lock(e);
	if (lock == -1 || account_load(t, e) == -1)
		goto out;
	if (nargs == 3 && str_equal(args[0], "add"))
		rc = add(t, args + 1, fd, e);
	else if (nargs == 1 && str_equal(args[0], "list"))
		rc = list(t);
	else if (nargs == 2 && str_equal(args[0], "remove"))
		rc = drop(t, args[1], e);
	else
		(void)err_set(e, ERR_USAGE, "add, list or remove");
out:
	if (lock != -1)
		close(lock);
	free(t);
	return rc;
}

const struct node_command node_account = {
	.name = "account",
	.usage = "add NAME 0|1|4 [--password-fd N] | list | remove NAME",
	.help = "administrators of this node and their privilege levels",
	.root = true,
	.run = run,
};
