#include "services/remote_watch.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

/* A host of the list with its address. */
struct found {
	struct file_server host;
	struct sockaddr_in address;
};

struct found_list {
	struct found item[REMOTE_CLUSTERS_MAX];
	size_t n;
};

/* What the thread alone knows. */
struct reader {
	char text[FILE_SERVERS_TEXT_SIZE]; /* as last resolved */
	int64_t resolved; /* clock_ticks(); 0: never */
	struct found_list found;
	bool failed; /* the last reading; its reason is in the log */
};

struct remote_watch {
	struct remote_watch_config config;
	struct remote_clusters *remotes;
	struct event *ready; /* of fd; the event loop's */
	int fd; /* an eventfd */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct found_list news;
	bool reading;
	bool stop;
	unsigned holders; /* the user and the thread; the last one frees */
};

/* Called with the lock held, which is given back. */
static void
let_go(struct remote_watch *w)
{
	bool last = --w->holders == 0;

	(void)pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	(void)close(w->fd);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static const struct found *
find(const struct found_list *l, const struct file_server *h)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (str_equal(l->item[i].host.name, h->name) &&
		    l->item[i].host.port == h->port)
			return &l->item[i];
	}
	return NULL;
}

/* Find the addresses of all in the list, those of before if need be. */
static void
resolve(const struct remote_watch *w, struct reader *r)
{
	struct file_servers list;
	struct found_list now = { .n = 0 };
	struct err e = ERR_INIT;
	size_t i;

	if (file_servers_parse(&list, r->text, &e) == -1)
		log_warning("remote clusters: %s", e.msg);
	for (i = 0; i < list.n; i++) {
		const struct found *before = find(&r->found, &list.item[i]);
		struct found *f = &now.item[now.n++];

		f->host = list.item[i];
		if (w->config.source.resolve(&f->host, &f->address, &e) == 0)
			continue;
		log_warning("remote cluster %s", e.msg);
		if (before != NULL)
			*f = *before;
		else
			memset(&f->address, 0, sizeof(f->address));
	}
	r->found = now;
	r->resolved = clock_ticks();
}

/* Read and resolve.  True when there is an answer for the event loop. */
static bool
read_once(const struct remote_watch *w, struct reader *r)
{
	const struct remote_source *s = &w->config.source;
	char text[FILE_SERVERS_TEXT_SIZE] = "";
	struct err e = ERR_INIT;

	if (s->read(s->self, text, &e) == -1) {
		if (!r->failed)
			log_info("remote clusters: %s", e.msg);
		r->failed = true;
		return false;
	}
	r->failed = false;
	if (r->resolved != 0 && str_equal(text, r->text) &&
	    (r->text[0] == '\0' ||
		clock_ticks() - r->resolved < w->config.resolve_ms))
		return false;
	(void)str_copy(r->text, sizeof(r->text), text);
	resolve(w, r);
	return true;
}

/* The lock is held. */
static void
hand_over(struct remote_watch *w, const struct reader *r)
{
	const uint64_t one = 1;

	w->news = r->found;
	if (write(w->fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		BUG("eventfd: %s", strerror(errno));
}

/* The lock is held. */
static void
pause_between(struct remote_watch *w)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += w->config.poll_ms / 1000;
	end.tv_nsec += (long)(w->config.poll_ms % 1000) * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_nsec -= 1000000000L;
		end.tv_sec++;
	}
	while (!w->stop &&
	    pthread_cond_timedwait(&w->wake, &w->lock, &end) != ETIMEDOUT)
		;
}

static void *
watch(void *arg)
{
	struct remote_watch *w = arg;
	struct reader r = { .text = "" };

	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		bool news;

		w->reading = true;
		(void)pthread_mutex_unlock(&w->lock);
		news = read_once(w, &r);
		(void)pthread_mutex_lock(&w->lock);
		w->reading = false;
		if (news)
			hand_over(w, &r);
		pause_between(w);
	}
	(void)pthread_mutex_unlock(&w->lock);
	if (w->config.source.close != NULL)
		w->config.source.close(w->config.source.self);
	(void)pthread_mutex_lock(&w->lock);
	let_go(w);
	return NULL;
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct sockaddr_in address[REMOTE_CLUSTERS_MAX];
	struct remote_watch *w = arg;
	size_t i, n;
	uint64_t times;

	(void)what;
	if (read(fd, &times, sizeof(times)) == -1 && errno != EAGAIN)
		BUG("eventfd: %s", strerror(errno));
	(void)pthread_mutex_lock(&w->lock);
	n = w->news.n;
	for (i = 0; i < n; i++)
		address[i] = w->news.item[i].address;
	(void)pthread_mutex_unlock(&w->lock);
	remote_clusters_set(w->remotes, address, n);
}

/* A thread that takes no signals: those are the event loop's. */
static int
start_thread(struct remote_watch *w)
{
	sigset_t all, before;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, watch, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void
init_lock(struct remote_watch *w)
{
	pthread_condattr_t attr;

	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
}

struct remote_watch *
remote_watch_new(struct event_base *base,
    const struct remote_watch_config *config, struct remote_clusters *remotes,
    struct err *e)
{
	struct remote_watch *w = mem_alloc(sizeof(*w));
	int rc;

	w->config = *config;
	if (w->config.poll_ms == 0)
		w->config.poll_ms = REMOTE_POLL_MS;
	if (w->config.resolve_ms == 0)
		w->config.resolve_ms = REMOTE_RESOLVE_MS;
	w->remotes = remotes;
	w->holders = 2;
	init_lock(w);
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->fd == -1) {
		(void)err_errno(e, "eventfd");
		goto fail;
	}
	w->ready = event_new(base, w->fd, EV_READ | EV_PERSIST, on_ready, w);
	if (w->ready == NULL || event_add(w->ready, NULL) == -1) {
		(void)err_set(e, ERR_INTERNAL, "no event for remote clusters");
		goto fail;
	}
	rc = start_thread(w);
	if (rc == 0)
		return w;
	(void)err_set(e, ERR_INTERNAL, "no thread: %s", strerror(rc));
fail:
	if (w->ready != NULL)
		event_free(w->ready);
	if (w->config.source.close != NULL)
		w->config.source.close(w->config.source.self);
	if (w->fd != -1)
		(void)close(w->fd);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

bool
remote_watch_free(struct remote_watch *w)
{
	bool left_behind;

	if (w == NULL)
		return false;
	event_free(w->ready);
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	left_behind = w->reading;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)(left_behind ? pthread_detach(w->thread) :
			     pthread_join(w->thread, NULL));
	(void)pthread_mutex_lock(&w->lock);
	let_go(w);
	return left_behind;
}
