#include "cluster/itl_reset.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "cluster/fanout.h"
#include "cluster/recovery_key.h"
#include "db/services.h"
#include "db/users.h"
#include "trust/certfile.h"
#include "trust/digest.h"
#include "trust/password.h"
#include "trust/trustlist.h"

#define HINT_RESTART                                                     \
	"Restart Cisco Tftp on this node: it builds and signs the file " \
	"again. Then reset again."
#define HINT_DATABASE \
	"Nothing has been changed. A Cisco DB must be running on this node."

/* --- the real world ----------------------------------------------------- */

static int
real_password(void *self, const struct secret *password, struct err *e)
{
	struct user_row user;
	struct db *db;
	int rc;

	(void)self;
	if ((db = db_open_local(DB_RW, e)) == NULL) {
		(void)err_wrap(e, "the CCM Administrator password");
		return err_hint(e, HINT_DATABASE);
	}
	rc = users_ccm_administrator(db, &user, e);
	db_close(db);
	if (rc == -1)
		return -1;
	rc = password_verify(user.password_hash, password, e);
	user_row_release(&user);
	if (rc == -1 && e->code == ERR_AUTH) {
		(void)err_set(e, ERR_AUTH,
		    "The CCM Administrator password is wrong.");
		return err_hint(e, "Nothing has been changed on any node.");
	}
	return rc;
}

static bool
is_listed(const struct node_list *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (str_equal(l->item[i].name, name))
			return true;
	return false;
}

static int
real_active(void *self, struct roster *r, struct err *e)
{
	const struct itl_reset_world *w = self;
	struct node_list active = NODE_LIST_INIT;
	struct db *db;
	size_t kept = 0;
	size_t i;
	int rc;

	*r = (struct roster) { 0 };
	if ((db = db_open_local(DB_RW, e)) == NULL) {
		(void)err_wrap(e, "the list of Tftp servers");
		return err_hint(e, HINT_DATABASE);
	}
	rc = roster_read(r, db, w->conf, e);
	if (rc == 0)
		rc = services_nodes(db, SERVICES_TFTP, &active, e);
	db_close(db);
	for (i = 0; rc == 0 && i < r->n; i++)
		if (is_listed(&active, r->node[i].name))
			r->node[kept++] = r->node[i];
	if (rc == 0)
		r->n = kept;
	else
		roster_release(r);
	node_list_release(&active);
	return rc;
}

struct itl_reset_ops
itl_reset_real(struct itl_reset_world *w)
{
	struct itl_reset_ops ops = { .password = real_password,
		.active = real_active,
		.links = link_pool_source(w->links),
		.self = w };

	return ops;
}

/* --- the file ----------------------------------------------------------- */

/* Read the publisher's ITL file and check it from itself. */
static int
read_itl(struct trustlist *l, size_t *signer, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;
	int rc;

	paths_in(path, "tftp/ITLFile.tlv");
	if (file_read(path, TRUSTLIST_MAX_SIZE, &data, &len, e) == -1) {
		(void)err_wrap(e, "the ITL file of this node");
		return err_hint(e, HINT_RESTART);
	}
	rc = trustlist_parse(l, data, len, e);
	free(data);
	if (rc == 0 && l->kind != TRUSTLIST_ITL)
		rc = err_set(e, ERR_FORMAT, "not an ITL");
	if (rc == 0)
		rc = trustlist_verify(l, signer, e);
	if (rc == 0)
		return 0;
	trustlist_release(l);
	(void)err_wrap(e, "ITLFile.tlv of this node does not verify");
	return err_hint(e, HINT_RESTART);
}

/* Is record i of l the one of this very certificate? */
static bool
signed_by(const struct trustlist *l, size_t i, const struct cert *c)
{
	const struct element *have;

	if (i >= l->n_records || l->record == NULL)
		return false;
	have = &l->record[i].element[RECORD_CERTIFICATE];
	return have->present && have->len == c->der_len &&
	    memcmp(have->value, c->der, c->der_len) == 0;
}

