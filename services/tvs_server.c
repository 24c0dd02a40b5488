#include "services/tvs_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

struct tvs_server {
	struct tvs_server_config config; /* corrected */
	int listener;
	uint16_t port;
	unsigned threads; /* that run */
	pthread_t thread[TVS_THREADS_MAX];
	struct tvs_loop *loop[TVS_THREADS_MAX];
};

static void
correct(struct tvs_server_config *c)
{
	if (c->threads == 0)
		c->threads = 1;
	if (c->threads > TVS_THREADS_MAX)
		c->threads = TVS_THREADS_MAX;
	if (c->max_connections < c->threads)
		c->max_connections = c->threads;
}

/* SO_REUSEADDR: connections of the one before may still be closing. */
static int
bind_listener(struct tvs_server *s, struct err *e)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(s->config.port) };
	socklen_t len = sizeof(sin);
	const int on = 1;

	if (inet_pton(AF_INET, s->config.address, &sin.sin_addr) != 1)
		return err_set(e, ERR_USAGE, "%s is no IPv4 address",
		    s->config.address);
	s->listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener == -1 ||
	    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on,
		sizeof(on)) == -1 ||
	    bind(s->listener, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    getsockname(s->listener, (struct sockaddr *)&sin, &len) == -1)
		return err_errno(e, "TCP port %u of %s",
		    (unsigned)s->config.port, s->config.address);
	s->port = ntohs(sin.sin_port);
	return 0;
}

struct tvs_server *
tvs_server_new(const struct tvs_server_config *config, struct err *e)
{
	struct tvs_server *s = mem_alloc(sizeof(*s));

	s->config = *config;
	s->listener = -1;
	correct(&s->config);
	if (bind_listener(s, e) == -1) {
		tvs_server_free(s);
		return NULL;
	}
	return s;
}

static void *
run(void *arg)
{
	if (tvs_loop_run(arg) == -1) {
		log_error("an event loop failed");
		abort();
	}
	return NULL;
}

static int
start_thread(struct tvs_server *s, struct err *e)
{
	const struct tvs_loop_config config = { .listener = s->listener,
		.max_connections =
		    s->config.max_connections / s->config.threads,
		.limits = s->config.limits,
		.tls = s->config.tls,
		.x = s->config.x };
	struct tvs_loop *l = tvs_loop_new(&config, e);
	int error;

	if (l == NULL)
		return -1;
	error = pthread_create(&s->thread[s->threads], NULL, run, l);
	if (error != 0) {
		tvs_loop_free(l);
		errno = error;
		return err_errno(e, "a thread of the server");
	}
	s->loop[s->threads++] = l;
	return 0;
}

int
tvs_server_start(struct tvs_server *s, struct err *e)
{
	sigset_t all, before;
	int rc = 0;

	if (listen(s->listener, TVS_BACKLOG) == -1)
		return err_errno(e, "TCP port %u of %s", (unsigned)s->port,
		    s->config.address);
	/* Signals are for the thread that waits for them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (rc == 0 && s->threads < s->config.threads)
		rc = start_thread(s, e);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

uint16_t
tvs_server_port(const struct tvs_server *s)
{
	return s->port;
}

void
tvs_server_free(struct tvs_server *s)
{
	unsigned i;

	if (s == NULL)
		return;
	for (i = 0; i < s->threads; i++)
		tvs_loop_stop(s->loop[i]);
	for (i = 0; i < s->threads; i++) {
		(void)pthread_join(s->thread[i], NULL);
		tvs_loop_free(s->loop[i]);
	}
	if (s->listener != -1)
		(void)close(s->listener);
	free(s);
}
