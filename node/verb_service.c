/*
 * service list, start, stop, restart, activate, deactivate, autorestart.
 */
#include <string.h>
#include <strings.h>

#include "db/replicas.h"
#include "db/services.h"
#include "node/agent.h"
#include "node/service.h"
#include "node/verb.h"

#define NOT_ACTIVATED "Service Not Activated"
#define COMMANDED_OUT "Commanded Out of Service"
#define NOT_RUNNING "Component is not running"
#define LOCK_MS 60000 /* for another start or stop to end */

/* The service named, or NULL with the known ones in the hint. */
static const struct service *
need_service(const char *name, struct err *e)
{
	const struct service *s = service_find(name);
	char seen[96];

	if (s != NULL)
		return s;
	(void)err_set(e, ERR_NOT_FOUND, "This node has no service %s.",
	    str_visible(seen, sizeof(seen), name, strlen(name)));
	(void)err_hint(e,
	    "Services: A Cisco DB, Cisco CallManager, Cisco Certificate Expiry "
	    "Monitor, Cisco Tftp, Cisco Trust Verification Service, System "
	    "SSH, Cluster Manager");
	return NULL;
}

static int
is_activated(const struct verb_ctx *c, const struct service *s, bool *active,
    struct err *e)
{
	const char *by = service_activation(s);
	struct db *db;
	int rc;

	if (by == NULL) {
		*active = true;
		return 0;
	}
	if ((db = db_open_local(DB_RW, e)) == NULL)
		return err_wrap(e, "whether %s is activated", by);
	rc = services_is_active(db, c->agent->conf.name, by, active, e);
	db_close(db);
	return rc;
}

static int
need_activated(const struct verb_ctx *c, const struct service *s, struct err *e)
{
	bool active = false;

	if (is_activated(c, s, &active, e) == -1)
		return -1;
	if (active)
		return 0;
	(void)err_set(e, ERR_STATE, "%s: Service Not Activated", s->name);
	if (s->with == NULL)
		return err_hint(e,
		    "Activate it first: utils service activate %s", s->name);
	return err_hint(e,
	    "It runs with %s; activate that: utils service activate %s",
	    s->with, s->with);
}

static int
need_program(const struct service *s, struct err *e)
{
	if ((s->flags & SERVICE_ROLE) == 0)
		return 0;
	return err_set(e, ERR_STATE,
	    "%s has no program on this node; activating it runs the services "
	    "that belong to it.",
	    s->name);
}

static int
need_movable(const struct service *s, struct err *e)
{
	if (need_program(s, e) == -1)
		return -1;
	if ((s->flags & SERVICE_FIXED) == 0)
		return 0;
	return err_set(e, ERR_STATE,
	    "%s runs as long as the node does; it cannot be started, stopped "
	    "or restarted from here.",
	    s->name);
}

/* --- list --------------------------------------------------------------- */

static void
list_row(struct verb_ctx *c, const char *name, bool platform, const char *state,
    const char *remark)
{
	const char *const column[] = { name, platform ? "platform" : "managed",
		state, remark };

	verb_row_of(c, column, 4);
}

/* active: is it activated, as far as is known? */
static void
list_service(struct verb_ctx *c, const struct service *s, bool active)
{
	const char *remark = "";
	struct service_now now;
	struct err e = ERR_INIT;

	(void)service_look(&c->agent->parent, s, &now, &e);
	if (now.state == SERVICE_STOPPED) {
		if (!active)
			remark = NOT_ACTIVATED;
		else if (now.down)
			remark = COMMANDED_OUT;
		else if ((s->flags & SERVICE_ROLE) != 0)
			remark = NOT_RUNNING;
	}
	list_row(c, s->name, (s->flags & SERVICE_PLATFORM) != 0,
	    service_state_name(now.state), remark);
}

/*
 * The services the database knows, by name.  An empty list when it is down:
 * what runs here can be told without it.
 */