/* Sign l with this key, unless it is. */
static int
sign(struct itl_reset_file *f, const struct trustlist *l, size_t signed_at,
    const struct certfile *recovery, struct err *e)
{
	const struct signer signer = { .cert = recovery->cert,
		.key = recovery->key,
		.digest = l->header.digest,
		.timestamp = clock_wall() };
	char hex[DIGEST_HEX_SIZE];

	if (signed_by(l, signed_at, recovery->cert)) {
		f->reused = true;
		f->data = mem_dup(l->data, l->len);
		f->len = l->len;
	} else if (trustlist_resign(l, &signer, recovery->cert, &f->data,
		       &f->len, e) == -1) {
		return err_wrap(e, "the reset ITL file");
	}
	digest_hex(DIGEST_SHA1, f->data, f->len, hex);
	(void)str_copy(f->sha, sizeof(f->sha), hex);
	return 0;
}

int
itl_reset_make(struct itl_reset_file *f, const struct certfile *key,
    struct err *e)
{
	struct certfile own = CERTFILE_INIT;
	struct trustlist l = { .data = NULL };
	size_t at = 0;
	int rc = -1;

	*f = (struct itl_reset_file) { 0 };
	if (read_itl(&l, &at, e) == 0 &&
	    (key != NULL || recovery_key_read(&own, e) == 0))
		rc = sign(f, &l, at, key != NULL ? key : &own, e);
	certfile_release(&own);
	trustlist_release(&l);
	return rc;
}

/* --- the nodes ---------------------------------------------------------- */

/* A reset under way. */
struct reset {
	const struct itl_reset_ops *ops;
	const struct itl_reset_job *job;
	const struct progress *p;
	struct itl_plan plan;
	struct link **link; /* one for each node of the plan; NULL: none */
	struct itl_reset_file file;
	bool *transferred; /* by node: the file has got there */
	struct strlist failed; /* their names */
};

struct status_row {
	struct itl_status *status;
	bool seen;
	struct err why;
};

static int
take_status(void *self, const struct strlist *columns)
{
	struct status_row *row = self;

	if (row->seen)
		return err_set(&row->why, ERR_FORMAT,
		    "status of the ITL: two rows");
	row->seen = true;
	return itl_status_parse(columns, row->status, &row->why);
}

/* Ask node i for its status, over a link that is kept. */
static int
ask_status(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct reset *r = self;
	struct itl_plan_node *n = &r->plan.node[i];
	struct status_row row = { .status = &n->status };
	const struct link_sink sink = { .row = take_status, .self = &row };
	struct link_request rq = { .words = STRLIST_INIT };
	int rc;

	r->link[i] =
	    r->ops->links.open(r->ops->links.self, &n->node, deadline_ticks, e);
	if (r->link[i] == NULL)
		return -1;
	strlist_add(&rq.words, "itl");
	strlist_add(&rq.words, "status");
	rc = r->ops->links.call(r->ops->links.self, r->link[i], &rq, &sink,
	    deadline_ticks, e);
	strlist_release(&rq.words);
	if (row.why.code != ERR_NONE) {
		*e = row.why;
		return -1;
	}
	if (rc == 0 && !row.seen)
		return err_set(e, ERR_FORMAT, "status of the ITL: no row");
	return rc;
}

/*
 * The nodes of the roster and their status.  Their number stays what it is
 * until drop_inactive(), so a node's index is also that of its link.
 */
static void
locate(struct reset *r, const struct roster *nodes)
{
	struct fanout f = { .n = nodes->n,
		.item_ms = ITL_STATUS_MS,
		.run = ask_status,
		.self = r };
	struct err *outcome = mem_array(nodes->n, sizeof(*outcome));
	size_t i;

	r->plan.node = mem_array(nodes->n, sizeof(*r->plan.node));
	r->plan.n = nodes->n;
	r->link = mem_array(nodes->n, sizeof(struct link *));
	for (i = 0; i < nodes->n; i++)
		r->plan.node[i].node = nodes->node[i];
	(void)fanout_run(&f, outcome);
	for (i = 0; i < nodes->n; i++)
		r->plan.node[i].why = outcome[i];
	free(outcome);
}

static void
close_link(struct reset *r, size_t i)
{
	if (r->link[i] != NULL)
		r->ops->links.close(r->ops->links.self, r->link[i]);
	r->link[i] = NULL;
}

