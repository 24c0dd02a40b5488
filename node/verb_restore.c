/*
 * restore facts, nodes, relay, end: what a subscriber does for a publisher
 * that is rebuilt, which its one-time key lets in; restore look, adopt: what
 * every subscriber does when that one asks.
 *
 * All but facts and end need a pledge that proves the cluster security
 * password (node/pledge.h), and each node looks at it by itself.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/link.h"
#include "cluster/roster.h"
#include "db/db.h"
#include "db/nodes.h"
#include "db/position.h"
#include "node/adopted.h"
#include "node/agent.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/invitation.h"
#include "node/pledge.h"
#include "node/verb.h"

#define PAYLOAD_MAX 65536
#define TRIES 3 /* wrong passwords that a token outlives */
#define ALIVE_MS 3000 /* for the lost publisher to answer after all */
#define LINK_MS 8000
#define RELAY_MS 100000
#define JOB_MS 5000
#define DATABASE_MS 60000 /* for the database to be back */
#define SETTLE_MS 1000 /* without progress: all has been replayed */
#define LOOK_MS 100

/* What a request has brought. */
struct offer {
	struct bundle bundle;
	struct pledge pledge;
};

/* --- who asks ------------------------------------------------------------ */

static int
refuse_publisher(const struct agent *a, struct err *e)
{
	if (a->conf.role == NODE_SUBSCRIBER)
		return 0;
	return err_set(e, ERR_STATE, "this node is no subscriber");
}

/* Is the publisher of this name invited?  Its one-time key in key. */
static int
invited(const struct verb_ctx *c, char key[SSHKEYS_TEXT_SIZE], struct err *e)
{
	const char *name = c->args[0];
	char command[INVITATION_COMMAND_SIZE];

	if (refuse_publisher(c->agent, e) == -1)
		return -1;
	if (!nodeconf_valid_name(name) ||
	    !str_equal(name, c->agent->conf.publisher_name))
		return err_set(e, ERR_DENIED, "not this cluster's publisher");
	invitation_publisher(command, name);
	if (invitation_find(name, command, key, e) == 0)
		return 0;
	if (e->code != ERR_NOT_FOUND)
		return -1;
	return err_set(e, ERR_DENIED, "publisher %s is not invited", name);
}

static int
take_offer(const struct verb_ctx *c, struct offer *o, struct err *e)
{
	const struct nodeconf *conf = &c->agent->conf;

	if (bundle_decode(&o->bundle, c->payload, c->payload_len, e) == -1)
		return -1;
	if (pledge_take(&o->pledge, &o->bundle, e) == -1)
		return -1;
	if (str_equal(o->pledge.name, conf->publisher_name) &&
	    str_equal(o->pledge.address, conf->publisher_address))
		return 0;
	return err_set(e, ERR_STATE, "the cluster's publisher is %s (%s)",
	    conf->publisher_name, conf->publisher_address);
}

/*
 * Whoever has stolen a token can try passwords for as long as it is open:
 * so it is closed after a few.
 */
static void
count_wrong(struct agent *a, const char *name)
{
	struct err e = ERR_INIT;
	bool close;

	(void)pthread_mutex_lock(&a->mutex);
	close = ++a->wrong_pledges >= TRIES;
	if (close)
		a->wrong_pledges = 0;
	(void)pthread_mutex_unlock(&a->mutex);
	log_warning("a rebuilt publisher gave a wrong security password%s",
	    close ? "; its invitation is closed" : "");
	if (close && parent_invite_remove(&a->parent, name, &e) == -1)
		log_error("%s", e.msg);
}

static void
count_right(struct agent *a)
{
	(void)pthread_mutex_lock(&a->mutex);
	a->wrong_pledges = 0;
	(void)pthread_mutex_unlock(&a->mutex);
}

