/*
 * From a line to a command that has run: match, privilege, publisher, audit,
 * run, audit, message.  What is checked here no command checks itself.
 */
#ifndef SHELL_DISPATCH_H
#define SHELL_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/command.h"
#include "commands/ctx.h"
#include "commands/term.h"

/* How a command ended: also the exit status of `ucmsh -c`. */
enum shell_status {
	SHELL_DONE = 0,
	SHELL_FAILED = 1,
	SHELL_NOT_UNDERSTOOD = 2
};

/* The dispatcher's seams to the world. */
struct shell_hooks {
	/* Audit: a command begins, and has ended. */
	void (*begin)(void *self, const char *line);
	void (*end)(void *self, const char *line, int status);
	/* Was Ctrl-C pressed since clear, or is the session to end? */
	bool (*interrupted)(void *self);
	void (*clear)(void *self);
	void *self;
};

struct shell {
	const struct command *const *table;
	struct cmd_ctx ctx; /* all but out, help and session set by the owner */
	struct cmd_session session;
	const struct shell_hooks *hooks;
	int out_fd;
};

/*
 * Run one line of len bytes, which may hold anything.  Prints whatever there
 * is to print.
 */
enum shell_status shell_run(struct shell *s, const char *line, size_t len);

/*
 * Refuse a line that cannot even be matched: print why, audit it as the
 * text shown.
 */
enum shell_status shell_refuse(struct shell *s, const char *shown,
    const struct err *e);

#endif
