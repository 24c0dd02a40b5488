#include "node/service.h"

#include "base/clock.h"
#include "base/itl_state.h"
#include "base/service_statistics.h"
#include "base/str.h"
#include "db/db.h"
#include "db/services.h"
#include "node/runit.h"

#define RENEW_POLL_MS 5
#define RENEW_STOP_MS 5000 /* then it is killed */

const struct service service_table[] = {
	{ "System SSH", PARENT_SSHD, SERVICE_PLATFORM, NULL },
	{ "Cluster Manager", PARENT_AGENT, SERVICE_PLATFORM | SERVICE_FIXED,
	    NULL },
	{ "A Cisco DB", PARENT_POSTGRESQL, 0, NULL },
	{ SERVICES_CALLMANAGER, PARENT_SERVICES,
	    SERVICE_ACTIVATED | SERVICE_ROLE, NULL },
	{ SERVICES_TFTP, PARENT_TFTP, SERVICE_ACTIVATED, NULL },
	{ "Cisco Certificate Expiry Monitor", PARENT_CERTMON, 0, NULL },
	{ SERVICES_TVS, PARENT_TVS, 0, SERVICES_CALLMANAGER },
};

const size_t service_table_n = sizeof(service_table) / sizeof(service_table[0]);

const struct service *
service_find(const char *name)
{
	size_t i;

	for (i = 0; i < service_table_n; i++)
		if (str_equal(service_table[i].name, name))
			return &service_table[i];
	return NULL;
}

const char *
service_activation(const struct service *s)
{
	if (s->with != NULL)
		return s->with;
	return (s->flags & SERVICE_ACTIVATED) != 0 ? s->name : NULL;
}

const char *
service_state_name(enum service_state s)
{
	switch (s) {
	case SERVICE_STARTED:
		return "STARTED";
	case SERVICE_STOPPED:
		return "STOPPED";
	case SERVICE_STARTING:
		return "STARTING";
	case SERVICE_STOPPING:
		return "STOPPING";
	}
	BUG("no state %d", (int)s);
}

enum service_state
service_state_of(const struct parent_status *st, bool ready)
{
	if (st->watched == 0)
		return SERVICE_STOPPED;
	if (st->state == RUNIT_RUN) {
		if (st->got_term != 0 || st->down != 0)
			return SERVICE_STOPPING;
		return ready ? SERVICE_STARTED : SERVICE_STARTING;
	}
	if (st->want_up == 0)
		return SERVICE_STOPPED;
	return SERVICE_STARTING;
}

static bool
tftp_is_ready(pid_t pid)
{
	struct tftpd_status st;
	struct err e = ERR_INIT;

	return tftpd_status_read(&st, &e) == 0 && st.pid == pid &&
	    st.state != TFTPD_BUILDING;
}

static bool
tvs_is_ready(pid_t pid)
{
	struct service_statistics st;
	struct err e = ERR_INIT;
	bool ready;

	if (service_statistics_read("tvsd", &st, &e) == -1)
		return false;
	ready = st.pid == pid;
	service_statistics_release(&st);
	return ready;
}

/* Is process pid of the service at its work? */
static bool
is_ready(const struct service *s, pid_t pid)
{
	if (pid == 0)
		return false;
	if (s->id == PARENT_POSTGRESQL) {
		struct err e = ERR_INIT;
		struct db *db = db_open_local(DB_RW, &e);

		db_close(db);
		return db != NULL;
	}
	if (s->id == PARENT_TFTP)
		return tftp_is_ready(pid);
	if (s->id == PARENT_TVS)
		return tvs_is_ready(pid);
	return true;
}

int
service_look(struct parent_link *p, const struct service *s,
    struct service_now *now, struct err *e)
{
	struct parent_status st;

	*now = (struct service_now) { .state = SERVICE_STOPPED };
	if ((s->flags & SERVICE_ROLE) != 0)
		return 0;
	if (parent_service_status(p, s->id, &st, e) == -1)
		return err_wrap(e, "%s", s->name);
	now->pid = st.watched != 0 && st.state == RUNIT_RUN ? (pid_t)st.pid : 0;
	now->down = st.down != 0;
	now->once = st.once != 0;
	now->state = service_state_of(&st, is_ready(s, now->pid));
	return 0;
}

/* A dialogue under way. */
struct dialogue {
	struct parent_link *parent;
	const struct service *service;
	const struct progress *p;
	struct service_now now;
};

/* One line, then one poll. */
static int
poll_once(struct dialogue *d, enum service_state shown, struct err *e)
{
	struct err ignored = ERR_INIT;

	(void)progress_printf(d->p, &ignored, "%s[%s]  \n", d->service->name,
	    service_state_name(shown));
	clock_nap(SERVICE_POLL_MS);
	return service_look(d->parent, d->service, &d->now, e);
}

