/*
 * The node as a whole: runsvdir over service/, whether it runs, and whether
 * its services do their work.
 */
#ifndef NODE_SUPERVISE_H
#define NODE_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "node/procs.h"
#include "node/runit.h"

enum supervise_health {
	SUPERVISE_OFF, /* not activated, or stopped by an administrator */
	SUPERVISE_DOWN, /* not running */
	SUPERVISE_STARTING, /* runs and does not answer yet */
	SUPERVISE_UP, /* does its work */
	SUPERVISE_BAD /* runs and says that it cannot do its work */
};

struct supervise_service {
	const char *dir; /* below service/ */
	const char *name; /* as administrators know it */
	enum supervise_health health;
	struct runit_status status; /* zeros when nothing watches it */
	char reason[256]; /* why it is bad or not up, when known; else "" */
};

#define SUPERVISE_SERVICES 6

struct supervise {
	bool running; /* runsvdir */
	struct proc runsvdir;
	struct supervise_service service[SUPERVISE_SERVICES];
};

/* Note that process pid is the node's runsvdir, in /run/ucm-node.pid. */
int supervise_note(pid_t pid, struct err *e);

/* Forget it. */
void supervise_forget(void);

/* Is the node's runsvdir there?  Fills *p when it is. */
bool supervise_find(struct proc *p);

/* The argument vector of runsvdir; lent. */
const char *const *supervise_argv(void);

/* Look at everything.  Work of root. */
int supervise_look(struct supervise *s, const struct nodeconf *conf,
    struct err *e);

/* Nothing is down or starting. */
bool supervise_settled(const struct supervise *s);

/* "up", "starting", … */
const char *supervise_health_name(enum supervise_health h);

/* Remove what killed programs left: half-written files, sockets. */
int supervise_clean(struct err *e);

#endif
