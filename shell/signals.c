#include "shell/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "cluster/link.h"

/*
 * What the handlers may touch.  A signal carries no pointer, so this is the
 * one state of the process that no struct holds.
 */
static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t ended;
static struct link *volatile watched;

static void
interrupt_watched(void)
{
	struct link *l = watched;
	int saved = errno;

	if (l != NULL)
		link_interrupt(l);
	errno = saved;
}

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
	interrupt_watched();
}

static void
on_end(int sig)
{
	(void)sig;
	ended = 1;
	interrupt_watched();
}

void
signals_install(void)
{
	static const int ignored[] = { SIGPIPE, SIGQUIT, SIGTSTP, SIGTTIN,
		SIGTTOU };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_interrupt;
	(void)sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = on_end;
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)sigaction(ignored[i], &sa, NULL);
}

bool
signals_interrupted(void)
{
	return interrupted != 0;
}

void
signals_clear(void)
{
	interrupted = 0;
}

bool
signals_ended(void)
{
	return ended != 0;
}

void
signals_watch(struct link *l)
{
	watched = l;
	if (interrupted != 0 || ended != 0)
		interrupt_watched();
}
