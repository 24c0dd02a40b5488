#include "services/work_pool.h"

#include <sys/eventfd.h>
#include <sys/resource.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/mem.h"

#define NICE 10

TAILQ_HEAD(work_queue, work);

struct pool_thread {
	struct work_pool *pool;
	unsigned number;
	pthread_t thread;
};

struct work_pool {
	struct work_pool_config config;
	struct event *ready; /* of fd */
	int fd; /* an eventfd, written when done becomes non-empty */
	struct pool_thread *thread; /* owned */
	unsigned started;
	size_t pending; /* the event loop's */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;
	struct work_queue queue[WORK_POOL_QUEUES];
	struct work_queue done;
	bool stop;
};

static struct work *
take(struct work_pool *p)
{
	for (unsigned i = 0; i < WORK_POOL_QUEUES; i++) {
		struct work *w = TAILQ_FIRST(&p->queue[i]);

		if (w == NULL)
			continue;
		TAILQ_REMOVE(&p->queue[i], w, link);
		w->queued = false;
		return w;
	}
	return NULL;
}

static void
wake_event_loop(const struct work_pool *p)
{
	const uint64_t one = 1;

	if (write(p->fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		BUG("eventfd: %s", strerror(errno));
}

static void *
work(void *arg)
{
	const struct pool_thread *me = arg;
	struct work_pool *p = me->pool;

	/* On Linux this is the thread's own. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	(void)pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct work *w = take(p);
		bool first;

		if (w == NULL) {
			(void)pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&p->lock);
		p->config.run(p->config.self, me->number, w->item);
		(void)pthread_mutex_lock(&p->lock);
		first = TAILQ_EMPTY(&p->done);
		TAILQ_INSERT_TAIL(&p->done, w, link);
		if (first)
			wake_event_loop(p);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Up to WORK_POOL_TURN items that are done; true if there are more. */
static bool
collect(struct work_pool *p, struct work_queue *some)
{
	size_t n = 0;
	bool more;

	TAILQ_INIT(some);
	(void)pthread_mutex_lock(&p->lock);
	while (n < WORK_POOL_TURN && !TAILQ_EMPTY(&p->done)) {
		struct work *w = TAILQ_FIRST(&p->done);

		TAILQ_REMOVE(&p->done, w, link);
		TAILQ_INSERT_TAIL(some, w, link);
		n++;
	}
	more = !TAILQ_EMPTY(&p->done);
	(void)pthread_mutex_unlock(&p->lock);
	return more;
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct work_pool *p = arg;
	struct work_queue some;
	uint64_t n;

	(void)what;
	/* Nothing to be read only means that it was read before. */
	if (read(fd, &n, sizeof(n)) == -1 && errno != EAGAIN)
		BUG("eventfd: %s", strerror(errno));
	if (collect(p, &some))
		wake_event_loop(p);
	while (!TAILQ_EMPTY(&some)) {
		struct work *w = TAILQ_FIRST(&some);

		TAILQ_REMOVE(&some, w, link);
		p->pending--;
		p->config.done(p->config.self, w->item);
	}
}

static int
start_threads(struct work_pool *p, struct err *e)
{
	sigset_t all, before;
	int rc = 0;

	p->thread = mem_array(p->config.threads, sizeof(*p->thread));
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (rc == 0 && p->started < p->config.threads) {
		struct pool_thread *t = &p->thread[p->started];

		t->pool = p;
		t->number = p->started;
		rc = pthread_create(&t->thread, NULL, work, t);
		if (rc == 0)
			p->started++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* Fewer threads than wanted do. */
	if (p->started == 0)
		return err_set(e, ERR_INTERNAL, "no thread: %s", strerror(rc));
	return 0;
}

struct work_pool *
work_pool_new(struct event_base *base, const struct work_pool_config *config,
    struct err *e)
{
	struct work_pool *p;
	int fd;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd == -1) {
		(void)err_errno(e, "eventfd");
		return NULL;
	}
	p = mem_alloc(sizeof(*p));
	p->config = *config;
	p->fd = fd;
	for (unsigned i = 0; i < WORK_POOL_QUEUES; i++)
		TAILQ_INIT(&p->queue[i]);
	TAILQ_INIT(&p->done);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->work, NULL);
	p->ready = event_new(base, fd, EV_READ | EV_PERSIST, on_ready, p);
	if (p->ready == NULL || event_add(p->ready, NULL) == -1)
		(void)err_set(e, ERR_INTERNAL, "no event for the workers");
	else if (start_threads(p, e) == 0)
		return p;
	work_pool_free(p);
	return NULL;
}

static void
drop_all(struct work_pool *p, struct work_queue *q)
{
	struct work *w;

	while ((w = TAILQ_FIRST(q)) != NULL) {
		TAILQ_REMOVE(q, w, link);
		p->config.drop(p->config.self, w->item);
	}
}

void
work_pool_free(struct work_pool *p)
{
	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->started; i++)
		(void)pthread_join(p->thread[i].thread, NULL);
	for (unsigned i = 0; i < WORK_POOL_QUEUES; i++)
		drop_all(p, &p->queue[i]);
	drop_all(p, &p->done);
	if (p->ready != NULL)
		event_free(p->ready);
	(void)close(p->fd);
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->thread);
	free(p);
}

void
work_pool_add(struct work_pool *p, struct work *w, void *item, unsigned queue)
{
	w->item = item;
	w->queue = queue;
	p->pending++;
	(void)pthread_mutex_lock(&p->lock);
	w->queued = true;
	TAILQ_INSERT_TAIL(&p->queue[queue], w, link);
	(void)pthread_cond_signal(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
}

void
work_pool_hurry(struct work_pool *p, struct work *w, unsigned queue)
{
	(void)pthread_mutex_lock(&p->lock);
	if (w->queued && queue < w->queue) {
		TAILQ_REMOVE(&p->queue[w->queue], w, link);
		TAILQ_INSERT_TAIL(&p->queue[queue], w, link);
		w->queue = queue;
	}
	(void)pthread_mutex_unlock(&p->lock);
}

bool
work_pool_cancel(struct work_pool *p, struct work *w)
{
	bool queued;

	(void)pthread_mutex_lock(&p->lock);
	queued = w->queued;
	if (queued) {
		TAILQ_REMOVE(&p->queue[w->queue], w, link);
		w->queued = false;
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (queued)
		p->pending--;
	return queued;
}

size_t
work_pool_pending(const struct work_pool *p)
{
	return p->pending;
}
