/*
 * The way to this node's agent that a session really uses: one link, opened
 * when a command first needs it and closed at its end, ended by Ctrl-C; and
 * beside it the audit.
 */
#ifndef SHELL_AGENT_LINK_H
#define SHELL_AGENT_LINK_H

#include <stdbool.h>

#include "base/err.h"
#include "commands/ctx.h"
#include "shell/audit_link.h"
#include "shell/dispatch.h"

struct agent_link {
	struct link *link; /* NULL: not open */
	struct audit_link audit;
	struct cmd_agent agent; /* for struct cmd_ctx */
	struct shell_hooks hooks; /* for struct shell */
};

/* l must stay where it is. */
void agent_link_init(struct agent_link *l, const char *account);

/*
 * The user thinks: give the agent its connection back.  For struct input;
 * self is the struct agent_link.
 */
void agent_link_idle(void *self);

/* Close what is open, all of the audit confirmed or in syslog(3). */
void agent_link_release(struct agent_link *l);

#endif