static void
read_services(const struct verb_ctx *c, struct service_list *l)
{
	struct err e = ERR_INIT;
	struct db *db;

	*l = (struct service_list)SERVICE_LIST_INIT;
	if ((db = db_open_local(DB_RW, &e)) == NULL)
		return;
	if (services_of_node(db, c->agent->conf.name, l, &e) == -1)
		*l = (struct service_list)SERVICE_LIST_INIT;
	db_close(db);
}

static bool
is_in_list(const struct service_list *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (str_equal(l->item[i].name, name))
			return true;
	return false;
}

/* Is it activated?  What the list does not say is taken for yes. */
static bool
is_listed_active(const struct service_list *l, const struct service *s)
{
	const char *by = service_activation(s);
	size_t i;

	for (i = 0; by != NULL && i < l->n; i++)
		if (str_equal(l->item[i].name, by))
			return l->item[i].active;
	return true;
}

static int
run_list(struct verb_ctx *c, struct err *e)
{
	struct service_list l;
	const struct service *s;
	size_t i;

	(void)e;
	read_services(c, &l);
	for (i = 0; i < service_table_n; i++)
		if ((service_table[i].flags & SERVICE_PLATFORM) != 0)
			list_service(c, &service_table[i], true);
	list_row(c, "Service Manager", true, "STARTED", "");
	for (i = 0; i < service_table_n; i++) {
		s = &service_table[i];
		if ((s->flags & SERVICE_PLATFORM) == 0 &&
		    !is_in_list(&l, s->name))
			list_service(c, s, true);
	}
	for (i = 0; i < l.n; i++) {
		s = service_find(l.item[i].name);
		if (s != NULL)
			list_service(c, s, is_listed_active(&l, s));
		else
			list_row(c, l.item[i].name, false, "STOPPED",
			    l.item[i].active ? "" : NOT_ACTIVATED);
	}
	service_list_release(&l);
	return 0;
}

/* --- start, stop, restart ----------------------------------------------- */

/* Under the lock of services, with the dialogue going to the caller. */
static int
locked(struct verb_ctx *c, const struct service *s,
    int (*work)(struct parent_link *parent, const struct service *s,
	const struct progress *p, struct err *e),
    struct err *e)
{
	const struct progress p = verb_progress(c);
	int rc;

	if (agent_lock_take(&c->agent->service, LOCK_MS, e) == -1)
		return -1;
	rc = work(&c->agent->parent, s, &p, e);
	agent_lock_give(&c->agent->service);
	return rc;
}

static int
run_start(struct verb_ctx *c, struct err *e)
{
	const struct service *s = need_service(c->args[0], e);

	if (s == NULL || need_movable(s, e) == -1 ||
	    need_activated(c, s, e) == -1)
		return -1;
	return locked(c, s, service_start, e);
}

static int
run_stop(struct verb_ctx *c, struct err *e)
{
	const struct service *s = need_service(c->args[0], e);

	if (s == NULL || need_movable(s, e) == -1)
		return -1;
	return locked(c, s, service_stop, e);
}

static int
run_restart(struct verb_ctx *c, struct err *e)
{
	const struct service *s = need_service(c->args[0], e);
	struct service_now now;

	if (s == NULL || need_movable(s, e) == -1 ||
	    service_look(&c->agent->parent, s, &now, e) == -1)
		return -1;
	/* One that is not down is activated: no database needed for that. */
	if (now.down && need_activated(c, s, e) == -1)
		return -1;
	return locked(c, s, service_restart, e);
}

/* --- activate, deactivate ----------------------------------------------- */

static int
set_active(const struct verb_ctx *c, const struct service *s, bool active,
    struct err *e)
{
	struct replica_report report;
	struct err ignored = ERR_INIT;
	struct db *db;
	int rc;

