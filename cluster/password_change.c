#include "cluster/password_change.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "cluster/fanout.h"
#include "cluster/security_password.h"
#include "db/db.h"
#include "trust/password.h"

#define ID_BYTES ((SECURITY_CHANGE_ID_SIZE - 1) / 2)

/* --- the real world ----------------------------------------------------- */

static int
real_nodes(void *self, struct roster *r, struct err *e)
{
	const struct password_change_world *w = self;

	return roster_load(r, w->conf, e);
}

static struct db *
open_db(const struct password_change_world *w, bool primary, struct err *e)
{
	return primary ? db_open_primary(w->conf, DB_RW, e) :
			 db_open_local(DB_RW, e);
}

static int
real_state(void *self, bool primary, struct security_change *out, struct err *e)
{
	struct db *db = open_db(self, primary, e);
	int rc;

	if (db == NULL)
		return -1;
	rc = security_change_read(db, out, e);
	db_close(db);
	return rc;
}

static int
real_begin(void *self, const char *id, struct err *e)
{
	struct db *db = open_db(self, true, e);
	int rc;

	if (db == NULL)
		return -1;
	rc = security_change_begin(db, id, e);
	db_close(db);
	return rc;
}

static enum cert_recorded
real_commit(void *self, const char *id, struct err *e)
{
	struct db *db = open_db(self, true, e);
	int rc;

	if (db == NULL)
		return CERT_REFUSED;
	rc = security_change_commit(db, id, e);
	db_close(db);
	if (rc == 0)
		return CERT_RECORDED;
	if (e->code == ERR_TIMEOUT || e->code == ERR_UNREACHABLE)
		return CERT_UNDECIDED;
	return CERT_REFUSED;
}

static int
real_cancel(void *self, struct err *e)
{
	struct db *db = open_db(self, true, e);
	int rc;

	if (db == NULL)
		return -1;
	rc = security_change_cancel(db, e);
	db_close(db);
	return rc;
}

struct password_change_ops
password_change_real(struct password_change_world *w)
{
	struct password_change_ops ops = { .nodes = real_nodes,
		.links = link_pool_source(w->links),
		.state = real_state,
		.begin = real_begin,
		.commit = real_commit,
		.cancel = real_cancel,
		.self = w };

	return ops;
}

/* --- the nodes ---------------------------------------------------------- */

/* A change under way. */
struct change {
	const struct password_change_ops *ops;
	const struct secret *fresh;
	const struct progress *p;
	char id[SECURITY_CHANGE_ID_SIZE];
	struct roster nodes;
	struct link **link; /* one for each node; NULL for this one */
	uint8_t *p12; /* ITLRecovery.p12 under the new password */
	size_t p12_len;
};

/* A thing each node does; on a thread of the fan-out. */
typedef int each_fn(void *self, size_t i, int64_t deadline_ticks,
    struct err *e);

/*
 * Have all nodes do it.  How many failed; their names go to failed, why the
 * first one did to e.
 */
static size_t
each(struct change *c, each_fn *run, struct strlist *failed, struct err *e)
{
	struct fanout f = { .n = c->nodes.n,
		.item_ms = PASSWORD_CHANGE_NODE_MS,
		.run = run,
		.self = c };
	struct err *outcome = mem_array(c->nodes.n, sizeof(*outcome));
	size_t n = fanout_run(&f, outcome);
	size_t i;

	for (i = 0; i < c->nodes.n; i++) {
		if (outcome[i].code == ERR_NONE)
			continue;
		if (failed->n == 0)
			*e = outcome[i];
		strlist_add(failed, c->nodes.node[i].name);
	}
	free(outcome);
	return n;
}

static int
call_node(const struct change *c, size_t i, const char *const *words,
    const struct secret *payload, int64_t deadline_ticks, struct err *e)
{
	struct link_request rq = { .words = STRLIST_INIT };
	int rc;

	for (; *words != NULL; words++)
		strlist_add(&rq.words, *words);
	if (payload != NULL) {
		rq.payload = payload->text;
		rq.payload_len = payload->len;
	}
	rc = c->ops->links.call(c->ops->links.self, c->link[i], &rq, NULL,
	    deadline_ticks, e);
	strlist_release(&rq.words);
	return rc;
}

