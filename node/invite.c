/*
 * ucm-node invite: let one new node join the cluster, or a rebuilt publisher
 * come back into it.
 */
#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/str.h"
#include "cluster/link.h"
#include "cluster/security_password.h"
#include "node/command.h"
#include "node/hostuser.h"
#include "node/invitation.h"
#include "node/options.h"
#include "node/passwords.h"
#include "node/setup.h"
#include "node/sshkeys.h"
#include "node/token.h"
#include "node/tree.h"
#include "trust/key.h"

#define ASK_MS 20000 /* for all nodes of the cluster to be asked */

static int
host_fingerprint(struct token *t, struct err *e)
{
	char host_key[SSHKEYS_TEXT_SIZE];
	char *print;
	int rc;

	if (sshkeys_host_key(host_key, e) == -1)
		return -1;
	print = key_ssh_fingerprint(host_key, e);
	if (print == NULL)
		return -1;
	rc = str_copy(t->fingerprint, sizeof(t->fingerprint), print);
	free(print);
	if (rc == -1)
		return err_set(e, ERR_KEY, "fingerprint: too long");
	return 0;
}

static int
check(struct token *t, const struct nodeconf *conf, struct err *e)
{
	struct in_addr in;

	if (conf->role != NODE_PUBLISHER) {
		(void)err_set(e, ERR_STATE, "only the publisher invites nodes");
		return err_hint(e, "run it on %s (%s)", conf->publisher_name,
		    conf->publisher_address);
	}
	if (!nodeconf_valid_name(t->name))
		return err_set(e, ERR_USAGE, "%s: not a host name", t->name);
	if (inet_pton(AF_INET, t->node_address, &in) != 1)
		return err_set(e, ERR_USAGE, "%s: not an IPv4 address",
		    t->node_address);
	if (str_equal(t->name, conf->name) ||
	    str_equal(t->node_address, conf->address))
		return err_set(e, ERR_USAGE,
		    "name or address of this node itself");
	return 0;
}

/* The key, the token, and how to use it. */
static int
invite(struct token *t, const struct nodeconf *conf, bool quiet, struct err *e)
{
	const char *use = t->publisher ? "init --restore-from" : "join";
	char command[INVITATION_COMMAND_SIZE];
	char *text;

	(void)str_copy(t->address, sizeof(t->address), conf->address);
	t->port = conf->ssh_port;
	if (t->publisher)
		invitation_publisher(command, t->name);
	else
		invitation_join(command, t->name, t->node_address,
		    t->node_port);
	if (host_fingerprint(t, e) == -1 ||
	    invitation_make(t, command, e) == -1)
		return -1;
	text = token_encode(t);
	if (!quiet)
		node_say("Run this on %s within %d minutes; it works once:\n",
		    t->name, INVITATION_SECONDS / 60);
	if (quiet)
		node_say("%s", text);
	else
		node_say("ucm-node %s %s", use, text);
	mem_free_wiped(text, strlen(text));
	return 0;
}

/* --- the publisher, rebuilt ---------------------------------------------- */

/* As ucm. */
static int
check_security(void *arg, struct wbuf *reply, struct err *e)
{
	const struct secret *given = arg;

	(void)reply;
	if (security_password_check(given, e) == 0)
		return 0;
	if (e->code == ERR_AUTH)
		return err_set(e, ERR_AUTH,
		    "not the cluster security password; nothing is changed");
	return -1;
}

/* A publisher that works must not get a second one beside it. */
static int
take_publisher(void *self, const struct strlist *columns)
{
	bool *alive = self;

	/* of cluster show: role and authenticated */
	if (columns->n >= 5 && str_equal(columns->item[3], "Publisher") &&
	    str_equal(columns->item[4], "t"))
		*alive = true;
	return 0;
}