/* With the lock. */
static int
prove(const struct verb_ctx *c, struct offer *o, struct err *e)
{
	char key[SSHKEYS_TEXT_SIZE];
	int rc;

	if (invited(c, key, e) == -1)
		return -1;
	if (!str_equal(key, o->pledge.invitation))
		return err_set(e, ERR_DENIED,
		    "the pledge is not for this invitation");
	rc = pledge_check_here(&o->pledge, e);
	if (rc == 0)
		count_right(c->agent);
	else if (e->code == ERR_AUTH)
		count_wrong(c->agent, c->args[0]);
	return rc;
}

/*
 * The offer that the invited publisher makes, by its one-time key.  One proof
 * is looked at after the other, so that none is when the invitation has been
 * closed.
 */
static int
take_invited(const struct verb_ctx *c, struct offer *o, struct err *e)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int rc;

	if (take_offer(c, o, e) == -1)
		return -1;
	(void)pthread_mutex_lock(&lock);
	rc = prove(c, o, e);
	(void)pthread_mutex_unlock(&lock);
	return rc;
}

/* --- facts, nodes -------------------------------------------------------- */

/* What the database says of the publisher, as its own node.conf. */
static int
publisher_conf(const struct agent *a, struct nodeconf *n, struct err *e)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	struct db *db = db_open_local(DB_RW, e);
	int rc = -1;

	if (db != NULL)
		rc = nodes_find(db, a->conf.publisher_name, row, e);
	db_close(db);
	*n = a->conf;
	if (rc == 0) {
		(void)str_copy(n->name, sizeof(n->name), row->name);
		(void)str_copy(n->domain, sizeof(n->domain), row->domain);
		(void)str_copy(n->address, sizeof(n->address), row->address);
		n->role = NODE_PUBLISHER;
		n->ssh_port = row->ssh_port;
		n->tftp_port = row->tftp_port;
		n->http_port = row->http_port;
		n->db_port = row->db_port;
		n->clock_offset = 0;
		n->age_offset = 0;
	}
	free(row);
	return rc;
}

static void
answer(struct verb_ctx *c, const struct bundle *b)
{
	struct wbuf w;

	wbuf_init(&w, 0);
	bundle_encode(b, &w);
	verb_data(c, w.data, w.len);
	wbuf_release(&w);
}

static int
run_facts(struct verb_ctx *c, struct err *e)
{
	struct nodeconf n;
	struct bundle b;
	int rc;

	if (invited(c, NULL, e) == -1 || publisher_conf(c->agent, &n, e) == -1)
		return -1;
	bundle_init(&b);
	rc = bundle_add_conf(&b, &n, e);
	if (rc == 0)
		answer(c, &b);
	bundle_release(&b);
	return rc;
}

/* One that still has the keys the database knows is not replaced. */
static int
refuse_living(const struct roster *r, struct err *e)
{
	const struct roster_node *n = roster_publisher(r);
	struct err ignored = ERR_INIT;
	struct link *l;

	l = link_open_node(n, clock_ticks() + ALIVE_MS, &ignored);
	if (l == NULL)
		return 0;
	link_close(l);
	return err_set(e, ERR_STATE, "the publisher %s (%s) still works",
	    n->name, n->address);
}

static int
run_nodes(struct verb_ctx *c, struct err *e)
{
	struct offer o;
	struct roster r = { 0 };
	struct bundle b;
	struct wbuf w;
	int rc = -1;

	bundle_init(&o.bundle);
	bundle_init(&b);
	wbuf_init(&w, BUNDLE_MAX / 2);
	if (take_invited(c, &o, e) == -1 ||
	    roster_load(&r, &c->agent->conf, e) == -1 ||
	    refuse_living(&r, e) == -1)
		goto out;
	for (size_t i = 0; i < r.n; i++)
		if (r.node[i].role == NODE_SUBSCRIBER)
			wbuf_printf(&w, "%s %s\n", r.node[i].name,
			    r.node[i].address);
	bundle_add(&b, "nodes", w.data, w.len);
	answer(c, &b);
	rc = 0;
out:
	wbuf_release(&w);
	bundle_release(&b);
	bundle_release(&o.bundle);
	roster_release(&r);
	return rc;
}