static int
reach(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	static const char *const status[] = { "node", "status", NULL };
	struct change *c = self;

	if (c->nodes.node[i].local)
		return 0;
	c->link[i] = c->ops->links.open(c->ops->links.self, &c->nodes.node[i],
	    deadline_ticks, e);
	if (c->link[i] == NULL)
		return -1;
	return call_node(c, i, status, NULL, deadline_ticks, e);
}

static int
stage(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	const struct change *c = self;
	char size[24];
	const char *const words[] = { "password", "stage", c->id, size, NULL };

	if (c->nodes.node[i].local)
		return security_password_stage(c->id, c->fresh, e);
	(void)str_printf(size, sizeof(size), "%zu", c->fresh->len);
	return call_node(c, i, words, c->fresh, deadline_ticks, e);
}

static int
settle(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	const struct change *c = self;
	const char *const words[] = { "password", "settle", c->id, NULL };

	if (c->nodes.node[i].local)
		return 0;
	return call_node(c, i, words, NULL, deadline_ticks, e);
}

/* "a, b" of the names that fit. */
static void
join_names(char *dst, size_t size, const struct strlist *names)
{
	size_t used = 0;
	size_t i;

	dst[0] = '\0';
	for (i = 0; i < names->n; i++) {
		if (str_printf(dst + used, size - used, "%s%s",
			i == 0 ? "" : ", ", names->item[i]) == -1)
			break;
		used = strlen(dst);
	}
}

/* Steps 1 and 3: all of them, or the sentence that says which ones not. */
static int
all_nodes(struct change *c, each_fn *run, const char *what, struct err *e)
{
	struct strlist failed = STRLIST_INIT;
	char names[ERR_MSG_SIZE / 2];
	struct err why = ERR_INIT;

	if (each(c, run, &failed, &why) == 0)
		return 0;
	join_names(names, sizeof(names), &failed);
	strlist_release(&failed);
	*e = why;
	(void)err_wrap(e, "%s %s", names, what);
	return err_hint(e,
	    "The security password has not been changed on any node. All nodes "
	    "of the cluster must be running.");
}

/* --- the change --------------------------------------------------------- */

/* Nobody has it in force: all nodes drop what they have of it. */
static void
drop(struct change *c)
{
	struct strlist failed = STRLIST_INIT;
	struct err ignored = ERR_INIT;

	(void)security_password_discard(&ignored);
	(void)each(c, settle, &failed, &ignored);
	strlist_release(&failed);
}

/* It never came to the decision. */
static void
call_off(struct change *c, bool *open)
{
	struct err ignored = ERR_INIT;

	*open = c->ops->cancel(c->ops->self, &ignored) == -1;
	if (!*open)
		drop(c);
}

/*
 * End a change whose commit may still be under way in the database, though
 * nobody waits for it any more.  Behind the cancellation, which waits for
 * its row, it can do nothing more; what it has done shows then.  1: the
 * change is in force, 0: it never will be, -1: the database does not tell.
 */
static int
end_undecided(const struct password_change_ops *ops, const char *id,
    struct err *e)
{
	struct security_change now;

	if (ops->cancel(ops->self, e) == -1 ||
	    ops->state(ops->self, true, &now, e) == -1)
		return -1;
	return str_equal(now.current, id) ? 1 : 0;
}

/* Step 4. */
static int
decide(struct change *c, bool *open, struct err *e)
{
	enum cert_recorded how = c->ops->commit(c->ops->self, c->id, e);

	if (how == CERT_RECORDED)
		return 0;
	if (how == CERT_REFUSED) {
		call_off(c, open);
	} else {
		struct err ignored = ERR_INIT;
		int yes = end_undecided(c->ops, c->id, &ignored);

		if (yes == 1)
			return 0;
		if (yes == -1) {
			*open = true;
			(void)err_wrap(e,
			    "whether the security password is changed is not "
			    "known");
			return err_hint(e,
			    "The nodes find out as soon as the publisher's "
			    "database answers: then all have the new one, or "
			    "all the old one.");
		}
		drop(c);
	}
	return err_hint(e,
	    "The security password has not been changed on any node.");
}