/* Nodes that are deactivated after all leave, and their links with them. */
static void
drop_inactive(struct reset *r)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < r->plan.n; i++) {
		const struct itl_plan_node *n = &r->plan.node[i];

		if (n->why.code == ERR_NONE && !n->status.activated)
			close_link(r, i);
		else
			r->link[kept++] = r->link[i];
	}
	while (kept < r->plan.n)
		r->link[kept++] = NULL;
	itl_plan_drop_inactive(&r->plan);
}

/* One request to node i over the link that its status came by. */
static int
call_node(const struct reset *r, size_t i, const char *const *words,
    const struct itl_reset_file *payload, int64_t deadline_ticks, struct err *e)
{
	struct link_request rq = { .words = STRLIST_INIT };
	size_t k;
	int rc;

	for (k = 0; words[k] != NULL; k++)
		strlist_add(&rq.words, words[k]);
	if (payload != NULL) {
		rq.payload = payload->data;
		rq.payload_len = payload->len;
	}
	rc = r->ops->links.call(r->ops->links.self, r->link[i], &rq, NULL,
	    deadline_ticks, e);
	strlist_release(&rq.words);
	return rc;
}

/* Do node i's step.  Runs on a thread of the fan-out. */
static int
do_step(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct reset *r = self;
	char size[24];
	const char *const stage[] = { "itl", "stage", r->file.sha, size, NULL };
	const char *const activate[] = { "itl", "activate", r->file.sha, NULL };

	switch (r->plan.node[i].step) {
	case ITL_STEP_NONE:
		return 0;
	case ITL_STEP_UNREACHABLE:
		*e = r->plan.node[i].why;
		return -1;
	case ITL_STEP_STOPPED:
		return err_set(e, ERR_STATE,
		    "Cisco Tftp is activated but does not run there");
	case ITL_STEP_SEND:
		(void)str_printf(size, sizeof(size), "%zu", r->file.len);
		if (call_node(r, i, stage, &r->file, deadline_ticks, e) == -1)
			return -1;
		break;
	case ITL_STEP_ACTIVATE:
		break;
	}
	r->transferred[i] = true;
	return call_node(r, i, activate, NULL, deadline_ticks, e);
}

/*
 * Say how node i ended.  In the dialogue every node but the local one starts
 * with a line on the transfer and a blank line.
 */
static void
tell_step(void *self, size_t i, const struct err *how)
{
	struct reset *r = self;
	const struct itl_plan_node *n = &r->plan.node[i];
	const char *name = n->node.name;
	struct err e = ERR_INIT;

	if (how->code == ERR_NONE && n->step == ITL_STEP_NONE) {
		(void)progress_printf(r->p, &e,
		    "Cisco Tftp on host %s serves the reset ITL file "
		    "already\n",
		    name);
		return;
	}
	if (r->transferred[i] && !n->node.local)
		(void)progress_printf(r->p, &e,
		    "Successfully transferred reset ITL to node %s\n\n", name);
	/* the local node's is said before its restart begins */
	if (r->transferred[i] && !(n->node.local && i == 0))
		(void)progress_printf(r->p, &e,
		    "Restarting Cisco Tftp service on host %s\n", name);
	if (how->code == ERR_NONE) {
		(void)progress_printf(r->p, &e,
		    "Cisco Tftp service restarted on host %s\n", name);
		return;
	}
	strlist_add(&r->failed, name);
	(void)progress_printf(r->p, &e, "Node %s was not reset: %s\n", name,
	    how->msg);
}

/*
 * The publisher's own copy comes first: if not even that can be stored, no
 * other node is touched.
 */
static int
stage_here(struct reset *r, struct err *e)
{
	struct itl_plan_node *n = &r->plan.node[0];
	char size[24];
	const char *const stage[] = { "itl", "stage", r->file.sha, size, NULL };

	if (!n->node.local || n->step != ITL_STEP_SEND)
		return 0;
	(void)str_printf(size, sizeof(size), "%zu", r->file.len);
	if (call_node(r, 0, stage, &r->file, clock_ticks() + ITL_NODE_MS, e) ==
	    -1)
		return err_wrap(e, "the reset ITL file");
	n->step = ITL_STEP_ACTIVATE;
	return 0;
}