/* Show a final state as often as 12.5 does. */
static void
show_final(const struct dialogue *d, enum service_state shown)
{
	struct err ignored = ERR_INIT;
	int i;

	for (i = 0; i < SERVICE_LINES_MIN; i++)
		(void)progress_printf(d->p, &ignored, "%s[%s]  \n",
		    d->service->name, service_state_name(shown));
}

/*
 * Until process `old` is gone; after SERVICE_STOP_MS it is killed, and gets
 * half as long again for that.
 */
static int
wait_gone(struct dialogue *d, pid_t old, struct err *e)
{
	int64_t deadline = clock_ticks() + SERVICE_STOP_MS;
	bool killed = false;
	int lines;

	for (lines = 0; lines < SERVICE_LINES_MIN || d->now.pid == old;
	     lines++) {
		if (poll_once(d, SERVICE_STOPPING, e) == -1)
			return -1;
		if (d->now.pid != old || clock_ticks() < deadline)
			continue;
		if (killed)
			return err_set(e, ERR_TIMEOUT, "%s does not stop",
			    d->service->name);
		killed = true;
		deadline = clock_ticks() + SERVICE_STOP_MS / 2;
		if (parent_service(d->parent, PARENT_SERVICE_KILL,
			d->service->id, e) == -1)
			return -1;
	}
	return 0;
}

static int
wait_started(struct dialogue *d, struct err *e)
{
	int64_t deadline = clock_ticks() + SERVICE_START_MS;
	int lines;

	for (lines = 0;
	     lines < SERVICE_LINES_MIN || d->now.state != SERVICE_STARTED;
	     lines++) {
		if (poll_once(d, SERVICE_STARTING, e) == -1)
			return -1;
		if (d->now.state == SERVICE_STARTED || clock_ticks() < deadline)
			continue;
		(void)err_set(e, ERR_TIMEOUT, "%s does not start",
		    d->service->name);
		return err_hint(e, "The service's log says why.");
	}
	show_final(d, SERVICE_STARTED);
	return 0;
}

static int
begin(struct dialogue *d, struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e)
{
	d->parent = parent;
	d->service = s;
	d->p = p;
	return service_look(parent, s, &d->now, e);
}

int
service_start(struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e)
{
	struct dialogue d;

	if (begin(&d, parent, s, p, e) == -1)
		return -1;
	if (d.now.state == SERVICE_STARTED) {
		show_final(&d, SERVICE_STARTED);
		return 0;
	}
	if (parent_service(parent, PARENT_SERVICE_UP, s->id, e) == -1)
		return -1;
	return wait_started(&d, e);
}

int
service_stop(struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e)
{
	struct dialogue d;

	if (begin(&d, parent, s, p, e) == -1 ||
	    parent_service(parent, PARENT_SERVICE_DOWN, s->id, e) == -1)
		return -1;
	if (d.now.pid != 0 && wait_gone(&d, d.now.pid, e) == -1)
		return -1;
	show_final(&d, SERVICE_STOPPED);
	return 0;
}

int
service_restart(struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e)
{
	struct dialogue d;

	if (begin(&d, parent, s, p, e) == -1 ||
	    parent_service(parent, PARENT_SERVICE_RESTART, s->id, e) == -1)
		return -1;
	if (d.now.pid != 0 && wait_gone(&d, d.now.pid, e) == -1)
		return -1;
	return wait_started(&d, e);
}

int
service_renew(struct parent_link *parent, const struct service *s,
    int64_t deadline_ticks, pid_t *pid, struct err *e)
{
	int64_t patience = clock_ticks() + RENEW_STOP_MS;
	struct service_now now;
	bool killed = false;
	pid_t old;

	if (service_look(parent, s, &now, e) == -1 ||
	    parent_service(parent, PARENT_SERVICE_RESTART, s->id, e) == -1)
		return -1;
	old = now.pid;
	while (now.pid == old || now.pid == 0) {
		if (clock_ticks() >= deadline_ticks)
			return err_set(e, ERR_TIMEOUT,
			    "%s was not restarted in time", s->name);
		if (now.pid != 0 && !killed && clock_ticks() >= patience) {
			killed = true;
			if (parent_service(parent, PARENT_SERVICE_KILL, s->id,
				e) == -1)
				return -1;
		}
		clock_nap(RENEW_POLL_MS);
		if (service_look(parent, s, &now, e) == -1)
			return -1;
	}
	*pid = now.pid;
	return 0;
}
