/*
 * The audit of a session's commands: through this node's agent, or to
 * syslog(3) when the agent cannot be reached.
 *
 * Lines are sent without waiting, so that a command does not wait for its
 * own audit; the agent's confirmations are read later.  A line that is never
 * confirmed goes to syslog(3), too.
 */
#ifndef SHELL_AUDIT_LINK_H
#define SHELL_AUDIT_LINK_H

#include <stddef.h>

#define AUDIT_PENDING_MAX 8

struct audit_link {
	int fd; /* to the agent; -1: none */
	const char *account; /* for syslog(3); borrowed */
	char *pending[AUDIT_PENDING_MAX]; /* not confirmed, for syslog(3) */
	size_t n;
};

void audit_link_init(struct audit_link *l, const char *account);

/* A command begins; it has ended with this status. */
void audit_link_begin(struct audit_link *l, const char *line);
void audit_link_end(struct audit_link *l, const char *line, int status);

/* Wait until all that was sent is confirmed, or is in syslog(3). */
void audit_link_settle(struct audit_link *l);

/* The same, then close the connection; the next line opens another. */
void audit_link_close(struct audit_link *l);

#endif