/* Do every node's step.  How many failed; their names are in r->failed. */
static size_t
bring_into_force(struct reset *r)
{
	struct fanout f = { .n = r->plan.n,
		.item_ms = ITL_NODE_MS,
		.run = do_step,
		.done = tell_step,
		.self = r };
	struct err *outcome = mem_array(r->plan.n, sizeof(*outcome));
	const struct itl_plan_node *first = &r->plan.node[0];
	struct err ignored = ERR_INIT;
	size_t failed;

	r->transferred = mem_array(r->plan.n, sizeof(*r->transferred));
	(void)progress_printf(r->p, &ignored,
	    "Transferring new reset ITL file to the TFTP server nodes in the "
	    "cluster.........\n\n");
	if (first->node.local && first->step == ITL_STEP_ACTIVATE)
		(void)progress_printf(r->p, &ignored,
		    "Restarting Cisco Tftp service on host %s\n",
		    first->node.name);
	failed = fanout_run(&f, outcome);
	(void)progress_printf(r->p, &ignored, "\n");
	free(outcome);
	return failed;
}

/* The result of a reset that some nodes did not take. */
static int
name_failed(const struct reset *r, struct err *e)
{
	char names[ERR_MSG_SIZE / 2] = "";
	size_t used = 0;
	size_t i;

	for (i = 0; i < r->failed.n; i++) {
		if (str_printf(names + used, sizeof(names) - used, "%s %s",
			i == 0 ? "" : ",", r->failed.item[i]) == -1)
			break;
		used = strlen(names);
	}
	(void)err_set(e, ERR_PARTIAL,
	    "The reset ITL file is not in force on %zu of %zu nodes:%s",
	    r->failed.n, r->plan.n, names);
	return err_hint(e,
	    "When they are back, run utils itl reset localkey again: it does "
	    "what is missing.");
}

static int
run(struct reset *r, const struct roster *nodes, struct err *e)
{
	struct err ignored = ERR_INIT;
	char *list;

	locate(r, nodes);
	drop_inactive(r);
	if (r->plan.n == 0)
		return err_set(e, ERR_STATE,
		    "Cisco Tftp is not activated on any node.");
	list = itl_plan_list(&r->plan);
	(void)progress_printf(r->p, &ignored,
	    "Following is the list of Active tftp servers in the cluster\n\n"
	    "%s\n",
	    list);
	free(list);
	if (itl_reset_make(&r->file, r->job->key, e) == -1)
		return -1;
	itl_plan_decide(&r->plan, r->file.sha);
	if (stage_here(r, e) == -1)
		return -1;
	if (r->job->adopt != NULL && r->job->adopt(r->job->self, e) == -1)
		return -1;
	(void)progress_printf(r->p, &ignored,
	    "The reset ITL file was generated successfully\n\n\n");
	return bring_into_force(r) == 0 ? 0 : name_failed(r, e);
}

/* What comes before the dialogue; nothing has been changed by then. */
static int
may_run(const struct nodeconf *conf, const struct itl_reset_ops *ops,
    const struct itl_reset_job *job, struct err *e)
{
	if (conf->role != NODE_PUBLISHER)
		return err_set(e, ERR_DENIED, "This is not a Publisher Node.");
	if (ops->password(ops->self, job->password, e) == -1)
		return -1;
	return job->open == NULL ? 0 : job->open(job->self, e);
}

int
itl_reset_run(const struct nodeconf *conf, const struct itl_reset_ops *ops,
    const struct itl_reset_job *job, const struct progress *p, struct err *e)
{
	struct reset r = { .ops = ops,
		.job = job,
		.p = p,
		.failed = STRLIST_INIT };
	struct roster nodes = { 0 };
	size_t links;
	size_t i;
	int rc;

	if (may_run(conf, ops, job, e) == -1)
		return -1;
	if (progress_printf(p, e,
		"\nLocating active Tftp servers in the cluster.....\n\n") == -1)
		return -1;
	if (ops->active(ops->self, &nodes, e) == -1)
		return -1;
	if (nodes.n == 0) {
		roster_release(&nodes);
		return err_set(e, ERR_STATE,
		    "Cisco Tftp is not activated on any node.");
	}
	links = nodes.n;
	rc = run(&r, &nodes, e);
	for (i = 0; i < links; i++)
		close_link(&r, i);
	free(r.link);
	free(r.transferred);
	free(r.file.data);
	strlist_release(&r.failed);
	itl_plan_release(&r.plan);
	roster_release(&nodes);
	return rc;
}
