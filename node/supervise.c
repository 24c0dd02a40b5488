#include "node/supervise.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/itl_state.h"
#include "base/paths.h"
#include "base/service_statistics.h"
#include "base/str.h"
#include "cluster/link.h"
#include "db/db.h"
#include "node/bundle.h"
#include "node/hostuser.h"
#include "node/port_holder.h"
#include "node/programs.h"
#include "node/setup.h"

/* On the host's /run, because the node's run/ belongs to the services. */
#define PID_FILE "/run/ucm-node.pid"
#define PID_FILE_MAX 64
#define RUNSVDIR "runsvdir"
#define WHOAMI_MS 3000

static const struct {
	const char *dir;
	const char *name;
} services[SUPERVISE_SERVICES] = {
	{ "sshd", "System SSH" },
	{ "postgresql", "A Cisco DB" },
	{ "agent", "Cluster Manager" },
	{ "tftp", "Cisco Tftp" },
	{ "certmon", "Cisco Certificate Expiry Monitor" },
	{ "tvs", "Cisco Trust Verification Service" },
};

int
supervise_note(pid_t pid, struct err *e)
{
	char line[PID_FILE_MAX];
	struct proc p;

	if (proc_read(&p, pid) == -1)
		return err_set(e, ERR_STATE, "%s ended at once", RUNSVDIR);
	(void)str_printf(line, sizeof(line), "%ld %llu\n", (long)pid,
	    (unsigned long long)p.start);
	return file_replace(PID_FILE, line, strlen(line), 0644, e);
}

void
supervise_forget(void)
{
	(void)unlink(PID_FILE);
}

bool
supervise_find(struct proc *p)
{
	uint8_t *text = NULL;
	unsigned long long start = 0;
	char *end = NULL;
	long pid;
	size_t len;

	if (file_read(PID_FILE, PID_FILE_MAX, &text, &len, NULL) == -1)
		return false;
	pid = strtol((const char *)text, &end, 10);
	if (*end == ' ')
		start = strtoull(end, NULL, 10);
	free(text);
	return pid > 0 && proc_read(p, (pid_t)pid) == 0 && p->start == start &&
	    str_equal(p->comm, RUNSVDIR);
}

const char *const *
supervise_argv(void)
{
	/* Written once, before runsvdir is started; then only read. */
	static char dir[PATH_SIZE];
	static const char *const argv[] = { PROGRAM_RUNSVDIR, "-P", dir, NULL };

	paths_in(dir, "service");
	return argv;
}

/* --- do they answer? ---------------------------------------------------- */

/*
 * Somebody listens at the node's SSH port.  Read from the kernel's table: a
 * connection that says nothing would be a line in sshd's log each time.
 */
