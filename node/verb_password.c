/*
 * password admin, security, stage and settle.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cluster/password_change.h"
#include "cluster/recovery_key.h"
#include "cluster/security_password.h"
#include "node/agent.h"
#include "node/verb.h"
#include "trust/password_quality.h"

#define JOB_WAIT_MS 120000 /* for a regeneration or a reset to end */
#define NODE_WAIT_MS 5000 /* on another node, for its upkeep */
#define GUESS_MS 2500 /* what a wrong old password costs, as at a login */

/* The secret of a request: old password, newline, new password. */
struct pair {
	struct secret old;
	struct secret fresh;
	bool wrong; /* the old one is not that in force */
};

static void
pair_release(struct pair *p)
{
	secret_release(&p->old);
	secret_release(&p->fresh);
}

static int
take_pair(struct pair *p, const struct verb_ctx *c, const char *name,
    struct err *e)
{
	const struct secret *s = c->secret;
	const char *newline = s == NULL ? NULL : memchr(s->text, '\n', s->len);
	size_t n;

	*p = (struct pair) { .old = { .text = NULL } };
	if (newline == NULL)
		return err_set(e, ERR_USAGE,
		    "the old and the new password are missing");
	n = (size_t)(newline - s->text);
	secret_set(&p->old, s->text, n);
	secret_set(&p->fresh, newline + 1, s->len - n - 1);
	if (password_quality_check(&p->fresh, name, e) == 0) {
		if (!secret_equal(&p->old, &p->fresh))
			return 0;
		(void)err_set(e, ERR_USAGE,
		    "The new password must not be the old one.");
	}
	pair_release(p);
	return -1;
}

/*
 * A wrong old password leaves a trace and takes its time; an account has few
 * requests of this kind at a time (VERB_COSTLY).
 */
static void
punish_guess(const struct verb_ctx *c, const char *what)
{
	log_warning("%s password: wrong old password given by %s", what,
	    c->caller.name);
	clock_nap(GUESS_MS);
}

/* --- an administrator's own --------------------------------------------- */

static int
run_admin(struct verb_ctx *c, struct err *e)
{
	struct pair p;
	int rc;

	if (c->caller.all)
		return err_set(e, ERR_DENIED,
		    "%s is no administrator's account", c->caller.name);
	if (take_pair(&p, c, c->caller.name, e) == -1)
		return -1;
	rc = parent_admin_password(&c->agent->parent, c->caller.name, &p.old,
	    &p.fresh, e);
	pair_release(&p);
	if (rc == -1) {
		if (e->code == ERR_AUTH)
			punish_guess(c, "account");
		return -1;
	}
	log_info("account %s: password changed", c->caller.name);
	return 0;
}

/* --- the cluster's ------------------------------------------------------ */

/* With the lock of jobs and that of the recovery key. */
static int
change(struct verb_ctx *c, struct pair *p, struct err *e)
{
	struct agent *a = c->agent;
	struct password_change_world w = { .conf = &a->conf,
		.links = a->links };
	const struct password_change_ops ops = password_change_real(&w);
	const struct progress progress = verb_progress(c);
	struct err why = ERR_INIT;
	bool open = false;
	int rc;

	if (security_password_check(&p->old, e) == -1) {
		/* later on it can be another node that refuses our key */
		p->wrong = e->code == ERR_AUTH;
		return -1;
	}
	rc = password_change_run(&ops, &p->fresh, &progress, &open, e);
	if (open)
		agent_set_repaired(a, false);
	if (rc == -1)
		return -1;
	log_info("security password changed by %s", c->caller.name);
	/* whoever watches the backup looks for himself as well */
	if (recovery_key_note(&a->conf, false, &why) == -1)
		log_warning("backup of the recovery key: %s", why.msg);
	return 0;
}

