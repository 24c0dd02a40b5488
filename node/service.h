/*
 * The services of a node as administrators know them, and how to start and
 * stop them through the root parent.
 */
#ifndef NODE_SERVICE_H
#define NODE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "node/parent.h"

#define SERVICE_POLL_MS 250 /* one line of the dialogue each */
#define SERVICE_STOP_MS 10000 /* then it is killed */
#define SERVICE_START_MS 20000
#define SERVICE_LINES_MIN 2 /* lines of every state, as 12.5 prints */

enum service_state {
	SERVICE_STARTED,
	SERVICE_STOPPED,
	SERVICE_STARTING,
	SERVICE_STOPPING
};

enum service_flag {
	SERVICE_PLATFORM = 1 << 0, /* first block of the list */
	SERVICE_FIXED = 1 << 1, /* cannot be stopped or restarted by a verb */
	SERVICE_ACTIVATED = 1 << 2, /* activated and deactivated per node */
	SERVICE_ROLE = 1 << 3 /* no program: others run where it is activated */
};

struct service {
	const char *name; /* "Cisco Tftp" */
	enum parent_service id; /* PARENT_SERVICES: SERVICE_ROLE */
	unsigned flags; /* enum service_flag */
	const char *with; /* it runs where this one is activated; or NULL */
};

/* In the order of the list, service_table_n of them. */
extern const struct service service_table[];
extern const size_t service_table_n;

/* By its name as it stands; NULL when this node has no such service. */
const struct service *service_find(const char *name);

/*
 * The service whose activation decides whether this one runs; NULL when every
 * node has it.
 */
const char *service_activation(const struct service *s);

/* "STARTED", "STOPPED", "STARTING", "STOPPING". */
const char *service_state_name(enum service_state s);

/*
 * The state that the supervisor's facts mean; ready says whether the
 * service is of use already.  Pure.
 */
enum service_state service_state_of(const struct parent_status *st, bool ready);

/* What is known of a service. */
struct service_now {
	enum service_state state;
	pid_t pid; /* 0: does not run */
	bool down; /* an administrator stopped it, or it is deactivated */
	bool once; /* auto-restart disabled */
};

/*
 * Ask the parent.  Cisco Tftp is ready when it says so in run/tftpd.status,
 * Cisco Trust Verification Service when it counts in run/tvsd.statistics,
 * which it does when it listens; A Cisco DB when it lets us in.
 */
int service_look(struct parent_link *p, const struct service *s,
    struct service_now *now, struct err *e);

/*
 * Start, stop, restart.  p gets a line of the dialogue for each poll, two at
 * least of each state: "Cisco Tftp[STOPPING]  \n".  -1 with ERR_TIMEOUT when
 * the service does not come up or go down.
 */
int service_start(struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e);
int service_stop(struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e);
int service_restart(struct parent_link *parent, const struct service *s,
    const struct progress *p, struct err *e);

/*
 * End the process of the service, by KILL if need be, and wait until another
 * one has been started: what a restart needs besides its dialogue.  *pid gets
 * the new one.
 */
int service_renew(struct parent_link *parent, const struct service *s,
    int64_t deadline_ticks, pid_t *pid, struct err *e);

#endif
