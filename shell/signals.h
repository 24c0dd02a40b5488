/*
 * Signals of a session.  Ctrl-C sets a flag and ends the wait for the
 * agent's answer; hang-up and TERM end the session; Ctrl-Z and Ctrl-\ are
 * ordinary keys.
 */
#ifndef SHELL_SIGNALS_H
#define SHELL_SIGNALS_H

#include <stdbool.h>

struct link;

/* Install the handlers; no system call is restarted. */
void signals_install(void);

/* Ctrl-C since signals_clear(). */
bool signals_interrupted(void);
void signals_clear(void);

/* The terminal is gone, or we are told to end. */
bool signals_ended(void);

/*
 * Interrupt this link when a signal comes, from now on and if one has come
 * already; NULL: none.
 */
void signals_watch(struct link *l);

#endif
