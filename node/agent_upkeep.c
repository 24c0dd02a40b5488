#include "node/agent_upkeep.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cert_regen.h"
#include "cluster/link_pool.h"
#include "cluster/password_change.h"
#include "cluster/recovery_key.h"
#include "cluster/roster.h"
#include "cluster/security_password.h"
#include "db/certs.h"
#include "db/changes.h"
#include "db/position.h"
#include "db/replicas.h"
#include "db/services.h"
#include "node/adopted.h"
#include "node/parent_keys.h"
#include "node/restore_rows.h"
#include "node/service.h"

#define JOB_WAIT_MS 10
#define PRIMARY_LOOK_MS 3000 /* between looks at a rebuilt publisher */
#define PRIMARY_PATIENCE_MS 9000 /* for the standby to follow by itself */

struct upkeep {
	struct agent *agent;
	struct db *db; /* this node's; NULL: not open */
	bool migrated;
	bool rendered; /* node keys and services follow `counter` */
	bool compared; /* the node's certificates do */
	uint64_t counter; /* of changes, seen last */
	bool adopted; /* pledge counts more than the database */
	struct pledge pledge;
	int64_t look_again; /* at the new primary, in clock_ticks() */
	int64_t apart_since; /* seen there, but nothing comes; 0: not so */
	char complaint[ERR_MSG_SIZE]; /* logged last: not again and again */
};

/* Log a failure unless it is the one logged last. */
static void
complain(struct upkeep *u, const char *what, const struct err *e)
{
	char text[ERR_MSG_SIZE];

	(void)str_printf(text, sizeof(text), "%s: %s", what, e->msg);
	if (str_equal(text, u->complaint))
		return;
	(void)str_copy(u->complaint, sizeof(u->complaint), text);
	log_warning("%s", text);
}

/* "TYPE BASE64" without the type; nothing for a key of another type. */
static void
take_key(char *dst, size_t size, const char *key)
{
	size_t n = strlen(PARENT_KEY_TYPE);

	dst[0] = '\0';
	if (str_starts(key, PARENT_KEY_TYPE) && key[n] == ' ' &&
	    str_copy(dst, size, key + n + 1) == -1)
		dst[0] = '\0';
}

static void
take_node(struct parent_node *dst, const struct node_row *row)
{
	*dst = (struct parent_node) { .port = row->ssh_port };
	(void)str_copy(dst->name, sizeof(dst->name), row->name);
	(void)str_copy(dst->address, sizeof(dst->address), row->address);
	take_key(dst->host_key, sizeof(dst->host_key), row->host_key);
	take_key(dst->client_key, sizeof(dst->client_key), row->peer_key);
}

long
agent_upkeep_nodes(const struct node_list *l, struct parent_node *dst,
    struct err *left_out, struct err *e)
{
	size_t kept = 0;
	size_t i;

	if (l->n > PARENT_NODES_MAX)
		return err_set(e, ERR_TOO_BIG, "more than %d nodes",
		    PARENT_NODES_MAX);
	for (i = 0; i < l->n; i++) {
		take_node(&dst[kept], &l->item[i]);
		if (parent_keys_check(&dst[kept], left_out) == 0)
			kept++;
	}
	return (long)kept;
}

/* --- a rebuilt publisher -------------------------------------------------- */

/*
 * A publisher that was killed between getting the cluster's database and
 * recording itself there does the latter now.
 */
static int
record_publisher(struct upkeep *u, struct err *e)
{
	struct agent *a = u->agent;
	struct restore_rows rows = { .conf = &a->conf, .pledge = &u->pledge };
	struct err busy = ERR_INIT;
	int rc;

	if (a->conf.role != NODE_PUBLISHER ||
	    agent_lock_take(&a->job, JOB_WAIT_MS, &busy) == -1)
		return 0;
	rc = restore_rows_record(&rows, NULL, e);
	agent_lock_give(&a->job);
	return rc;
}

