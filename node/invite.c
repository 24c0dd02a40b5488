/*
 * ucm-node invite: let one new node join the cluster.
 */
#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/str.h"
#include "node/command.h"
#include "node/hostuser.h"
#include "node/options.h"
#include "node/parent_keys.h"
#include "node/programs.h"
#include "node/sshkeys.h"
#include "node/token.h"
#include "node/tree.h"
#include "trust/key.h"

#define VALID_SECONDS 900
#define LINE_SIZE 2048

/* When sshd stops taking the key: the host's clock, in UTC. */
static void
expiry(char *dst, size_t size)
{
	time_t t = time(NULL) + VALID_SECONDS;
	struct tm tm;

	dst[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(dst, size, "%Y%m%d%H%M%SZ", &tm);
}

/* The one-time key: private half into the token, public half into line. */
static int
make_key(struct token *t, char line[LINE_SIZE], struct err *e)
{
	struct key *k = key_generate_ec(e);
	char *pem = NULL;
	char *public = NULL;
	char until[32];
	size_t n = 0;
	int rc = -1;

	if (k == NULL || key_to_pem(k, &pem, &n, e) == -1)
		goto out;
	public = key_ssh_public(k, e);
	if (public == NULL)
		goto out;
	expiry(until, sizeof(until));
	if (str_copy(t->key, sizeof(t->key), pem) == -1 ||
	    str_printf(line, LINE_SIZE,
		"restrict,expiry-time=\"%s\",command=\"" PROGRAM_NODE
		" enrol %s %s %u\" %s " PARENT_KEYS_INVITE "%s\n",
		until, t->name, t->node_address, (unsigned)t->node_port, public,
		t->name) == -1)
		(void)err_set(e, ERR_KEY, "one-time key: too long");
	else
		rc = 0;
out:
	free(public);
	mem_free_wiped(pem, n);
	key_free(k);
	return rc;
}

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

static int
invite(struct token *t, const struct nodeconf *conf, bool quiet, struct err *e)
{
	char line[LINE_SIZE];
	char *text;

	(void)str_copy(t->address, sizeof(t->address), conf->address);
	t->port = conf->ssh_port;
	if (check(t, conf, e) == -1 || host_fingerprint(t, e) == -1 ||
	    make_key(t, line, e) == -1 ||
	    sshkeys_invite(t->name, line, e) == -1)
		return -1;
	text = token_encode(t);
	if (!quiet)
		node_say("Run this on %s within %d minutes; it works once:\n",
		    t->name, VALID_SECONDS / 60);
	node_say("%s%s", quiet ? "" : "ucm-node join ", text);
	mem_free_wiped(text, strlen(text));
	return 0;
}

static int
run(struct node_call *c, struct err *e)
{
	struct token t = { .node_port = 0 };
	struct nodeconf conf;
	bool quiet = false;
	const struct option_def defs[] = {
		{ "ssh-port", OPTION_PORT, &t.node_port, 0 },
		{ "quiet", OPTION_FLAG, &quiet, 0 },
	};
	int nargs;
	int rc;

	if (options_parse(c->argc, c->argv, defs, 2, &nargs, e) == -1)
		return -1;
	if (nargs != 2 || str_copy(t.name, sizeof(t.name), c->argv[1]) == -1 ||
	    str_copy(t.node_address, sizeof(t.node_address), c->argv[2]) == -1)
		return err_set(e, ERR_USAGE, "a name and an address");
	if (!tree_finished())
		return err_set(e, ERR_STATE, "this host is no node");
	if (nodeconf_load(&conf, NULL, e) == -1)
		return -1;
	if (t.node_port == 0)
		t.node_port = conf.ssh_port;
	rc = invite(&t, &conf, quiet, e);
	mem_wipe(&t, sizeof(t));
	return rc;
}

const struct node_command node_invite = {
	.name = "invite",
	.usage = "NAME ADDRESS [--ssh-port N] [--quiet]",
	.help = "print a token with which one node may join (publisher)",
	.root = true,
	.run = run,
};
