/*
 * ucm-node stop.
 */
#include "node/stop.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/command.h"
#include "node/options.h"
#include "node/procs.h"
#include "node/supervise.h"

#define DEFAULT_SECONDS 20
#define KILL_SECONDS 5
#define LOOK_MS 20

/* Wait until none of them is left; how many are after that time. */
static size_t
wait_gone(const struct proc_list *l, unsigned seconds)
{
	int64_t deadline = clock_ticks() + (int64_t)seconds * 1000;
	size_t n;

	while ((n = proc_count_alive(l)) > 0 && clock_ticks() < deadline) {
		/* They are ours when this very process started the node. */
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
		clock_nap(LOOK_MS);
	}
	return n;
}

static int
end_all(struct proc_list *l, unsigned seconds, struct err *e)
{
	size_t n;

	if (wait_gone(l, seconds) == 0)
		return 0;
	proc_kill(l, SIGKILL);
	n = wait_gone(l, KILL_SECONDS);
	if (n > 0)
		return err_set(e, ERR_STATE, "%zu processes do not end", n);
	return 0;
}

int
stop_node(unsigned seconds, bool *was, struct err *e)
{
	struct proc_list sessions = { NULL, 0 };
	struct proc_list l = { NULL, 0 };
	struct proc runsvdir;
	bool running = supervise_find(&runsvdir);
	int rc;

	/* The listener first, so that no session begins any more. */
	if (running) {
		proc_descendants(&l, runsvdir.pid);
		kill(runsvdir.pid, SIGHUP);
	}
	proc_sessions(&sessions);
	for (size_t i = 0; i < sessions.n; i++)
		proc_descendants(&l, sessions.item[i].pid);
	proc_kill(&sessions, SIGTERM);
	if (was != NULL)
		*was = running || sessions.n > 0;
	rc = end_all(&l, seconds, e);
	if (end_all(&sessions, seconds, rc == 0 ? e : NULL) == -1)
		rc = -1;
	if (running) {
		struct proc_list one = { &runsvdir, 1 };

		if (end_all(&one, seconds, rc == 0 ? e : NULL) == -1)
			rc = -1;
	}
	if (rc == 0)
		supervise_forget();
	proc_list_release(&sessions);
	proc_list_release(&l);
	return rc;
}

static int
run(struct node_call *c, struct err *e)
{
	unsigned seconds = DEFAULT_SECONDS;
	const struct option_def defs[] = {
		{ "timeout", OPTION_NUMBER, &seconds, 600 },
	};
	bool was;
	int lock;
	int nargs;
	int rc;

	if (options_parse(c->argc, c->argv, defs, 1, &nargs, e) == -1)
		return -1;
	if (nargs > 0)
		return err_set(e, ERR_USAGE, "unexpected argument %s",
		    c->argv[1]);
	lock = node_lock(e);
	if (lock == -1)
		return -1;
	rc = stop_node(seconds, &was, e);
	close(lock);
	if (rc == -1)
		return -1;
	node_say(was ? "The node is stopped." : "The node does not run.");
	return 0;
}

const struct node_command node_stop = {
	.name = "stop",
	.usage = "[--timeout SECONDS]",
	.help = "stop this node; nothing of it runs afterwards",
	.root = true,
	.run = run,
};
