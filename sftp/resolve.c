#include "sftp/resolve.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#define WAIT_MS 250 /* between two looks at stop() */
#define PORT_TEXT_SIZE 6
#define STACK_SIZE (1 << 18)

/* A look-up under way; whoever leaves it last frees it. */
struct lookup {
	pthread_mutex_t lock;
	bool left; /* one of the two has left */
	int done[2]; /* a pipe whose end closes when the answer is here */
	char *host;
	char service[PORT_TEXT_SIZE];
	int flags;
	int rc; /* of getaddrinfo() */
	int error; /* errno with it */
	struct addrinfo *list;
};

static void
ask(struct lookup *l)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | l->flags };

	l->rc = getaddrinfo(l->host, l->service, &hints, &l->list);
	l->error = errno;
}

static void
leave(struct lookup *l)
{
	bool last;

	(void)pthread_mutex_lock(&l->lock);
	last = l->left;
	l->left = true;
	(void)pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	(void)pthread_mutex_destroy(&l->lock);
	if (l->list != NULL)
		freeaddrinfo(l->list);
	if (l->done[0] != -1)
		close(l->done[0]);
	free(l->host);
	free(l);
}

static void *
ask_in_thread(void *arg)
{
	struct lookup *l = arg;

	ask(l);
	close(l->done[1]);
	leave(l);
	return NULL;
}

/* Signals are for the thread that waits. */
static int
start_thread(struct lookup *l)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int rc;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attr, ask_in_thread, l);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

static int
wait_for(const struct lookup *l, const struct resolve_wait *w, struct err *e)
{
	struct pollfd p = { .fd = l->done[0], .events = POLLIN };

	for (;;) {
		int64_t left = w->deadline_ticks - clock_ticks();
		int n;

		if (w->stop != NULL && w->stop(w->self))
			return err_set(e, ERR_CANCELLED, "cancelled");
		if (left <= 0)
			return err_set(e, ERR_TIMEOUT,
			    "the name service does not answer");
		n = poll(&p, 1, left < WAIT_MS ? (int)left : WAIT_MS);
		if (n == 1)
			return 0;
		if (n == -1 && errno != EINTR)
			return err_errno(e, "poll");
	}
}

static int
result(struct lookup *l, struct addrinfo **list, struct err *e)
{
	if (l->rc == 0) {
		*list = l->list;
		l->list = NULL;
		return 0;
	}
	if (l->rc == EAI_NONAME)
		return err_set(e, ERR_NOT_FOUND, "there is no such host name");
	if (l->rc == EAI_SYSTEM) {
		errno = l->error;
		return err_errno(e, "name service");
	}
	return err_set(e, ERR_UNREACHABLE, "name service: %s",
	    gai_strerror(l->rc));
}

static int
run(struct lookup *l, const struct resolve_wait *w, struct err *e)
{
	if (pipe(l->done) == -1) {
		l->left = true;
		return err_errno(e, "pipe");
	}
	(void)fcntl(l->done[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(l->done[1], F_SETFD, FD_CLOEXEC);
	if (start_thread(l) == -1) {
		err_errno(e, "thread");
		close(l->done[1]);
		l->left = true;
		return -1;
	}
	return wait_for(l, w, e);
}

int
resolve(const char *host, uint16_t port, const struct resolve_wait *w,
    struct addrinfo **list, struct err *e)
{
	struct lookup *l = mem_alloc(sizeof(*l));
	int rc;

	(void)pthread_mutex_init(&l->lock, NULL);
	l->done[0] = -1;
	l->host = mem_strdup(host);
	(void)str_printf(l->service, sizeof(l->service), "%u", (unsigned)port);
	/* An address needs nobody to be asked. */
	l->flags = AI_NUMERICHOST;
	ask(l);
	if (l->rc == EAI_NONAME) {
		l->flags = 0;
		rc = run(l, w, e);
	} else {
		l->left = true;
		rc = 0;
	}
	if (rc == 0)
		rc = result(l, list, e);
	leave(l);
	return rc;
}