static bool
ssh_answers(const struct nodeconf *conf)
{
	char line[256];
	char want[32];
	struct in_addr in;
	bool found = false;
	FILE *f;

	if (inet_pton(AF_INET, conf->address, &in) != 1)
		return false;
	/* address and port in hex, the address as it lies in memory */
	(void)str_printf(want, sizeof(want), ": %08X:%04X 00000000:0000 0A",
	    (unsigned)in.s_addr, (unsigned)conf->ssh_port);
	f = fopen("/proc/net/tcp", "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, want) != NULL;
	(void)fclose(f);
	return found;
}

static bool
database_answers(const struct nodeconf *conf)
{
	struct db *db = db_open_local(DB_RW, NULL);
	bool standby = false;
	bool right = false;

	if (db != NULL && db_in_recovery(db, &standby, NULL) == 0)
		right = standby == (conf->role == NODE_SUBSCRIBER);
	db_close(db);
	return right;
}

static bool
agent_answers(void)
{
	struct link_request rq = { .words = STRLIST_INIT };
	struct link *l = link_open_local(NULL);
	bool done = false;

	if (l == NULL)
		return false;
	strlist_add(&rq.words, "whoami");
	done = link_call(l, &rq, NULL, clock_ticks() + WHOAMI_MS, NULL) == 0;
	strlist_release(&rq.words);
	link_close(l);
	return done;
}

/* What Cisco Tftp says about itself, if that is the process pid. */
static void
ask_tftp(struct bundle *b, pid_t pid)
{
	struct tftpd_status *st = mem_alloc(sizeof(*st));

	if (tftpd_status_read(st, NULL) == 0 && st->pid == pid) {
		if (st->state == TFTPD_SERVING)
			bundle_add_text(b, "tftp", "");
		else if (st->state == TFTPD_FAILED)
			bundle_add_text(b, "tftp_bad", st->reason);
	}
	free(st);
}

/* Cisco Trust Verification Service counts from when it listens. */
static void
ask_tvs(struct bundle *b, pid_t pid)
{
	struct service_statistics st;

	if (service_statistics_read("tvsd", &st, NULL) == -1)
		return;
	if (st.pid == pid)
		bundle_add_text(b, "tvs", "");
	service_statistics_release(&st);
}

struct question {
	const struct nodeconf *conf;
	pid_t tftp; /* 0: do not ask */
	pid_t tvs; /* the same */
};

/* As ucm: a bundle with an empty piece for each service that answers. */
static int
ask(void *arg, struct wbuf *reply, struct err *e)
{
	const struct question *q = arg;
	struct bundle b;

	(void)e;
	bundle_init(&b);
	if (ssh_answers(q->conf))
		bundle_add_text(&b, "sshd", "");
	if (database_answers(q->conf))
		bundle_add_text(&b, "postgresql", "");
	if (agent_answers())
		bundle_add_text(&b, "agent", "");
	/* it answers nobody, so that it runs is all there is to ask */
	bundle_add_text(&b, "certmon", "");
	if (q->tftp != 0)
		ask_tftp(&b, q->tftp);
	if (q->tvs != 0)
		ask_tvs(&b, q->tvs);
	bundle_encode(&b, reply);
	bundle_release(&b);
	return 0;
}

static void
judge(struct supervise_service *v, const struct bundle *answers)
{
	const struct bundle_item *bad;
	char name[BUNDLE_NAME_SIZE];

	if (v->status.state != RUNIT_RUN) {
		v->health =
		    runit_is_down(v->dir) ? SUPERVISE_OFF : SUPERVISE_DOWN;
		return;
	}
	v->health = SUPERVISE_STARTING;
	if (bundle_find(answers, v->dir) != NULL)
		v->health = SUPERVISE_UP;
	(void)str_printf(name, sizeof(name), "%s_bad", v->dir);
	bad = bundle_find(answers, name);
	if (bad == NULL)
		return;
	v->health = SUPERVISE_BAD;
	str_visible(v->reason, sizeof(v->reason), bad->data, bad->len);
}

/* Whoever listens on the port of sshd must be sshd. */
static void
look_at_port(struct supervise_service *v, const struct nodeconf *conf)
{
	struct port_holder h;

	if (!str_equal(v->dir, "sshd") || v->health == SUPERVISE_OFF ||
	    !port_holder(&h, conf->address, conf->ssh_port) ||
	    h.pid == v->status.pid)
		return;
	/* somebody who cannot be seen from here may be sshd after all */
	if (h.pid == 0 && v->health == SUPERVISE_UP)
		return;
	v->health = SUPERVISE_DOWN;
	(void)str_printf(v->reason, sizeof(v->reason),
	    "port %u of %s is taken by %s", (unsigned)conf->ssh_port,
	    conf->address, h.name);
}

int
supervise_look(struct supervise *s, const struct nodeconf *conf, struct err *e)
{
	struct question q = { .conf = conf, .tftp = 0, .tvs = 0 };
	struct bundle answers;

	memset(s, 0, sizeof(*s));
	bundle_init(&answers);
	s->running = supervise_find(&s->runsvdir);
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++) {
		struct supervise_service *v = &s->service[i];

		v->dir = services[i].dir;
		v->name = services[i].name;
		if (!s->running || runit_status(v->dir, &v->status, NULL) == -1)
			memset(&v->status, 0, sizeof(v->status));
		if (str_equal(v->dir, "tftp"))
			q.tftp = v->status.pid;
		if (str_equal(v->dir, "tvs"))
			q.tvs = v->status.pid;
	}
	if (s->running &&
	    setup_ask(HOSTUSER_SERVICE, ask, &q, &answers, e) == -1)
		return -1;
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++) {
		judge(&s->service[i], &answers);
		if (s->running)
			look_at_port(&s->service[i], conf);
	}
	bundle_release(&answers);
	return 0;
}

bool
supervise_settled(const struct supervise *s)
{
	if (!s->running)
		return false;
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++)
		if (s->service[i].health == SUPERVISE_DOWN ||
		    s->service[i].health == SUPERVISE_STARTING)
			return false;
	return true;
}

const char *
supervise_health_name(enum supervise_health h)
{
	switch (h) {
	case SUPERVISE_OFF:
		return "off";
	case SUPERVISE_DOWN:
		return "down";
	case SUPERVISE_STARTING:
		return "starting";
	case SUPERVISE_UP:
		return "up";
	case SUPERVISE_BAD:
		return "failed";
	}
	return "unknown";
}

/* --- leftovers ------------------------------------------------------------ */

static int
clean_dir(const char *dir, struct err *e)
{
	char path[PATH_SIZE];
	const struct dirent *de;
	DIR *d;

	d = opendir(paths_in(path, "%s", dir));
	if (d == NULL)
		return err_errno(e, "%s", path);
	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((de = readdir(d)) != NULL)
		if (file_is_temporary(de->d_name))
			(void)unlinkat(dirfd(d), de->d_name, 0);
	closedir(d);
	return 0;
}

/* As ucm. */
static int
clean_own(void *arg, struct wbuf *reply, struct err *e)
{
	char path[PATH_SIZE];

	(void)arg;
	(void)reply;
	(void)unlink(paths_in(path, "run/agent.sock"));
	(void)unlink(paths_in(path, "run/tftpd.status"));
	if (clean_dir("certs", e) == -1 || clean_dir("tftp", e) == -1 ||
	    clean_dir("run", e) == -1)
		return -1;
	return 0;
}

int
supervise_clean(struct err *e)
{
	if (clean_dir("etc", e) == -1 || clean_dir("ssh", e) == -1)
		return -1;
	return setup_as(HOSTUSER_SERVICE, clean_own, NULL, e);
}
