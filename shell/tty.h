/*
 * The mode of the session's terminal.  It is set once: keys come raw, nothing
 * is echoed by the terminal, Ctrl-C is a signal and lines end CR LF on their
 * way out.  So type-ahead is neither echoed into a command's output nor has
 * its CR LF turned into two line ends.
 */
#ifndef SHELL_TTY_H
#define SHELL_TTY_H

#include <stdbool.h>
#include <termios.h>

struct tty {
	int fd;
	bool changed;
	struct termios before;
};

/* 0; -1 when fd is no terminal: nothing is changed then. */
int tty_enter(struct tty *t, int fd);

/* As it was before. */
void tty_leave(struct tty *t);

#endif
