/*
 * Where a session talks to its user: the prompt for commands, and the
 * questions of commands.  term_readline and term_plain are the two kinds.
 */
#ifndef SHELL_CONSOLE_H
#define SHELL_CONSOLE_H

#include "commands/command.h"
#include "commands/term.h"
#include "shell/edit.h"

#define CONSOLE_PROMPT "admin:"

struct console {
	struct term term;
	/*
	 * Read a command line with the prompt, as edit_line(); completion is
	 * by the console's own table.
	 */
	enum edit_event (*command)(void *self, const char *prompt, char **line);
	void *self;
};

#endif