/* Put the adopted keys into l, unless the database knows them by now. */
static int
apply_adopted(struct upkeep *u, struct node_list *l, struct err *e)
{
	if (!u->adopted)
		return 0;
	if (!adopted_apply(&u->pledge, l))
		return record_publisher(u, e);
	if (adopted_forget(e) == -1)
		return -1;
	u->adopted = false;
	log_info("the database knows the rebuilt publisher");
	return 0;
}

/*
 * Is the primary's database the one of which this node has a copy?  That of
 * a publisher made anew, which has not got the cluster's yet, is not.  When
 * this node's own does not answer it is left to the root parent, which looks
 * at the data itself.
 */
static int
check_system(struct db *own, struct db *primary, struct err *e)
{
	struct position here;
	struct position there;

	if (own == NULL || position_read(own, &here, NULL) == -1)
		return 0;
	if (position_read(primary, &there, e) == -1)
		return -1;
	if (here.system == there.system)
		return 0;
	return err_set(e, ERR_STATE,
	    "the publisher has not got the cluster's database yet");
}

/*
 * Does this node's standby follow the primary?  -1: it cannot be asked, or
 * is not the one to follow.  The slot there is made good, in case it must be
 * used for a copy.
 */
static int
streams(const struct upkeep *u, bool *yes, struct err *e)
{
	struct nodeconf conf = u->agent->conf;
	struct db *db = db_open_primary(&conf, DB_RW, e);
	struct strlist l = STRLIST_INIT;
	int rc;

	*yes = false;
	if (db == NULL)
		return -1;
	rc = check_system(u->db, db, e);
	if (rc == 0)
		rc = replicas_streaming(db, &l, e);
	for (size_t i = 0; i < l.n; i++)
		if (str_equal(l.item[i], conf.name))
			*yes = true;
	strlist_release(&l);
	if (rc == 0 && !*yes)
		rc = replicas_slot_create(db, conf.name, e);
	db_close(db);
	return rc;
}

/*
 * A standby that was ahead of the new primary, or far behind it, never
 * follows it by itself: its data is copied anew.
 */
static void
follow_primary(struct upkeep *u)
{
	struct agent *a = u->agent;
	struct err e = ERR_INIT;
	bool yes;

	if (!u->adopted || a->conf.role != NODE_SUBSCRIBER ||
	    clock_ticks() < u->look_again)
		return;
	u->look_again = clock_ticks() + PRIMARY_LOOK_MS;
	if (streams(u, &yes, &e) == -1 || yes) {
		u->apart_since = 0;
		return;
	}
	if (u->apart_since == 0)
		u->apart_since = clock_ticks();
	if (clock_ticks() - u->apart_since < PRIMARY_PATIENCE_MS)
		return;
	u->apart_since = 0;
	db_close(u->db);
	u->db = NULL;
	log_info("the database does not follow the publisher's: copying it");
	if (parent_db_renew(&a->parent, NULL, &e) == -1)
		complain(u, "copying the database", &e);
}

/* The keys of this node may have changed without the database. */
static int
look_at_keys(struct upkeep *u, struct err *e)
{
	if (!agent_take_keys_changed(u->agent))
		return 0;
	u->rendered = false;
	if (adopted_load(&u->pledge, &u->adopted, e) == -1)
		return err_wrap(e, "rebuilt publisher");
	return 0;
}

/* ------------------------------------------------------------------------- */

static int
render_keys(struct upkeep *u, struct err *e)
{
	struct node_list l = NODE_LIST_INIT;
	struct err left_out = ERR_INIT;
	struct parent_node *nodes;
	long n;
	int rc = -1;

	if (nodes_list(u->db, &l, e) == -1)
		return -1;
	if (apply_adopted(u, &l, e) == -1) {
		node_list_release(&l);
		return -1;
	}
	nodes = mem_array(PARENT_NODES_MAX, sizeof(*nodes));
	n = agent_upkeep_nodes(&l, nodes, &left_out, e);
	if (left_out.code != ERR_NONE)
		complain(u, "node keys: left out", &left_out);
	/* a database without nodes is one that is being made */
	if (n > 0)
		rc = parent_write_keys(&u->agent->parent, nodes, (size_t)n, e);
	else if (n == 0)
		rc = 0;
	free(nodes);
	node_list_release(&l);
	return rc;
}