/* --- relay, end ---------------------------------------------------------- */

static int
pass_data(void *self, const void *p, size_t n)
{
	verb_data(self, p, n);
	return 0;
}

static int
pass_on(struct verb_ctx *c, const struct roster_node *n, struct err *e)
{
	const struct link_sink sink = { .data = pass_data, .self = c };
	struct link_request rq = { .words = STRLIST_INIT,
		.payload = c->payload,
		.payload_len = c->payload_len };
	struct link *l = link_open_node(n, clock_ticks() + LINK_MS, e);
	char size[24];
	int rc;

	if (l == NULL)
		return -1;
	(void)str_printf(size, sizeof(size), "%zu", c->payload_len);
	strlist_add(&rq.words, "restore");
	strlist_add(&rq.words, c->args[1]);
	strlist_add(&rq.words, size);
	rc = link_call(l, &rq, &sink, clock_ticks() + RELAY_MS, e);
	strlist_release(&rq.words);
	link_close(l);
	return rc;
}

static int
run_relay(struct verb_ctx *c, struct err *e)
{
	const struct roster_node *n = NULL;
	struct offer o;
	struct roster r = { 0 };
	int rc = -1;

	bundle_init(&o.bundle);
	if (!str_equal(c->args[1], "look") && !str_equal(c->args[1], "adopt")) {
		(void)err_set(e, ERR_USAGE, "look or adopt");
	} else if (take_invited(c, &o, e) == 0 &&
	    roster_load(&r, &c->agent->conf, e) == 0) {
		n = roster_find(&r, c->args[2]);
		if (n == NULL || n->role != NODE_SUBSCRIBER)
			(void)err_set(e, ERR_NOT_FOUND, "no such subscriber");
		else
			rc = pass_on(c, n, e);
	}
	bundle_release(&o.bundle);
	roster_release(&r);
	return rc;
}

static int
run_end(struct verb_ctx *c, struct err *e)
{
	if (refuse_publisher(c->agent, e) == -1)
		return -1;
	if (!str_equal(c->args[0], c->agent->conf.publisher_name))
		return err_set(e, ERR_DENIED, "not this cluster's publisher");
	return parent_invite_remove(&c->agent->parent, c->args[0], e);
}

/* --- look ---------------------------------------------------------------- */

static int
add_client_request(struct bundle *b, struct nodeconf *conf, struct err *e)
{
	struct bundle own;
	struct wbuf w;
	int rc;

	bundle_init(&own);
	wbuf_init(&w, BUNDLE_MAX);
	rc = dbtls_request_client(conf, &w, e);
	if (rc == 0)
		rc = bundle_decode(&own, w.data, w.len, e);
	if (rc == 0)
		bundle_add_text(b, "client_csr",
		    bundle_find(&own, "client_csr")->data);
	bundle_release(&own);
	wbuf_release(&w);
	return rc;
}

static int
read_position(struct position *p, struct err *e)
{
	struct db *db = db_open_local(DB_RW, e);
	int rc;

	if (db == NULL)
		return -1;
	rc = position_read(db, p, e);
	db_close(db);
	return rc;
}

static int
run_look(struct verb_ctx *c, struct err *e)
{
	struct offer o;
	struct position p;
	struct bundle b;
	char number[24];
	int rc = -1;

	bundle_init(&o.bundle);
	bundle_init(&b);
	if (refuse_publisher(c->agent, e) == -1 || take_offer(c, &o, e) == -1 ||
	    pledge_check_here(&o.pledge, e) == -1 ||
	    parent_tls_request(&c->agent->parent, &b, e) == -1 ||
	    add_client_request(&b, &c->agent->conf, e) == -1 ||
	    read_position(&p, e) == -1)
		goto out;
	(void)str_printf(number, sizeof(number), "%u", (unsigned)p.timeline);
	bundle_add_text(&b, "timeline", number);
	(void)str_printf(number, sizeof(number), "%llu",
	    (unsigned long long)p.lsn);
	bundle_add_text(&b, "lsn", number);
	answer(c, &b);
	rc = 0;
out:
	bundle_release(&b);
	bundle_release(&o.bundle);
	return rc;
}

