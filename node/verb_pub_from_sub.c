/*
 * restore pub_from_sub: a publisher that was made anew by "ucm-node init",
 * with the name, the address and the security password of the one that was
 * lost, becomes the publisher of the old cluster.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/security_password.h"
#include "node/adopted.h"
#include "node/agent.h"
#include "node/restore_rows.h"
#include "node/restore_talk.h"
#include "node/token.h"
#include "node/verb.h"

#define JOB_MS 5000

static int
take_token(const struct verb_ctx *c, struct token *t, struct err *e)
{
	char *text = mem_strndup((const char *)c->payload, c->payload_len);
	int rc = token_decode(t, text, e);

	mem_free_wiped(text, strlen(text));
	if (rc == 0 && !t->publisher)
		return err_set(e, ERR_USAGE,
		    "this token is for a node that joins");
	return rc;
}

/* The cluster's nodes reach their publisher where the lost one was. */
static int
check_facts(const struct nodeconf *own, const struct nodeconf *n, struct err *e)
{
	if (!str_equal(own->name, n->name) ||
	    !str_equal(own->domain, n->domain) ||
	    !str_equal(own->address, n->address)) {
		(void)err_set(e, ERR_STATE,
		    "the cluster's publisher is %s.%s (%s), this node is "
		    "%s.%s (%s)",
		    n->name, n->domain, n->address, own->name, own->domain,
		    own->address);
	} else if (own->ssh_port != n->ssh_port || own->db_port != n->db_port) {
		(void)err_set(e, ERR_STATE,
		    "the cluster expects the ports %u (SSH) and %u (database) "
		    "here, they are %u and %u",
		    (unsigned)n->ssh_port, (unsigned)n->db_port,
		    (unsigned)own->ssh_port, (unsigned)own->db_port);
	} else {
		return 0;
	}
	return err_hint(e, "Make this node with those: ucm-node(8), init.");
}

static int
compare_facts(const struct agent *a, const struct token *t, struct err *e)
{
	struct nodeconf n;
	char path[PATH_SIZE];
	char *text;
	int rc;

	if (restore_talk_facts(t, &text, e) == -1)
		return -1;
	paths_in(path, "run/restore.conf");
	rc = file_replace(path, text, strlen(text), 0644, e);
	free(text);
	if (rc == -1)
		return -1;
	rc = nodeconf_load(&n, path, e);
	(void)file_remove(path, NULL);
	return rc == 0 ? check_facts(&a->conf, &n, e) : -1;
}

/* The nodes first: nothing here has changed while they can still refuse. */
static int
win_nodes(struct verb_ctx *c, const struct token *t, struct restore_result *out,
    struct err *e)
{
	struct progress p = verb_progress(c);
	struct secret security;
	const struct restore_talk talk = {
		.conf = &c->agent->conf,
		.token = t,
		.security = &security,
		.progress = &p,
	};
	int rc;

	if (security_password_read(&security, e) == -1)
		return -1;
	rc = restore_talk_adopt(&talk, out, e);
	secret_release(&security);
	return rc;
}

/* Cisco Tftp reads the cluster's certificates when it starts. */
static void
restart_tftp(struct agent *a)
{
	struct parent_status st;

	if (parent_service_status(&a->parent, PARENT_TFTP, &st, NULL) == 0 &&
	    st.pid != 0)
		(void)parent_service(&a->parent, PARENT_SERVICE_RESTART,
		    PARENT_TFTP, NULL);
}

static int
take_database(struct verb_ctx *c, const struct restore_result *r, struct err *e)
{
	struct agent *a = c->agent;
	struct restore_rows rows = { .conf = &a->conf, .pledge = &r->pledge };

	verb_text(c, "Copying its database ...\n");
	/* the copy names the keys of the lost one; these are to count */
	if (adopted_store(&r->pledge, e) == -1)
		return -1;
	agent_keys_changed(a);
	if (parent_db_renew(&a->parent, r->source_address, e) == -1 ||
	    parent_migrate(&a->parent, e) == -1)
		return -1;
	verb_text(c, "Recording this publisher ...\n");
	return restore_rows_record(&rows, NULL, e);
}

static int
restore(struct verb_ctx *c, const struct token *t, struct err *e)
{
	struct restore_result r;
	int rc;

	verb_text(c, "Asking the subscriber (%s) ...\n", t->address);
	if (compare_facts(c->agent, t, e) == -1 || win_nodes(c, t, &r, e) == -1)
		return -1;
	rc = take_database(c, &r, e);
	if (rc == 0) {
		restart_tftp(c->agent);
		/* one that cannot be told lets the key expire by itself */
		(void)restore_talk_end(t, NULL);
		verb_text(c, "The publisher has the database of %s.\n",
		    r.source_name);
	}
	restore_result_release(&r);
	return rc;
}

static int
run_pub_from_sub(struct verb_ctx *c, struct err *e)
{
	struct agent *a = c->agent;
	struct token t;
	int rc = -1;

	if (a->conf.role != NODE_PUBLISHER)
		return err_set(e, ERR_STATE, "This is not a Publisher Node.");
	if (take_token(c, &t, e) == 0 &&
	    agent_lock_take(&a->job, JOB_MS, e) == 0) {
		rc = restore(c, &t, e);
		agent_lock_give(&a->job);
	}
	mem_wipe(&t, sizeof(t));
	return rc;
}

const struct verb verb_restore_pub_from_sub = {
	.words = "restore pub_from_sub",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.payload_max = TOKEN_MAX,
	.run = run_pub_from_sub,
};
