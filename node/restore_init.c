#include "node/restore_init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/progress.h"
#include "base/str.h"
#include "node/bundle.h"
#include "node/command.h"
#include "node/dbserver.h"
#include "node/hostuser.h"
#include "node/nodecerts.h"
#include "node/restore_rows.h"
#include "node/restore_talk.h"
#include "node/token.h"
#include "node/tree.h"

/* Says what the data in db/ is for; there before it, gone after it. */
#define MARK_FILE "etc/restoring"

struct restore {
	struct setup *base;
	struct nodeconf given; /* by options: name, domain, address */
	struct token token;
	char host_key[SSHKEYS_TEXT_SIZE];
	char peer_key[SSHKEYS_TEXT_SIZE];
	struct pledge pledge;
	struct dbserver_source source;
	char left_out[1024]; /* lines */
};

bool
restore_init_begun(void)
{
	char path[PATH_SIZE];

	return access(paths_in(path, MARK_FILE), F_OK) == 0;
}

/* --- before anything is done --------------------------------------------- */

/* Everything but names and address is the cluster's. */
static bool
is_plain(const struct nodeconf *c)
{
	struct nodeconf d;

	nodeconf_defaults(&d);
	return c->ssh_port == d.ssh_port && c->tftp_port == d.tftp_port &&
	    c->http_port == d.http_port && c->tvs_port == d.tvs_port &&
	    c->sip_port == d.sip_port && c->db_port == d.db_port &&
	    str_equal(c->organization, d.organization) &&
	    str_equal(c->unit, d.unit) && str_equal(c->locality, d.locality) &&
	    str_equal(c->state, d.state) && str_equal(c->country, d.country) &&
	    c->key_bits == d.key_bits && c->startup_delay == d.startup_delay;
}

static int
check_options(const struct setup *s, const char *token_text, struct err *e)
{
	if (!is_plain(&s->conf))
		return err_set(e, ERR_USAGE,
		    "--restore-from: ports and names of certificates are "
		    "those of the cluster");
	if (str_equal(token_text, "-") && s->passwords_file != NULL &&
	    str_equal(s->passwords_file, "-"))
		return err_set(e, ERR_USAGE,
		    "token and passwords cannot both be standard input");
	return 0;
}

static int
take_token(struct token *t, char *text, struct err *e)
{
	int rc;

	if (str_equal(text, "-")) {
		char line[TOKEN_MAX] = "";

		if (fgets(line, sizeof(line), stdin) == NULL)
			line[0] = '\0';
		rc = token_decode(t, line, e);
		mem_wipe(line, sizeof(line));
	} else {
		rc = token_decode(t, text, e);
		/* ps shows arguments, and this one opens a door. */
		mem_wipe(text, strlen(text));
	}
	if (rc == -1 || t->publisher)
		return rc;
	(void)err_set(e, ERR_USAGE, "this token is for a node that joins");
	return err_hint(e,
	    "\"ucm-node invite --publisher\" on a subscriber makes the other "
	    "kind");
}

/* Data that is not from here would be taken for the cluster's. */
static int
refuse_others_rest(struct err *e)
{
	struct nodeconf old;
	char path[PATH_SIZE];

	if (restore_init_begun() ||
	    access(paths_in(path, "etc/node.conf"), F_OK) == -1)
		return 0;
	if (nodeconf_load(&old, NULL, e) == -1)
		return -1;
	(void)err_set(e, ERR_STATE, "making node %s was interrupted here",
	    old.name);
	return err_hint(e, "run \"ucm-node destroy\" first");
}

static int
get_passwords(struct setup *s, struct err *e)
{
	if (s->passwords_file != NULL &&
	    passwords_load(&s->passwords, s->passwords_file, e) == -1)
		return -1;
	if (passwords_need(&s->passwords, PASSWORD_ADMIN,
		"Password of the administrator", e) == -1)
		return -1;
	return passwords_need(&s->passwords, PASSWORD_SECURITY,
	    "Cluster security password", e);
}

/* --- what the cluster knows ---------------------------------------------- */

