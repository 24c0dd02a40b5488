/*
 * The root end of node/parent.h.  Runs as root with one thread; everything
 * it reads or writes lies in directories of root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/admin_password.h"
#include "node/asuser.h"
#include "node/dbserver.h"
#include "node/dbtls.h"
#include "node/hostuser.h"
#include "node/parent.h"
#include "node/parent_keys.h"
#include "node/runit.h"

#define KEYS_FILE_MAX 1048576
#define TICK_MS 1000
#define TIMEOUT_MIN 5 /* cli-reference 1.3 */
#define TIMEOUT_MAX 99999

struct parent_state {
	struct parent_node node[PARENT_NODES_MAX]; /* being gathered */
	size_t n;
	bool gathering;
	/* processes that were told to end so that runit starts new ones */
	pid_t ending[PARENT_SERVICES];
	struct asuser_child renewal; /* of the database; pid 0: none */
};

struct parent_state *
parent_state_new(void)
{
	struct parent_state *s = mem_alloc(sizeof(*s));

	s->renewal.fd = -1;
	return s;
}

void
parent_state_free(struct parent_state *s)
{
	free(s);
}

static int
service_status(const char *dir, struct parent_status *st, struct err *e)
{
	struct runit_status r;

	st->down = runit_is_down(dir);
	st->once = runit_is_once(dir);
	if (runit_status(dir, &r, e) == -1) {
		if (e->code != ERR_UNREACHABLE)
			return -1;
		err_clear(e);
		return 0;
	}
	st->watched = 1;
	st->state = (uint32_t)r.state;
	st->pid = (uint32_t)r.pid;
	st->want_up = r.want_up;
	st->got_term = r.got_term;
	st->since = r.since;
	return 0;
}

/* Start it, the way its auto-restart setting says. */
static int
service_up(const char *dir, struct err *e)
{
	if (runit_set_down(dir, false, e) == -1)
		return -1;
	return runit_control(dir, runit_is_once(dir) ? "o" : "u", e);
}

static int
service_down(const char *dir, struct err *e)
{
	if (runit_set_down(dir, true, e) == -1)
		return -1;
	return runit_control(dir, "d", e);
}

/*
 * The mark is written first and "u" is only sent to a service that is wanted
 * up or running once, so disabling never starts anything.
 */
static int
service_once(const char *dir, bool once, struct err *e)
{
	struct runit_status st;

	if (runit_set_once(dir, once, e) == -1)
		return -1;
	if (runit_status(dir, &st, e) == -1) {
		err_clear(e);
		return 0;
	}
	if (st.state != RUNIT_RUN || runit_is_down(dir))
		return 0;
	return runit_control(dir, once ? "o" : "u", e);
}

/*
 * TERM and "wanted up" in one write, after which runsv itself brings the
 * service back: nothing is left half done if we end here.
 */
static int
service_restart(struct parent_state *s, enum parent_service which,
    const char *dir, struct err *e)
{
	struct runit_status st;

	if (runit_set_down(dir, false, e) == -1 ||
	    runit_status(dir, &st, e) == -1)
		return -1;
	s->ending[which] = st.pid;
	return runit_control(dir, "tcu", e);
}

static int
service_op(struct parent_state *s, const struct parent_request *rq,
    struct parent_reply *reply, struct err *e)
{
	const char *dir = parent_service_dir((enum parent_service)rq->service);

	switch (rq->op) {
	case PARENT_SERVICE_STATUS:
		return service_status(dir, &reply->status, e);
	case PARENT_SERVICE_UP:
		return service_up(dir, e);
	case PARENT_SERVICE_DOWN:
		return service_down(dir, e);
	case PARENT_SERVICE_RESTART:
		return service_restart(s, (enum parent_service)rq->service, dir,
		    e);
	case PARENT_SERVICE_KILL:
		return runit_control(dir, "k", e);
	default:
		return service_once(dir, rq->number != 0, e);
	}
}

/* The present authorized_keys; "" when there is none.  Free it. */
static char *
old_keys(const char *path, struct err *e)
{
	uint8_t *data;
	size_t len;

	if (file_read(path, KEYS_FILE_MAX, &data, &len, e) == -1) {
		if (e->code != ERR_NOT_FOUND)
			return NULL;
		err_clear(e);
		return mem_strdup("");
	}
	if (memchr(data, '\0', len) != NULL) {
		free(data);
		err_set(e, ERR_FORMAT, "%s: not a text", path);
		return NULL;
	}
	return (char *)data;
}