static int
refuse_living(const struct nodeconf *conf, struct err *e)
{
	bool alive = false;
	const struct link_sink sink = { .row = take_publisher, .self = &alive };
	struct link_request rq = { .words = STRLIST_INIT };
	struct link *l = link_open_local(e);
	int rc;

	if (l == NULL)
		return -1;
	strlist_add(&rq.words, "cluster");
	strlist_add(&rq.words, "show");
	rc = link_call(l, &rq, &sink, clock_ticks() + ASK_MS, e);
	strlist_release(&rq.words);
	link_close(l);
	if (rc == -1 || !alive)
		return rc;
	(void)err_set(e, ERR_STATE, "the publisher %s (%s) works",
	    conf->publisher_name, conf->publisher_address);
	return err_hint(e,
	    "It is replaced only when it is gone: stop it for good first.");
}

static int
invite_publisher(struct token *t, const struct nodeconf *conf,
    struct passwords *passwords, bool quiet, struct err *e)
{
	t->publisher = true;
	(void)str_copy(t->name, sizeof(t->name), conf->publisher_name);
	(void)str_copy(t->node_address, sizeof(t->node_address),
	    conf->publisher_address);
	t->node_port = conf->ssh_port;
	if (passwords_need(passwords, PASSWORD_SECURITY,
		"Cluster security password", e) == -1 ||
	    setup_as(HOSTUSER_SERVICE, check_security,
		&passwords->of[PASSWORD_SECURITY], e) == -1 ||
	    refuse_living(conf, e) == -1)
		return -1;
	return invite(t, conf, quiet, e);
}

/* --- the command --------------------------------------------------------- */

struct invite_call {
	struct token token;
	struct passwords passwords;
	const char *passwords_file;
	bool quiet;
	bool publisher;
};

static int
take_options(struct invite_call *in, struct node_call *c, struct err *e)
{
	struct token *t = &in->token;
	const struct option_def defs[] = {
		{ "ssh-port", OPTION_PORT, &t->node_port, 0 },
		{ "quiet", OPTION_FLAG, &in->quiet, 0 },
		{ "publisher", OPTION_FLAG, &in->publisher, 0 },
		{ "passwords-file", OPTION_STRING, &in->passwords_file, 0 },
	};
	int nargs;

	if (options_parse(c->argc, c->argv, defs, 4, &nargs, e) == -1)
		return -1;
	if (in->publisher) {
		if (nargs != 0 || t->node_port != 0)
			return err_set(e, ERR_USAGE,
			    "--publisher: its name, address and port are "
			    "those of the cluster");
		return in->passwords_file == NULL ?
		    0 :
		    passwords_load(&in->passwords, in->passwords_file, e);
	}
	if (in->passwords_file != NULL)
		return err_set(e, ERR_USAGE,
		    "--passwords-file belongs to --publisher");
	if (nargs != 2 ||
	    str_copy(t->name, sizeof(t->name), c->argv[1]) == -1 ||
	    str_copy(t->node_address, sizeof(t->node_address), c->argv[2]) ==
		-1)
		return err_set(e, ERR_USAGE, "a name and an address");
	return 0;
}

static int
go(struct invite_call *in, struct err *e)
{
	struct nodeconf conf;

	if (!tree_finished())
		return err_set(e, ERR_STATE, "this host is no node");
	if (nodeconf_load(&conf, NULL, e) == -1)
		return -1;
	if (in->publisher) {
		if (conf.role == NODE_PUBLISHER)
			return err_set(e, ERR_STATE,
			    "this node is the publisher; a subscriber that "
			    "has survived invites a new one");
		return invite_publisher(&in->token, &conf, &in->passwords,
		    in->quiet, e);
	}
	if (in->token.node_port == 0)
		in->token.node_port = conf.ssh_port;
	if (check(&in->token, &conf, e) == -1)
		return -1;
	return invite(&in->token, &conf, in->quiet, e);
}

static int
run(struct node_call *c, struct err *e)
{
	struct invite_call *in = mem_alloc(sizeof(*in));
	int rc = take_options(in, c, e);

	if (rc == 0)
		rc = go(in, e);
	passwords_release(&in->passwords);
	mem_wipe(&in->token, sizeof(in->token));
	free(in);
	return rc;
}

const struct node_command node_invite = {
	.name = "invite",
	.usage = "NAME ADDRESS [--ssh-port N] [--quiet]\n"
		 "invite --publisher [--passwords-file FILE|-] [--quiet]",
	.help = "print a token with which one node may join, or the "
		"publisher be rebuilt",
	.root = true,
	.run = run,
};
