/*
 * The way to this node's agent that a session really uses: one link, opened
 * when it is first needed and closed at the end of each command, ended by
 * Ctrl-C.  Also the audit of commands, which goes through the agent, or to
 * syslog(3) while the agent is down.
 */
#ifndef SHELL_AGENT_LINK_H
#define SHELL_AGENT_LINK_H

#include <stdbool.h>

#include "base/err.h"
#include "commands/ctx.h"
#include "shell/dispatch.h"

struct agent_link {
	struct link *link; /* NULL: not open */
	const char *account; /* for syslog(3); borrowed */
	struct cmd_agent agent; /* for struct cmd_ctx */
	struct shell_hooks hooks; /* for struct shell */
};

/* l must stay where it is. */
void agent_link_init(struct agent_link *l, const char *account);

/* Close what is open. */
void agent_link_release(struct agent_link *l);

#endif