static int
save(const char *path, struct wbuf *w, struct err *e)
{
	int rc;

	if (w->failed)
		rc = err_set(e, ERR_TOO_BIG, "%s: over %d bytes", path,
		    KEYS_FILE_MAX);
	else
		rc = file_replace(path,
		    w->len == 0 ? (const void *)"" : w->data, w->len, 0644, e);
	wbuf_release(w);
	return rc;
}

/* With the lock of parent_keys_lock() held. */
static int
write_keys(const struct parent_state *s, struct err *e)
{
	char path[PATH_SIZE];
	struct wbuf w;
	char *old;

	wbuf_init(&w, KEYS_FILE_MAX);
	parent_keys_known_hosts(&w, s->node, s->n);
	if (save(paths_in(path, "ssh/known_hosts"), &w, e) == -1)
		return -1;
	paths_in(path, "ssh/authorized_keys.ucmnode");
	if ((old = old_keys(path, e)) == NULL)
		return -1;
	wbuf_init(&w, KEYS_FILE_MAX);
	parent_keys_authorized(&w, old, s->node, s->n, NULL);
	free(old);
	return save(path, &w, e);
}

static int
keys_commit(struct parent_state *s, struct err *e)
{
	int lock = parent_keys_lock(e);
	int rc;

	s->gathering = false;
	if (lock == -1)
		return -1;
	rc = write_keys(s, e);
	close(lock);
	return rc;
}

static int
invite_remove(const char *name, struct err *e)
{
	char path[PATH_SIZE];
	struct wbuf w;
	char *old;
	int lock = parent_keys_lock(e);
	int rc = -1;

	if (lock == -1)
		return -1;
	paths_in(path, "ssh/authorized_keys.ucmnode");
	old = old_keys(path, e);
	if (old != NULL) {
		wbuf_init(&w, KEYS_FILE_MAX);
		parent_keys_without_invite(&w, old, name);
		free(old);
		rc = save(path, &w, e);
	}
	close(lock);
	return rc;
}

static int
cli_timeout(unsigned minutes, struct err *e)
{
	char path[PATH_SIZE];
	char text[64];

	(void)str_printf(text, sizeof(text), "session_timeout = %u\n", minutes);
	return file_replace(paths_in(path, "etc/cli.conf"), text, strlen(text),
	    0644, e);
}

/* Answer with what the task, run as user postgres, has replied. */
static int
as_postgres(int (*run)(void *, struct wbuf *, struct err *), void *arg,
    struct parent_reply *reply, struct err *e)
{
	const struct asuser_task task = { .user = HOSTUSER_DATABASE,
		.run = run,
		.arg = arg };
	uint8_t *answer = NULL;
	size_t len = 0;
	int rc;

	if (asuser_run(&task, &answer, &len, e) == -1)
		return -1;
	rc = len <= sizeof(reply->bytes) ?
	    0 :
	    err_set(e, ERR_TOO_BIG, "answer over %zu bytes",
		sizeof(reply->bytes));
	if (rc == 0 && len > 0)
		memcpy(reply->bytes, answer, len);
	reply->len = rc == 0 ? (uint32_t)len : 0;
	free(answer);
	return rc;
}

static int
tls_request(struct parent_reply *reply, struct err *e)
{
	struct nodeconf conf;

	if (nodeconf_load(&conf, NULL, e) == -1)
		return -1;
	return as_postgres(dbtls_request_server, &conf, reply, e);
}

static int
tls_install(const struct parent_request *rq, struct parent_reply *reply,
    struct err *e)
{
	struct bundle b;
	int rc;

	if (bundle_decode(&b, rq->bytes, rq->len, e) == -1)
		return -1;
	rc = as_postgres(dbtls_install_server, &b, reply, e);
	bundle_release(&b);
	return rc;
}

/* Runs as root in a process of its own. */
static int
renew(void *arg, struct wbuf *reply, struct err *e)
{
	(void)reply;
	return dbserver_renew(arg, e);
}