/* Step 5. */
static int
put_in_force(struct change *c, bool *open, struct err *e)
{
	struct strlist later = STRLIST_INIT;
	struct err ignored = ERR_INIT;
	size_t i;
	int rc;

	rc = security_password_take(c->id, e);
	if (rc == 0)
		rc = cert_unit_install_p12(c->p12, c->p12_len, e);
	(void)each(c, settle, &later, &ignored);
	for (i = 0; i < later.n; i++)
		(void)progress_printf(c->p, &ignored,
		    "Node %s takes the new password over as soon as it can be "
		    "reached again.\n",
		    later.item[i]);
	strlist_release(&later);
	if (rc == 0)
		return 0;
	*open = true;
	(void)err_wrap(e,
	    "the security password is changed, but this node has not finished");
	return err_hint(e, "It goes on by itself as soon as it can.");
}

static int
run(struct change *c, bool *open, struct err *e)
{
	uint8_t number[ID_BYTES];

	c->link = mem_array(c->nodes.n, sizeof(struct link *));
	random_bytes(number, sizeof(number));
	str_hex(c->id, number, sizeof(number));
	if (all_nodes(c, reach, "cannot be reached", e) == -1 ||
	    cert_unit_encode_p12(c->fresh, &c->p12, &c->p12_len, e) == -1)
		return -1;
	if (c->ops->begin(c->ops->self, c->id, e) == -1 ||
	    all_nodes(c, stage, "did not take the new password", e) == -1) {
		call_off(c, open);
		return -1;
	}
	if (decide(c, open, e) == -1)
		return -1;
	return put_in_force(c, open, e);
}

int
password_change_run(const struct password_change_ops *ops,
    const struct secret *fresh, const struct progress *p, bool *open,
    struct err *e)
{
	struct change c = { .ops = ops, .fresh = fresh, .p = p };
	size_t i;
	int rc;

	*open = false;
	if (ops->nodes(ops->self, &c.nodes, e) == -1)
		return -1;
	rc = run(&c, open, e);
	for (i = 0; c.link != NULL && i < c.nodes.n; i++)
		if (c.link[i] != NULL)
			ops->links.close(ops->links.self, c.link[i]);
	free(c.link);
	mem_free_wiped(c.p12, c.p12_len);
	roster_release(&c.nodes);
	return rc;
}

/* --- a node with a new password in hand --------------------------------- */

static int
discard(enum password_settled *how, struct err *e)
{
	*how = PASSWORD_DISCARDED;
	return security_password_discard(e);
}

static int
take(const char *id, enum password_settled *how, struct err *e)
{
	*how = PASSWORD_TAKEN;
	return security_password_take(id, e);
}

/* By what the primary says. */
static int
settle_staged(const struct password_change_ops *ops, const char *id, bool idle,
    enum password_settled *how, struct err *e)
{
	struct security_change now;
	int yes;

	if (ops->state(ops->self, true, &now, e) == -1)
		return -1;
	yes = str_equal(now.current, id) ? 1 : 0;
	if (yes == 0 && str_equal(now.pending, id)) {
		if (!idle) {
			*how = PASSWORD_WAITING;
			return 0;
		}
		yes = end_undecided(ops, id, e);
	}
	if (yes == -1)
		return -1;
	return yes == 1 ? take(id, how, e) : discard(how, e);
}

int
password_change_settle(const struct password_change_ops *ops, bool idle,
    enum password_settled *how, struct err *e)
{
	char id[SECURITY_CHANGE_ID_SIZE];
	struct security_change here;

	*how = PASSWORD_SETTLED;
	if (!security_password_staged(id))
		return idle ? ops->cancel(ops->self, e) : 0;
	if (id[0] == '\0') /* nothing that was ever whole */
		return discard(how, e);
	/* a replica that lags says what was true: in force stays in force */
	if (ops->state(ops->self, false, &here, e) == -1)
		return -1;
	if (str_equal(here.current, id))
		return take(id, how, e);
	if (!idle && str_equal(here.pending, id)) {
		*how = PASSWORD_WAITING;
		return 0;
	}
	return settle_staged(ops, id, idle, how, e);
}

int
password_change_stage(const struct password_change_ops *ops, const char *id,
    const struct secret *fresh, struct err *e)
{
	struct security_change now;

	if (ops->state(ops->self, true, &now, e) == -1)
		return -1;
	if (!str_equal(now.pending, id))
		return err_set(e, ERR_STATE,
		    "no such change of the security password is under way");
	return security_password_stage(id, fresh, e);
}
