/*
 * The console of a terminal: readline for commands, with history in memory,
 * Tab and `?` from the table; the small editor for questions and secrets.
 * The terminal is in the mode of tty.h.
 */
#ifndef SHELL_TERM_READLINE_H
#define SHELL_TERM_READLINE_H

#include "shell/term_plain.h"

/*
 * Make t (already initialised by term_plain_init() with echo) a terminal
 * with readline.  There can be one per process: readline has one line.
 */
void term_readline_init(struct term_plain *t);

#endif
