#include "node/agent_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/agent_io.h"
#include "cluster/agent_msg.h"
#include "node/agent_caller.h"
#include "node/verb.h"

#define BACKLOG 64
#define ACCEPT_PAUSE_MS 100 /* when descriptors have run out */

/* One connection; gone says that its client reads no longer. */
struct connection {
	struct agent *agent;
	int fd;
	bool gone;
	struct verb_caller caller;
};

/*
 * The connections there are.  File-static because the threads that count
 * themselves out outlive agent_server_run().
 */
static struct {
	pthread_mutex_t mutex;
	size_t n;
	uid_t uid[AGENT_CONNECTIONS_MAX];
} open_now = { .mutex = PTHREAD_MUTEX_INITIALIZER };

int
agent_server_listen(struct err *e)
{
	char path[PATH_SIZE];
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	paths_in(path, "run/agent.sock");
	if (str_copy(sun.sun_path, sizeof(sun.sun_path), path) == -1)
		return err_set(e, ERR_TOO_BIG, "%s: path of a socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd == -1)
		return err_errno(e, "socket");
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    chmod(path, 0666) == -1 || listen(fd, BACKLOG) == -1) {
		(void)err_errno(e, "%s", path);
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
send_text(void *self, const char *text, size_t n)
{
	struct connection *c = self;
	struct err e = ERR_INIT;

	if (c->gone)
		return -1;
	if (agent_io_text(c->fd, text, n, clock_ticks() + AGENT_TEXT_MS, &e) ==
	    0)
		return 0;
	c->gone = true;
	return -1;
}

static int
send_row(void *self, const struct strlist *columns)
{
	struct connection *c = self;
	struct err e = ERR_INIT;

	if (c->gone)
		return -1;
	if (agent_io_row(c->fd, columns, clock_ticks() + AGENT_ANSWER_MS, &e) ==
	    0)
		return 0;
	c->gone = true;
	return -1;
}

static int
send_data(void *self, const void *p, size_t n)
{
	struct connection *c = self;
	struct err e = ERR_INIT;

	if (c->gone)
		return -1;
	if (agent_io_data(c->fd, p, n, clock_ticks() + AGENT_ANSWER_MS, &e) ==
	    0)
		return 0;
	c->gone = true;
	return -1;
}

/* Run one request and answer it. */
static void
serve_request(struct connection *c, const struct agent_msg *m)
{
	const struct verb_reply reply = { .text = send_text,
		.row = send_row,
		.data = send_data,
		.self = c };
	struct verb_ctx ctx = { .agent = c->agent,
		.caller = c->caller,
		.reply = &reply,
		.payload = m->bytes,
		.payload_len = m->len,
		.secret = m->secret.text == NULL ? NULL : &m->secret };
	struct err result = ERR_INIT;
	struct err e = ERR_INIT;

	if (verb_dispatch(&ctx, &m->words, &result) == 0) {
		err_clear(&result);
		(void)str_copy(result.msg, sizeof(result.msg), ctx.message);
	} else if (result.code == ERR_NONE) {
		(void)err_set(&result, ERR_INTERNAL,
		    "%s failed without a reason", m->words.item[0]);
	}
	if (!c->gone &&
	    agent_io_result(c->fd, &result, clock_ticks() + AGENT_ANSWER_MS,
		&e) == -1)
		c->gone = true;
}

/* Wait for the next request to begin.  False: idle for too long, or gone. */
static bool
wait_request(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int rc;

	do
		rc = poll(&p, 1, AGENT_IDLE_MS);
	while (rc == -1 && errno == EINTR);
	return rc == 1;
}

void
agent_server_connection(struct agent *a, int fd)
{
	struct connection c = { .agent = a, .fd = fd };
	struct err e = ERR_INIT;

	if (agent_caller_of(&c.caller, fd, a, &e) == -1) {
		struct err ignored = ERR_INIT;

		(void)agent_io_result(fd, &e, clock_ticks() + AGENT_TEXT_MS,
		    &ignored);
		c.gone = true;
	}
	while (!c.gone && wait_request(fd)) {
		struct agent_msg m;
		struct err ignored = ERR_INIT;

		if (agent_io_read_request(fd, &m,
			clock_ticks() + AGENT_REQUEST_MS, &e) == -1) {
			(void)agent_io_result(fd, &e,
			    clock_ticks() + AGENT_TEXT_MS, &ignored);
			break;
		}
		if (m.type == AGENT_REQUEST)
			serve_request(&c, &m);
		else
			c.gone = true;
		agent_msg_release(&m);
	}
	(void)close(fd);
}

/* Count a connection in.  False when there are too many. */
static bool
count_in(const struct agent *a, uid_t uid)
{
	bool own = uid == 0 || uid == a->ucm_uid;
	bool account = !own && uid != a->peer_uid;
	size_t max =
	    AGENT_CONNECTIONS_MAX - (account ? AGENT_CONNECTIONS_OWN : 0);
	size_t same = 0;
	size_t i;
	bool ok;

	(void)pthread_mutex_lock(&open_now.mutex);
	for (i = 0; i < open_now.n; i++)
		same += open_now.uid[i] == uid;
	ok = open_now.n < max && (own || same < AGENT_CONNECTIONS_USER);
	if (ok)
		open_now.uid[open_now.n++] = uid;
	(void)pthread_mutex_unlock(&open_now.mutex);
	return ok;
}

static void
count_out(uid_t uid)
{
	size_t i = 0;

	(void)pthread_mutex_lock(&open_now.mutex);
	while (i < open_now.n && open_now.uid[i] != uid)
		i++;
	if (i == open_now.n)
		BUG("a connection that was not counted");
	open_now.uid[i] = open_now.uid[--open_now.n];
	(void)pthread_mutex_unlock(&open_now.mutex);
}

/* What a thread is started with; it frees it. */
struct start {
	struct agent *agent;
	int fd;
	uid_t uid;
};

static void *
connection_thread(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	agent_server_connection(s.agent, s.fd);
	count_out(s.uid);
	return NULL;
}

/* Start a thread for the connection, or close it. */
static void
start_connection(struct agent *a, int fd)
{
	struct start *s;
	struct err e = ERR_INIT;
	struct err ignored = ERR_INIT;
	pthread_attr_t attr;
	pthread_t thread;
	uid_t uid;
	int rc;

	if (agent_caller_uid(fd, &uid, &e) == -1 || !count_in(a, uid)) {
		(void)err_set(&e, ERR_STATE,
		    "the agent has too many connections; try again later");
		(void)agent_io_result(fd, &e, clock_ticks() + 1, &ignored);
		(void)close(fd);
		return;
	}
	s = mem_alloc(sizeof(*s));
	*s = (struct start) { .agent = a, .fd = fd, .uid = uid };
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, connection_thread, s);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0) {
		log_warning("no thread for a connection");
		count_out(uid);
		(void)close(fd);
		free(s);
	}
}

void
agent_server_run(struct agent *a, int listen_fd, int stop_fd)
{
	struct pollfd p[2] = { { .fd = listen_fd, .events = POLLIN },
		{ .fd = stop_fd, .events = 0 } };

	for (;;) {
		int fd;

		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents != 0)
			return;
		if (p[0].revents == 0)
			continue;
		fd = accept(listen_fd, NULL, NULL);
		if (fd == -1) {
			/* out of descriptors: others end and give theirs */
			if (errno == EMFILE || errno == ENFILE)
				(void)poll(NULL, 0, ACCEPT_PAUSE_MS);
			continue;
		}
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		start_connection(a, fd);
	}
}