/* As ucm. */
static int
ask_facts(void *arg, struct wbuf *reply, struct err *e)
{
	struct bundle b;
	char *text;

	if (restore_talk_facts(arg, &text, e) == -1)
		return -1;
	bundle_init(&b);
	bundle_add_text(&b, "node_conf", text);
	bundle_encode(&b, reply);
	bundle_release(&b);
	free(text);
	return 0;
}

static bool
differs(const char *given, const char *is)
{
	return given[0] != '\0' && strcmp(given, is) != 0;
}

static int
check_facts(const struct restore *r, const struct nodeconf *n, struct err *e)
{
	if (n->role != NODE_PUBLISHER || !str_equal(n->name, r->token.name) ||
	    !str_equal(n->address, r->token.node_address))
		return err_set(e, ERR_FORMAT,
		    "the subscriber's answer is not about the publisher");
	if (!differs(r->given.name, n->name) &&
	    !differs(r->given.domain, n->domain) &&
	    !differs(r->given.address, n->address))
		return 0;
	(void)err_set(e, ERR_STATE,
	    "the cluster's publisher is %s.%s (%s), and stays it", n->name,
	    n->domain, n->address);
	return err_hint(e, "give this host that name and address");
}

/* node.conf, checked as a file before it gets its name. */
static int
take_facts(struct restore *r, struct err *e)
{
	struct nodeconf *n = &r->base->conf;
	char path[PATH_SIZE];
	struct bundle b;
	const char *text;
	int rc = -1;

	if (setup_ask(HOSTUSER_SERVICE, ask_facts, &r->token, &b, e) == -1)
		return -1;
	paths_in(path, "etc/node.conf.restore");
	text = bundle_text(&b, "node_conf", e);
	if (text != NULL &&
	    file_replace(path, text, strlen(text), 0644, e) == 0) {
		rc = nodeconf_load(n, path, e);
		(void)file_remove(path, NULL);
	}
	bundle_release(&b);
	return rc == -1 ? -1 : check_facts(r, n, e);
}

/* --- what the nodes do --------------------------------------------------- */

static int
say(void *self, const char *text)
{
	(void)self;
	(void)fputs(text, stdout);
	(void)fflush(stdout);
	return 0;
}

/* As ucm. */
static int
ask_nodes(void *arg, struct wbuf *reply, struct err *e)
{
	static const struct progress progress = { .text = say };
	const struct restore *r = arg;
	const struct restore_talk t = {
		.conf = &r->base->conf,
		.token = &r->token,
		.security = &r->base->passwords.of[PASSWORD_SECURITY],
		.progress = &progress,
	};
	struct restore_result out;
	struct bundle b;
	struct wbuf lines;

	if (restore_talk_adopt(&t, &out, e) == -1)
		return -1;
	bundle_init(&b);
	wbuf_init(&lines, 0);
	for (size_t i = 0; i < out.left_out.n; i++)
		wbuf_printf(&lines, "  %s\n", out.left_out.item[i]);
	pledge_add(&out.pledge, &b);
	bundle_add_text(&b, "source", out.source_address);
	bundle_add(&b, "left_out", lines.data, lines.len);
	bundle_encode(&b, reply);
	wbuf_release(&lines);
	bundle_release(&b);
	restore_result_release(&out);
	return 0;
}

static int
win_nodes(struct restore *r, struct err *e)
{
	const char *source;
	const char *left_out;
	struct bundle b;
	int rc = -1;

	if (setup_ask(HOSTUSER_SERVICE, ask_nodes, r, &b, e) == -1)
		return -1;
	source = bundle_text(&b, "source", e);
	left_out = bundle_text(&b, "left_out", e);
	if (source != NULL && left_out != NULL)
		rc = pledge_take(&r->pledge, &b, e);
	if (rc == 0) {
		(void)str_copy(r->source.address, sizeof(r->source.address),
		    source);
		(void)str_copy(r->left_out, sizeof(r->left_out), left_out);
		r->source.port = r->base->conf.db_port;
	}
	bundle_release(&b);
	return rc;
}

