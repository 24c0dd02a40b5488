/*
 * ucm-node start: hand the node to runit and wait until it works.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/agent.h"
#include "node/command.h"
#include "node/manifest.h"
#include "node/options.h"
#include "node/render.h"
#include "node/setup.h"
#include "node/spawn.h"
#include "node/supervise.h"
#include "node/tree.h"

#define RUN_SSHD "/run/sshd" /* compiled into sshd; on a tmpfs */
#define DEFAULT_SECONDS 60
#define LOOK_MS 50

/* One line for each service that has come up since the last look. */
static void
report(const struct supervise *now, bool said[SUPERVISE_SERVICES])
{
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++) {
		const struct supervise_service *v = &now->service[i];

		if (said[i])
			continue;
		if (v->health == SUPERVISE_UP) {
			node_say("%s is up.", v->name);
			said[i] = true;
		} else if (v->health == SUPERVISE_BAD) {
			node_say("%s runs, but: %s", v->name, v->reason);
			said[i] = true;
		}
	}
}

static int
late(const struct supervise *s, unsigned seconds, struct err *e)
{
	char text[ERR_MSG_SIZE / 2] = "";
	size_t len = 0;

	if (!s->running)
		return err_set(e, ERR_STATE, "runit has ended");
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++) {
		const struct supervise_service *v = &s->service[i];

		if (v->health != SUPERVISE_DOWN &&
		    v->health != SUPERVISE_STARTING)
			continue;
		(void)str_printf(text + len, sizeof(text) - len,
		    "%s%s is %s%s%s%s", len == 0 ? "" : ", ", v->name,
		    supervise_health_name(v->health),
		    v->reason[0] != '\0' ? " (" : "", v->reason,
		    v->reason[0] != '\0' ? ")" : "");
		len = strlen(text);
	}
	(void)err_set(e, ERR_TIMEOUT, "not all is up after %u seconds: %s",
	    seconds, text);
	return err_hint(e, "see %s/log/platform/*/current", paths_root());
}

static int
wait_up(const struct nodeconf *conf, unsigned seconds, struct err *e)
{
	struct supervise *s = mem_alloc(sizeof(*s));
	bool said[SUPERVISE_SERVICES] = { false };
	int64_t deadline = clock_ticks() + (int64_t)seconds * 1000;
	int rc;

	for (;;) {
		rc = supervise_look(s, conf, e);
		if (rc == -1)
			break;
		report(s, said);
		if (supervise_settled(s))
			break;
		if (!s->running || clock_ticks() > deadline) {
			rc = late(s, seconds, e);
			break;
		}
		clock_nap(LOOK_MS);
	}
	free(s);
	return rc;
}

static int
refuse_unfinished(struct err *e)
{
	if (!tree_finished()) {
		(void)err_set(e, ERR_STATE,
		    tree_exists() ? "making the node was interrupted" :
				    "this host is no node");
		return err_hint(e,
		    "\"ucm-node init\" or \"ucm-node join\" makes one");
	}
	return 0;
}

/* Not to know the programs is no reason not to run them. */
static void
note_programs(void)
{
	struct err why = ERR_INIT;
	char dir[MANIFEST_DIR_SIZE];

	if (manifest_programs(dir, &why) == -1 ||
	    manifest_note(dir, AGENT_VERSION, &why) == -1)
		node_say("The programs are not noted: %s", why.msg);
}

/*
 * What a node made by this version has, and this one perhaps not yet.  A node
 * that could be started before can be without, too.
 */
static void
make_again(const struct nodeconf *conf)
{
	struct strlist replaced = STRLIST_INIT;
	struct err why = ERR_INIT;

	if (setup_again(conf, &replaced, &why) == -1)
		node_say("The node's files are not brought up to date: %s",
		    why.msg);
	for (size_t i = 0; i < replaced.n; i++)
		node_say("%s is written anew; the former one is %s" RENDER_OLD,
		    replaced.item[i], replaced.item[i]);
	strlist_release(&replaced);
}

static int
prepare(struct nodeconf *conf, struct err *e)
{
	char path[PATH_SIZE];

	note_programs();
	if (nodeconf_load(conf, paths_in(path, "etc/node.conf"), e) == -1 ||
	    file_mkdir(RUN_SSHD, 0755, e) == -1 || supervise_clean(e) == -1)
		return -1;
	make_again(conf);
	return 0;
}

/* systemd, or whoever else keeps an eye on runsvdir. */
static int
become_runsvdir(struct err *e)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C.UTF-8";
	static char *const environment[] = { path, locale, NULL };
	const char *const *argv = supervise_argv();
	struct err own = ERR_INIT;

	/* The name changes with execve(); number and start time stay. */
	if (supervise_note(getpid(), &own) == -1) {
		*e = own;
		return -1;
	}
	(void)signal(SIGPIPE, SIG_DFL);
	closefrom(STDERR_FILENO + 1);
	/* execve() promises not to write through argv. */
	(void)execve(argv[0], (char *const *)(uintptr_t)argv, environment);
	return err_errno(e, "start %s", argv[0]);
}

/* Start runsvdir, once: whoever comes second finds it. */
static int
begin(struct nodeconf *conf, bool foreground, struct err *e)
{
	int lock = node_lock(e);
	struct proc p;
	pid_t pid;
	int rc = -1;

	if (lock == -1)
		return -1;
	if (supervise_find(&p)) {
		rc = nodeconf_load(conf, NULL, e);
	} else if (prepare(conf, e) == 0) {
		if (foreground) {
			rc = become_runsvdir(e);
		} else {
			node_say("Starting node %s ...", conf->name);
			pid = spawn_detached(supervise_argv(), e);
			if (pid != -1)
				rc = supervise_note(pid, e);
		}
	}
	close(lock);
	return rc;
}

static int
run(struct node_call *c, struct err *e)
{
	struct nodeconf conf;
	struct proc p;
	unsigned seconds = DEFAULT_SECONDS;
	bool foreground = false;
	const struct option_def defs[] = {
		{ "foreground", OPTION_FLAG, &foreground, 0 },
		{ "timeout", OPTION_NUMBER, &seconds, 3600 },
	};
	int nargs;

	if (options_parse(c->argc, c->argv, defs, 2, &nargs, e) == -1)
		return -1;
	if (nargs > 0)
		return err_set(e, ERR_USAGE, "unexpected argument %s",
		    c->argv[1]);
	if (foreground && supervise_find(&p))
		return err_set(e, ERR_STATE, "the node runs already");
	if (refuse_unfinished(e) == -1 || begin(&conf, foreground, e) == -1)
		return -1;
	return wait_up(&conf, seconds, e);
}

const struct node_command node_start = {
	.name = "start",
	.usage = "[--foreground] [--timeout SECONDS]",
	.help = "start this node and wait until it works",
	.root = true,
	.run = run,
};