/* Only a publisher that is rebuilt is told where from. */
static bool
source_fits(const struct parent_request *rq)
{
	const char *address = rq->node.address;
	struct in_addr a;

	if (memchr(address, '\0', sizeof(rq->node.address)) == NULL)
		return false;
	if (rq->number == 0)
		return address[0] == '\0';
	return rq->number == 1 && inet_pton(AF_INET, address, &a) == 1;
}

/*
 * A subscriber's database is the publisher's, whatever the worker may want:
 * who chooses the data chooses what user postgres runs.
 */
static int
choose_source(struct dbserver_renewal *r, const char *from, struct err *e)
{
	bool publisher = r->conf.role == NODE_PUBLISHER;

	if (r->promote != publisher)
		return err_set(e, ERR_STATE,
		    publisher ? "the publisher's database is no copy" :
				"a subscriber does not take over a database");
	if (!publisher) {
		dbserver_source_publisher(&r->source, &r->conf);
		return 0;
	}
	(void)str_copy(r->source.address, sizeof(r->source.address), from);
	r->source.port = r->conf.db_port;
	return 0;
}

static int
renew_begin(struct parent_state *s, const struct parent_request *rq,
    struct err *e)
{
	struct dbserver_renewal r = { .promote = rq->number == 1 };
	const struct asuser_task task = { .user = "root",
		.run = renew,
		.arg = &r };

	if (s->renewal.pid != 0)
		return err_set(e, ERR_STATE,
		    "the database is being renewed already");
	if (nodeconf_load(&r.conf, NULL, e) == -1 ||
	    choose_source(&r, rq->node.address, e) == -1)
		return -1;
	return asuser_start(&s->renewal, &task, e);
}

/* Whoever asks after the end of a renewal gets its result, once. */
static int
renewed(struct parent_state *s, struct parent_reply *reply, struct err *e)
{
	struct pollfd p = { .fd = s->renewal.fd, .events = POLLIN };

	if (s->renewal.pid == 0)
		return err_set(e, ERR_STATE, "no database is being renewed");
	if (poll(&p, 1, 0) == 0) {
		reply->status.state = 1;
		return 0;
	}
	return asuser_wait(&s->renewal, NULL, NULL, e);
}

/* As handle(). */
static int
handle_database(struct parent_state *s, const struct parent_request *rq,
    struct parent_reply *reply, struct err *e)
{
	switch (rq->op) {
	case PARENT_TLS_REQUEST:
		return tls_request(reply, e);
	case PARENT_TLS_INSTALL:
		if (rq->len > sizeof(rq->bytes))
			return 1;
		return tls_install(rq, reply, e);
	case PARENT_DB_RENEW:
		if (!source_fits(rq))
			return 1;
		return renew_begin(s, rq, e);
	case PARENT_DB_RENEWED:
		return renewed(s, reply, e);
	default:
		return 1;
	}
}

/* 0, -1 or 1 as handle(). */
static int
admin_password(const struct parent_request *rq, struct err *e)
{
	struct admin_password p;
	int rc;

	if (rq->len > sizeof(rq->bytes) ||
	    admin_password_decode(&p, rq->bytes, rq->len) == -1)
		return 1;
	rc = admin_password_change(&p, e);
	admin_password_release(&p);
	return rc;
}

/* 0 done, -1 failed with e, 1: not a request of ours. */
static int
handle(struct parent_state *s, const struct parent_request *rq,
    struct parent_reply *reply, struct err *e)
{
	if (rq->op >= PARENT_SERVICE_STATUS && rq->op <= PARENT_SERVICE_ONCE) {
		if (rq->service >= PARENT_SERVICES || rq->number > 1)
			return 1;
		return service_op(s, rq, reply, e);
	}
	switch (rq->op) {
	case PARENT_KEYS_BEGIN:
		s->n = 0;
		s->gathering = true;
		return 0;
	case PARENT_KEYS_ADD:
		if (!s->gathering || s->n == PARENT_NODES_MAX ||
		    parent_keys_check(&rq->node, e) == -1)
			return 1;
		s->node[s->n++] = rq->node;
		return 0;
	case PARENT_KEYS_COMMIT:
		return s->gathering ? keys_commit(s, e) : 1;
	case PARENT_INVITE_REMOVE:
		if (memchr(rq->node.name, '\0', NODE_NAME_SIZE) == NULL ||
		    !nodeconf_valid_name(rq->node.name))
			return 1;
		return invite_remove(rq->node.name, e);
	case PARENT_CLI_TIMEOUT:
		if (rq->number < TIMEOUT_MIN || rq->number > TIMEOUT_MAX)
			return 1;
		return cli_timeout(rq->number, e);
	case PARENT_MIGRATE:
		return dbserver_migrate(e);
	case PARENT_ADMIN_PASSWORD:
		return admin_password(rq, e);
	default:
		return handle_database(s, rq, reply, e);
	}
}