	if ((db = db_open_primary(&c->agent->conf, DB_RW, e)) == NULL)
		return err_wrap(e, "the publisher's database");
	rc = services_set_active(db, c->agent->conf.name, s->name, active, e);
	if (rc == 0 &&
	    replicas_wait(db, REPLICAS_WAIT_MS, &report, &ignored) == 0)
		replica_report_release(&report);
	db_close(db);
	return rc;
}

static int
need_activatable(const struct service *s, struct err *e)
{
	if ((s->flags & SERVICE_ACTIVATED) != 0)
		return 0;
	if (s->with != NULL) {
		(void)err_set(e, ERR_STATE,
		    "%s runs where %s is activated; it is neither activated "
		    "nor deactivated by itself.",
		    s->name, s->with);
		return err_hint(e, "utils service activate %s, or deactivate",
		    s->with);
	}
	return err_set(e, ERR_STATE,
	    "%s belongs to every node; it is neither activated nor "
	    "deactivated.",
	    s->name);
}

/* Start or stop the service itself, or those that run where it is active. */
static int
follow(struct verb_ctx *c, const struct service *s,
    int (*work)(struct parent_link *parent, const struct service *s,
	const struct progress *p, struct err *e),
    struct err *e)
{
	size_t i;

	if ((s->flags & SERVICE_ROLE) == 0)
		return locked(c, s, work, e);
	for (i = 0; i < service_table_n; i++) {
		const struct service *other = &service_table[i];

		if (other->with != NULL && str_equal(other->with, s->name) &&
		    locked(c, other, work, e) == -1)
			return -1;
	}
	return 0;
}

static int
run_activate(struct verb_ctx *c, struct err *e)
{
	const struct service *s = need_service(c->args[0], e);

	if (s == NULL || need_activatable(s, e) == -1 ||
	    set_active(c, s, true, e) == -1)
		return -1;
	return follow(c, s, service_start, e);
}

static int
run_deactivate(struct verb_ctx *c, struct err *e)
{
	const struct service *s = need_service(c->args[0], e);

	if (s == NULL || need_activatable(s, e) == -1 ||
	    set_active(c, s, false, e) == -1)
		return -1;
	return follow(c, s, service_stop, e);
}

/* --- autorestart -------------------------------------------------------- */

static int
run_autorestart(struct verb_ctx *c, struct err *e)
{
	const char *what = c->args[0];
	const struct service *s;
	struct service_now now;
	bool disable = str_equal(what, "disable");

	if (!disable && !str_equal(what, "enable") && !str_equal(what, "show"))
		return err_set(e, ERR_USAGE,
		    "service autorestart: show, enable or disable");
	if ((s = need_service(c->args[1], e)) == NULL ||
	    need_program(s, e) == -1)
		return -1;
	if (!str_equal(what, "show")) {
		if (need_movable(s, e) == -1 ||
		    parent_service_once(&c->agent->parent, s->id, disable, e) ==
			-1)
			return -1;
	}
	if (service_look(&c->agent->parent, s, &now, e) == -1)
		return -1;
	verb_text(c, "Auto-restart of %s is %s.\n", s->name,
	    now.once ? "disabled" : "enabled");
	return 0;
}

const struct verb verb_service_list = {
	.words = "service list",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 0,
	.args_max = 0,
	.run = run_list,
};

const struct verb verb_service_start = {
	.words = "service start",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 1,
	.args_max = 1,
	.run = run_start,
};

const struct verb verb_service_stop = {
	.words = "service stop",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 1,
	.args_max = 1,
	.run = run_stop,
};

const struct verb verb_service_restart = {
	.words = "service restart",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 1,
	.args_max = 1,
	.run = run_restart,
};

const struct verb verb_service_activate = {
	.words = "service activate",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 1,
	.args_max = 1,
	.run = run_activate,
};

const struct verb verb_service_deactivate = {
	.words = "service deactivate",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 1,
	.args_max = 1,
	.run = run_deactivate,
};

const struct verb verb_service_autorestart = {
	.words = "service autorestart",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 2,
	.args_max = 2,
	.run = run_autorestart,
};