/* --- adopt --------------------------------------------------------------- */

/* Until it answers again and has replayed all it has. */
static int
await_database(struct err *e)
{
	int64_t deadline = clock_ticks() + DATABASE_MS;
	int64_t since = clock_ticks();
	struct position last = { 0 };
	bool answers = false;

	while (!answers || clock_ticks() - since < SETTLE_MS) {
		struct position now;

		if (clock_ticks() > deadline)
			return answers ? 0 : -1;
		clock_nap(LOOK_MS);
		err_clear(e);
		if (read_position(&now, e) == -1)
			continue;
		if (!answers || position_compare(&now, &last) != 0)
			since = clock_ticks();
		answers = true;
		last = now;
	}
	return 0;
}

/* Its connection to the lost publisher, if there is one, ends with it. */
static int
restart_database(struct agent *a, struct err *e)
{
	int64_t deadline = clock_ticks() + DATABASE_MS;
	struct parent_status st;
	uint32_t pid;

	if (parent_service_status(&a->parent, PARENT_POSTGRESQL, &st, e) == -1)
		return -1;
	pid = st.pid;
	if (parent_service(&a->parent, PARENT_SERVICE_RESTART,
		PARENT_POSTGRESQL, e) == -1)
		return -1;
	do {
		if (clock_ticks() > deadline)
			return err_set(e, ERR_TIMEOUT,
			    "the database does not restart");
		clock_nap(LOOK_MS);
		if (parent_service_status(&a->parent, PARENT_POSTGRESQL, &st,
			e) == -1)
			return -1;
	} while (st.pid == pid);
	return await_database(e);
}

/*
 * Repeated after an interruption it does the same again.  The keys come
 * last but the restart: from then on the lost publisher is a stranger.
 */
static int
adopt(struct agent *a, const struct offer *o, struct err *e)
{
	struct bundle b = o->bundle;

	if (parent_tls_install(&a->parent, &b, e) == -1 ||
	    dbtls_install_client(&b, NULL, e) == -1 ||
	    adopted_store(&o->pledge, e) == -1)
		return -1;
	agent_keys_changed(a);
	log_info("publisher %s has been rebuilt: its new keys are adopted",
	    o->pledge.name);
	return restart_database(a, e);
}

static int
run_adopt(struct verb_ctx *c, struct err *e)
{
	struct agent *a = c->agent;
	struct offer o;
	int rc = -1;

	bundle_init(&o.bundle);
	if (refuse_publisher(a, e) == 0 && take_offer(c, &o, e) == 0 &&
	    pledge_check_here(&o.pledge, e) == 0 &&
	    agent_lock_take(&a->job, JOB_MS, e) == 0) {
		rc = adopt(a, &o, e);
		agent_lock_give(&a->job);
	}
	bundle_release(&o.bundle);
	return rc;
}

/* ------------------------------------------------------------------------- */

const struct verb verb_restore_facts = {
	.words = "restore facts",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.run = run_facts,
};

const struct verb verb_restore_nodes = {
	.words = "restore nodes",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.payload_max = PAYLOAD_MAX,
	.run = run_nodes,
};

const struct verb verb_restore_relay = {
	.words = "restore relay",
	.flags = VERB_PEER,
	.args_min = 3,
	.args_max = 3,
	.payload_max = PAYLOAD_MAX,
	.run = run_relay,
};

const struct verb verb_restore_end = {
	.words = "restore end",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.run = run_end,
};

const struct verb verb_restore_look = {
	.words = "restore look",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.payload_max = PAYLOAD_MAX,
	.run = run_look,
};

const struct verb verb_restore_adopt = {
	.words = "restore adopt",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.payload_max = PAYLOAD_MAX,
	.run = run_adopt,
};