int
parent_handle(struct parent_state *s, const struct parent_request *rq,
    struct parent_reply *reply)
{
	struct err e = ERR_INIT;

	*reply = (struct parent_reply) { 0 };
	switch (handle(s, rq, reply, &e)) {
	case 0:
		return 0;
	case -1:
		reply->code = (uint32_t)e.code;
		(void)str_copy(reply->message, sizeof(reply->message), e.msg);
		return 0;
	default:
		return -1;
	}
}

void
parent_settle(void)
{
	struct runit_status st;
	struct err e;
	unsigned i;

	err_clear(&e);
	if (dbserver_settle(&e) == -1)
		log_warning("%s", e.msg);
	for (i = 0; i < PARENT_SERVICES; i++) {
		const char *dir = parent_service_dir((enum parent_service)i);
		const char *letters = NULL;

		err_clear(&e);
		if (i == PARENT_AGENT || runit_status(dir, &st, &e) == -1)
			continue;
		if (runit_is_down(dir) && st.want_up)
			letters = "d";
		else if (!runit_is_down(dir) && !runit_is_once(dir) &&
		    !st.want_up && st.state == RUNIT_DOWN)
			letters = "u";
		if (letters != NULL && runit_control(dir, letters, &e) == -1)
			log_warning("%s", e.msg);
	}
}

/*
 * A service whose auto-restart is disabled is started or restarted as wanted
 * up; as soon as it runs, runit is told not to start it again.
 */
static void
keep_once(const struct parent_state *s)
{
	struct runit_status st;
	struct err e = ERR_INIT;
	unsigned i;

	for (i = 0; i < PARENT_SERVICES; i++) {
		const char *dir = parent_service_dir((enum parent_service)i);

		if (!runit_is_once(dir) || runit_status(dir, &st, &e) == -1)
			continue;
		if (st.want_up && st.state == RUNIT_RUN && !st.got_term &&
		    st.pid != s->ending[i])
			(void)runit_control(dir, "o", &e);
	}
}

/* One packet.  0, or -1 when the worker is gone or speaks nonsense. */
static int
serve_packet(struct parent_state *s, int fd)
{
	struct parent_request rq;
	struct parent_reply reply;
	ssize_t n;
	int rc;

	/* MSG_TRUNC: the real length even of a packet that is too long */
	n = recv(fd, &rq, sizeof(rq), MSG_TRUNC);
	if (n == -1 && errno == EINTR)
		return 0;
	if (n == 0 || (n == -1 && errno == ECONNRESET)) {
		log_info("the worker has ended");
		return -1;
	}
	rc = n == (ssize_t)sizeof(rq) ? parent_handle(s, &rq, &reply) : -1;
	mem_wipe(&rq, sizeof(rq)); /* some hold passwords */
	mem_wipe_stack();
	if (rc == -1) {
		log_error("a packet that the worker never sends; ending");
		return -1;
	}
	if (send(fd, &reply, sizeof(reply), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(reply)) {
		log_info("the worker has ended");
		return -1;
	}
	return 0;
}

int
parent_serve(int fd)
{
	struct parent_state *s = parent_state_new();
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t tick = clock_ticks() + TICK_MS;

	for (;;) {
		int64_t left = tick - clock_ticks();

		if (left <= 0) {
			keep_once(s);
			tick = clock_ticks() + TICK_MS;
			continue;
		}
		if (poll(&p, 1, (int)left) > 0 && serve_packet(s, fd) == -1)
			break;
	}
	parent_state_free(s);
	return 1;
}