/*
 * Links to nodes that are not what they were are closed; a roster that
 * cannot be read has no nodes.
 */
static void
follow_roster(const struct upkeep *u)
{
	struct agent *a = u->agent;
	struct err ignored = ERR_INIT;
	struct roster r;

	(void)roster_read(&r, u->db, &a->conf, &ignored);
	link_pool_follow(a->links, &r);
	roster_release(&r);
}

/* What the database calls deactivated must not run after the next start. */
static int
stop_deactivated(const struct upkeep *u, struct err *e)
{
	struct agent *a = u->agent;
	struct service_now now;
	bool active;
	size_t i;

	for (i = 0; i < service_table_n; i++) {
		const struct service *s = &service_table[i];
		const char *by = service_activation(s);

		if (by == NULL || (s->flags & SERVICE_ROLE) != 0)
			continue;
		if (services_is_active(u->db, a->conf.name, by, &active, e) ==
			-1 ||
		    service_look(&a->parent, s, &now, e) == -1)
			return -1;
		if (active || now.down)
			continue;
		log_info("%s is deactivated: stopping it", s->name);
		if (parent_service(&a->parent, PARENT_SERVICE_DOWN, s->id, e) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
log_note(void *self, const char *text)
{
	(void)self;
	log_info("%.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

static const struct progress notes = { .text = log_note, .self = NULL };

/*
 * Both locks under which jobs change what is repaired here; a job that runs
 * now comes first.
 */
static bool
take_locks(struct agent *a)
{
	if (agent_lock_take(&a->job, JOB_WAIT_MS, NULL) == -1)
		return false;
	if (agent_lock_take(&a->recovery, JOB_WAIT_MS, NULL) == 0)
		return true;
	agent_lock_give(&a->job);
	return false;
}

static void
give_locks(struct agent *a)
{
	agent_lock_give(&a->recovery);
	agent_lock_give(&a->job);
}

/*
 * The publisher's ITLRecovery.p12, and what the database knows of it.
 * Without it the node works; only a backup of the key does not.
 */
static void
follow_p12(struct upkeep *u)
{
	struct agent *a = u->agent;
	struct err e = ERR_INIT;

	if (a->conf.role == NODE_PUBLISHER &&
	    (cert_regen_repair_p12(&a->conf, &notes, &e) == -1 ||
		recovery_key_note(&a->conf, false, &e) == -1))
		complain(u, "upkeep", &e);
}

/*
 * A change of the security password that was interrupted.  With the locks,
 * so on the publisher no change is running.
 */
static int
settle_password(const struct upkeep *u, enum password_settled *how,
    struct err *e)
{
	struct password_change_world w = { .conf = &u->agent->conf };
	const struct password_change_ops ops = password_change_real(&w);

	if (password_change_settle(&ops, u->agent->conf.role == NODE_PUBLISHER,
		how, e) == -1)
		return err_wrap(e, "security password");
	if (*how == PASSWORD_TAKEN)
		log_info("the new security password is taken over");
	else if (*how == PASSWORD_DISCARDED)
		log_info("a security password that never came into force is "
			 "removed");
	return 0;
}

/* The same at any time after the start. */
static int
follow_password(struct upkeep *u, struct err *e)
{
	enum password_settled how;
	int rc;

	if (!take_locks(u->agent))
		return 0;
	rc = settle_password(u, &how, e);
	if (rc == 0 && how == PASSWORD_TAKEN)
		follow_p12(u);
	give_locks(u->agent);
	return rc;
}

/* Files and database of the certificates, and of the security password. */
static int
repair(struct upkeep *u, struct err *e)
{
	struct agent *a = u->agent;
	struct cert_regen_world world = { .conf = &a->conf };
	const struct cert_regen_ops ops = cert_regen_real(&world);
	enum password_settled how;
	int rc;

	if (!take_locks(a))
		return 0;
	rc = settle_password(u, &how, e);
	if (rc == 0)
		rc = cert_regen_repair(&a->conf, &ops, &notes, e);
	cert_regen_close(&world);
	if (rc == 0 && agent_repaired(a, 0, NULL) == -1)
		follow_p12(u);
	if (rc == 0) {
		agent_set_repaired(a, true);
		u->compared = true;
	}
	give_locks(a);
	return rc;
}

/* For cert_regen_agrees(): what this node's own database says. */
static int
recorded_here(void *self, const char *unit, const struct cert *c, bool *yes,
    struct err *e)
{
	const struct upkeep *u = self;
	char sha256[CERT_FINGERPRINT_SIZE];

	cert_fingerprint(c, sha256);
	return certs_is_current(u->db, u->agent->conf.name, unit, sha256, yes,
	    e);
}

/*
 * Most changes are no matter of this node's certificates, and every node of
 * the cluster sees each of them: the publisher must not be asked by all.
 */
static bool
certificates_agree(struct upkeep *u)
{
	const struct cert_regen_ops ops = { .recorded = recorded_here,
		.self = u };

	return cert_regen_agrees(&ops);
}

/*
 * Do what the last change asks for and has not been done yet.  The node keys
 * come first: they need no publisher, and the way to it may need them.
 */
static int
follow(struct upkeep *u, struct err *e)
{
	char id[SECURITY_CHANGE_ID_SIZE];

	if (!u->rendered) {
		if (render_keys(u, e) == -1)
			return err_wrap(e, "node keys");
		follow_roster(u);
		if (stop_deactivated(u, e) == -1)
			return err_wrap(e, "deactivated services");
		u->rendered = true;
	}
	if (!u->compared && repair(u, e) == -1)
		return err_wrap(e, "own certificates");
	if (u->compared && security_password_staged(id) &&
	    follow_password(u, e) == -1)
		return -1;
	return 0;
}

/* The schema comes before everything; on a subscriber it arrives. */
static int
migrate(struct upkeep *u, struct err *e)
{
	if (u->migrated || u->agent->conf.role != NODE_PUBLISHER)
		return 0;
	if (parent_migrate(&u->agent->parent, e) == -1)
		return err_wrap(e, "schema of the database");
	u->migrated = true;
	return 0;
}

/* Over the open connection. */
static int
look_at(struct upkeep *u, struct err *e)
{
	struct err ignored = ERR_INIT;
	uint64_t counter;

	if (changes_read(u->db, &counter, e) == -1)
		return err_wrap(e, "changes");
	if (counter != u->counter) {
		u->rendered = false;
		u->compared = u->compared && certificates_agree(u);
	}
	if (agent_repaired(u->agent, 0, &ignored) == -1)
		u->compared = false;
	u->counter = counter;
	return follow(u, e);
}

/* The connection is kept while it works: it is asked every second. */
static int
look(struct upkeep *u, struct err *e)
{
	if (look_at_keys(u, e) == -1)
		return -1;
	follow_primary(u);
	if (migrate(u, e) == -1)
		return -1;
	if (u->db == NULL && (u->db = db_open_local(DB_RW, e)) == NULL)
		return err_wrap(e, "database");
	if (look_at(u, e) == 0)
		return 0;
	db_close(u->db);
	u->db = NULL;
	return -1;
}

static void *
upkeep_thread(void *arg)
{
	struct upkeep u = { .agent = arg };
	int64_t pause_ms = AGENT_UPKEEP_START_MS;
	struct err e;

	for (;;) {
		err_clear(&e);
		if (look(&u, &e) == -1) {
			complain(&u, "upkeep", &e);
		} else {
			u.complaint[0] = '\0';
			pause_ms = AGENT_UPKEEP_MS;
		}
		link_pool_tidy(u.agent->links, clock_ticks());
		clock_nap(pause_ms);
	}
	return NULL;
}

int
agent_upkeep_start(struct agent *a, struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, upkeep_thread, a) != 0)
		return err_set(e, ERR_INTERNAL, "no thread for the upkeep");
	(void)pthread_detach(thread);
	return 0;
}