/* --- the node ------------------------------------------------------------ */

/* With the server running for this alone. */
static int
fill(struct restore *r, struct setup_work *w, struct err *e)
{
	struct restore_rows rows = {
		.conf = &r->base->conf,
		.pledge = &r->pledge,
	};

	if (dbserver_promote(e) == -1 || dbserver_migrate(e) == -1)
		return -1;
	node_say("Finishing keys and certificates ...");
	if (setup_work_wait(w, e) == -1)
		return -1;
	return setup_as(HOSTUSER_SERVICE, restore_rows_record, &rows, e);
}

static int
make_database(struct restore *r, struct setup_work *w, struct err *e)
{
	pid_t server;
	int rc;

	node_say("Copying its database ...");
	if (dbserver_copy(&r->source, e) == -1)
		return -1;
	server = dbserver_start_private(&r->base->conf, e);
	if (server == -1)
		return -1;
	rc = fill(r, w, e);
	dbserver_stop_private(server);
	/* that server leaves writing to the system */
	sync();
	return rc;
}

/* As ucm. */
static int
tell_end(void *arg, struct wbuf *reply, struct err *e)
{
	(void)reply;
	return restore_talk_end(arg, e);
}

static int
finish(struct restore *r, struct err *e)
{
	const struct nodeconf *n = &r->base->conf;
	char path[PATH_SIZE];

	if (setup_admin(r->base, e) == -1)
		return -1;
	/* one that cannot be told lets the key expire by itself */
	(void)setup_as(HOSTUSER_SERVICE, tell_end, &r->token, NULL);
	if (file_remove(paths_in(path, MARK_FILE), e) == -1 ||
	    tree_finish(e) == -1)
		return -1;
	node_say("Node %s.%s (%s) is the publisher of its cluster again; "
		 "\"ucm-node start\" starts it.",
	    n->name, n->domain, n->address);
	if (r->left_out[0] != '\0')
		node_say("Left out, to be destroyed and joined again:\n%.*s",
		    (int)strlen(r->left_out) - 1, r->left_out);
	return 0;
}

static int
rebuild(struct restore *r, struct setup_work *w, struct err *e)
{
	struct setup *s = r->base;
	char path[PATH_SIZE];

	node_say("Making accounts, directories and configuration ...");
	if (setup_tree(s, e) == -1 || setup_work_rsa(w, e) == -1)
		return -1;
	node_say("Asking the subscriber (%s) ...", r->token.address);
	if (take_facts(r, e) == -1 ||
	    file_replace(paths_in(path, MARK_FILE), "", 0, 0600, e) == -1 ||
	    setup_configuration(s, e) == -1 ||
	    setup_ssh(&s->conf, r->host_key, r->peer_key, e) == -1 ||
	    setup_tls(&s->conf, e) == -1 || win_nodes(r, e) == -1 ||
	    setup_as(HOSTUSER_SERVICE, nodecerts_security_password,
		&s->passwords.of[PASSWORD_SECURITY], e) == -1 ||
	    setup_work_units(w, s, e) == -1 || make_database(r, w, e) == -1)
		return -1;
	return finish(r, e);
}

int
restore_init(struct setup *s, char *token_text, struct err *e)
{
	struct restore *r = mem_alloc(sizeof(*r));
	struct setup_work w = SETUP_WORK_INIT;
	int lock;
	int rc = -1;

	r->base = s;
	r->given = s->conf;
	if (s->admin[0] == '\0')
		(void)str_copy(s->admin, sizeof(s->admin), "admin");
	if (check_options(s, token_text, e) == 0 &&
	    setup_refuse_finished(e) == 0 && refuse_others_rest(e) == 0 &&
	    take_token(&r->token, token_text, e) == 0 &&
	    get_passwords(s, e) == 0 && (lock = node_lock(e)) != -1) {
		rc = rebuild(r, &w, e);
		if (setup_work_wait(&w, rc == 0 ? e : NULL) == -1)
			rc = -1;
		close(lock);
	}
	mem_wipe(&r->token, sizeof(r->token));
	free(r);
	return rc;
}
