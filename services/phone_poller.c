#include "services/phone_poller.h"

#include <sys/eventfd.h>
#include <sys/queue.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/mem.h"

struct item {
	STAILQ_ENTRY(item) link;
	struct phone_news news;
};

STAILQ_HEAD(item_queue, item);

struct phone_poller {
	struct phone_poller_config config;
	struct event *ready; /* of fd; the event loop's, as what follows */
	pthread_t thread;
	bool started;
	int fd; /* an eventfd, written when the queue becomes non-empty */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct item_queue queue;
	bool reading;
	bool stop;
	unsigned holders; /* the user and the thread; the last one frees */
};

static void
free_item(struct item *i)
{
	signing_identity_free(i->news.identity);
	phone_changes_release(&i->news.changes);
	free(i);
}

/* Called with the lock held, which is given back. */
static void
let_go(struct phone_poller *p)
{
	struct item *i;
	bool last = --p->holders == 0;

	(void)pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	while ((i = STAILQ_FIRST(&p->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&p->queue, link);
		free_item(i);
	}
	(void)close(p->fd);
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

/* What the thread remembers between two readings. */
struct poller_memory {
	bool identified;
	bool failing; /* the last one failed */
};

/* One reading.  The item, or NULL when there is nothing to tell. */
static struct item *
read_once(const struct phone_poller *p, struct poller_memory *done)
{
	const struct phone_source *s = &p->config.source;
	struct item *i = mem_alloc(sizeof(*i));
	struct phone_news *n = &i->news;

	if (!done->identified) {
		n->identity = signing_identity_new(&s->certs, p->config.threads,
		    &n->error);
		done->identified = n->identity != NULL;
	}
	if (done->identified)
		(void)s->read(s->self, &n->changes, &n->error);
	if (n->identity == NULL && n->changes.basis == NULL &&
	    n->changes.n == 0 && !n->changes.complete &&
	    n->error.code == ERR_NONE && !done->failing) {
		free(i);
		return NULL;
	}
	done->failing = n->error.code != ERR_NONE;
	return i;
}

/* The lock is held. */
static void
hand_over(struct phone_poller *p, struct item *i)
{
	const uint64_t one = 1;

	if (STAILQ_EMPTY(&p->queue) &&
	    write(p->fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		BUG("eventfd: %s", strerror(errno));
	STAILQ_INSERT_TAIL(&p->queue, i, link);
}

/* The lock is held. */
static void
pause_between(struct phone_poller *p)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += p->config.poll_ms / 1000;
	end.tv_nsec += (long)(p->config.poll_ms % 1000) * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_nsec -= 1000000000L;
		end.tv_sec++;
	}
	while (!p->stop &&
	    pthread_cond_timedwait(&p->wake, &p->lock, &end) != ETIMEDOUT)
		;
}

static void *
poll_source(void *arg)
{
	struct phone_poller *p = arg;
	struct poller_memory done = { .identified = false };

	(void)pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct item *i;

		p->reading = true;
		(void)pthread_mutex_unlock(&p->lock);
		i = read_once(p, &done);
		(void)pthread_mutex_lock(&p->lock);
		p->reading = false;
		if (i != NULL)
			hand_over(p, i);
		pause_between(p);
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (p->config.source.close != NULL)
		p->config.source.close(p->config.source.self);
	(void)pthread_mutex_lock(&p->lock);
	let_go(p);
	return NULL;
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct phone_poller *p = arg;
	struct item *i;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) == -1 && errno != EAGAIN)
		BUG("eventfd: %s", strerror(errno));
	do {
		(void)pthread_mutex_lock(&p->lock);
		i = STAILQ_FIRST(&p->queue);
		if (i != NULL)
			STAILQ_REMOVE_HEAD(&p->queue, link);
		(void)pthread_mutex_unlock(&p->lock);
		if (i != NULL) {
			p->config.fn(p->config.self, &i->news);
			free_item(i);
		}
	} while (i != NULL);
}

/* A thread that takes no signals: those are the event loop's. */
static int
start_thread(struct phone_poller *p)
{
	sigset_t all, before;
	int rc;

	p->holders = 2;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&p->thread, NULL, poll_source, p);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->started = rc == 0;
	if (rc != 0)
		p->holders = 1;
	return rc;
}

static struct phone_poller *
make(const struct phone_poller_config *config, int fd)
{
	struct phone_poller *p = mem_alloc(sizeof(*p));
	pthread_condattr_t attr;

	p->config = *config;
	p->fd = fd;
	p->holders = 1;
	STAILQ_INIT(&p->queue);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	return p;
}

struct phone_poller *
phone_poller_new(struct event_base *base,
    const struct phone_poller_config *config, struct err *e)
{
	struct phone_poller *p;
	int fd, rc = 0;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd == -1) {
		(void)err_errno(e, "eventfd");
		if (config->source.close != NULL)
			config->source.close(config->source.self);
		return NULL;
	}
	p = make(config, fd);
	p->ready = event_new(base, fd, EV_READ | EV_PERSIST, on_ready, p);
	if (p->ready == NULL || event_add(p->ready, NULL) == -1)
		(void)err_set(e, ERR_INTERNAL, "no event for phone data");
	else if ((rc = start_thread(p)) == 0)
		return p;
	if (rc != 0)
		(void)err_set(e, ERR_INTERNAL, "no thread: %s", strerror(rc));
	(void)phone_poller_free(p);
	return NULL;
}

bool
phone_poller_free(struct phone_poller *p)
{
	bool left;

	if (p == NULL)
		return false;
	if (p->ready != NULL)
		event_free(p->ready);
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->wake);
	left = p->reading;
	(void)pthread_mutex_unlock(&p->lock);
	if (p->started)
		(void)(left ? pthread_detach(p->thread) :
			      pthread_join(p->thread, NULL));
	else if (p->config.source.close != NULL)
		p->config.source.close(p->config.source.self);
	(void)pthread_mutex_lock(&p->lock);
	let_go(p);
	return left;
}