/* When nothing else runs. */
static int
change_alone(struct verb_ctx *c, struct pair *p, struct err *e)
{
	struct agent *a = c->agent;
	int rc;

	/* before the lock, which the repair needs */
	if (agent_repaired(a, AGENT_REPAIR_WAIT_MS, e) == -1 ||
	    agent_lock_take(&a->job, JOB_WAIT_MS, e) == -1)
		return -1;
	rc = agent_repaired(a, 0, e);
	if (rc == 0)
		rc = agent_lock_take(&a->recovery, JOB_WAIT_MS, e);
	if (rc == 0) {
		rc = change(c, p, e);
		agent_lock_give(&a->recovery);
	}
	agent_lock_give(&a->job);
	return rc;
}

static int
run_security(struct verb_ctx *c, struct err *e)
{
	const struct nodeconf *conf = &c->agent->conf;
	struct pair p;
	int rc;

	if (conf->role != NODE_PUBLISHER)
		return err_set(e, ERR_DENIED,
		    "The security password is changed on the publisher, %s, "
		    "and for all nodes at once.",
		    conf->publisher_name);
	if (take_pair(&p, c, NULL, e) == -1)
		return -1;
	rc = change_alone(c, &p, e);
	pair_release(&p);
	if (p.wrong)
		punish_guess(c, "security");
	return rc;
}

/* --- what the publisher asks of the other nodes ------------------------- */

static int
need_subscriber(const struct agent *a, struct err *e)
{
	if (a->conf.role == NODE_SUBSCRIBER)
		return 0;
	return err_set(e, ERR_STATE,
	    "the publisher changes the security password itself");
}

static int
run_stage(struct verb_ctx *c, struct err *e)
{
	struct password_change_world w = { .conf = &c->agent->conf };
	const struct password_change_ops ops = password_change_real(&w);
	struct secret fresh;
	uint64_t size;
	int rc;

	if (need_subscriber(c->agent, e) == -1)
		return -1;
	if (!security_change_valid(c->args[0]) ||
	    str_number(c->args[1], 1, PASSWORD_QUALITY_MAX, &size) == -1 ||
	    size != c->payload_len)
		return err_set(e, ERR_USAGE,
		    "the number of a change and a password");
	secret_set(&fresh, (const char *)c->payload, c->payload_len);
	rc = password_quality_check(&fresh, NULL, e);
	if (rc == 0)
		rc = agent_lock_take(&c->agent->recovery, NODE_WAIT_MS, e);
	if (rc == 0) {
		rc = password_change_stage(&ops, c->args[0], &fresh, e);
		agent_lock_give(&c->agent->recovery);
	}
	secret_release(&fresh);
	return rc;
}

static int
run_settle(struct verb_ctx *c, struct err *e)
{
	struct password_change_world w = { .conf = &c->agent->conf };
	const struct password_change_ops ops = password_change_real(&w);
	enum password_settled how;
	int rc;

	if (need_subscriber(c->agent, e) == -1 ||
	    agent_lock_take(&c->agent->recovery, NODE_WAIT_MS, e) == -1)
		return -1;
	rc = password_change_settle(&ops, false, &how, e);
	agent_lock_give(&c->agent->recovery);
	if (rc == -1)
		return -1;
	if (how == PASSWORD_WAITING)
		return err_set(e, ERR_STATE,
		    "the change of the security password is under way");
	return 0;
}

const struct verb verb_password_admin = {
	.words = "password admin",
	.flags = VERB_ACCOUNTS | VERB_COSTLY,
	.level = 1,
	.run = run_admin,
};

const struct verb verb_password_security = {
	.words = "password security",
	.flags = VERB_ACCOUNTS | VERB_COSTLY,
	.level = 1,
	.run = run_security,
};

const struct verb verb_password_stage = {
	.words = "password stage",
	.flags = VERB_PEER,
	.args_min = 2,
	.args_max = 2,
	.payload_max = PASSWORD_QUALITY_MAX,
	.run = run_stage,
};

const struct verb verb_password_settle = {
	.words = "password settle",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.run = run_settle,
};
