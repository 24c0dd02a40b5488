/* accept4() and eventfd() of Linux. */
#define _GNU_SOURCE
#include "services/tvs_loop_priv.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define ACCEPT_BATCH 16 /* then others have a turn */
#define PAUSE_US 100000L /* without a place for the next one */
#define TICK_US 250000L /* how exact time limits are */
#define SHARE 4 /* an address has at most a quarter */
#define LOOKS 64 /* at silent ones, for one that can go */

static const struct tvs_exchange *
exchange(const struct tvs_loop *l)
{
	return &l->config.x;
}

static void
count(const struct tvs_loop *l, enum tvs_counter which)
{
	tvs_count(exchange(l)->counters, which);
}

/* --- sources ------------------------------------------------------------- */

static struct tvs_bucket *
bucket_of(struct tvs_loop *l, struct in_addr a)
{
	const uint32_t h = ntohl(a.s_addr) * 2654435761U;

	return &l->bucket[h >> 16 & (TVS_BUCKETS - 1)];
}

static struct tvs_source *
source_of(struct tvs_loop *l, struct in_addr a)
{
	struct tvs_bucket *b = bucket_of(l, a);
	struct tvs_source *s;

	for (s = LIST_FIRST(b); s != NULL; s = LIST_NEXT(s, entry)) {
		if (s->address.s_addr == a.s_addr)
			return s;
	}
	s = mem_alloc(sizeof(*s));
	s->address = a;
	LIST_INSERT_HEAD(b, s, entry);
	return s;
}

void
tvs_source_give(struct tvs_source *s)
{
	if (--s->connections > 0)
		return;
	LIST_REMOVE(s, entry);
	free(s);
}

/* --- time limits --------------------------------------------------------- */

static void
expire(struct tvs_connection *c)
{
	static const struct {
		enum tvs_counter counter;
		const char *text;
	} limits[] = {
		[TVS_SILENT] = { TVS_COUNT_SILENT, "nothing was sent" },
		[TVS_HANDSHAKE] = { TVS_COUNT_HANDSHAKE_TIMEOUTS,
		    "the handshake takes too long" },
		[TVS_REQUEST] = { TVS_COUNT_REQUEST_TIMEOUTS,
		    "no whole request came in time" },
		[TVS_ANSWER] = { TVS_COUNT_REQUEST_TIMEOUTS,
		    "the answer is not taken" },
	};

	if (c->state < TVS_CLOSING) {
		count(c->loop, limits[c->state].counter);
		tvs_connection_trace(c, limits[c->state].text);
	}
	tvs_connection_free(c);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct tvs_loop *l = arg;
	const int64_t now = clock_ticks();
	int i;

	(void)fd;
	(void)what;
	for (i = 0; i < TVS_STATES; i++) {
		struct tvs_connection *c;

		while ((c = TAILQ_FIRST(&l->queue[i])) != NULL &&
		    /* The analyzer loses track of what was removed. */
		    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		    c->deadline <= now)
			expire(c);
	}
}

/* --- new connections ----------------------------------------------------- */

/* Has it been in its state for so long that a phone would have gone on? */
static bool
lingers(const struct tvs_connection *c)
{
	const struct tvs_limits *m = &c->loop->config.limits;
	const int64_t entered = c->deadline - tvs_limit_ms(m, c->state);

	return clock_ticks() - entered >=
	    (m->haste == 0 ? TVS_HASTE_MS : m->haste);
}

/* Has it said something that was not looked at yet? */
static bool
has_spoken(const struct tvs_connection *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_PEEK) == 1;
}

static bool
can_go(const struct tvs_connection *c)
{
	switch (c->state) {
	case TVS_SILENT:
		return !has_spoken(c);
	case TVS_CLOSING:
		return true;
	case TVS_HANDSHAKE:
		return lingers(c);
	case TVS_REQUEST:
	case TVS_ANSWER:
	case TVS_STATES:
		break;
	}
	return false;
}

/* The first one of a queue, of this source only if there is one. */
static struct tvs_connection *
first_that_can_go(const struct tvs_queue *q, const struct tvs_source *source)
{
	struct tvs_connection *c;
	unsigned looks = 0;

	for (c = TAILQ_FIRST(q); c != NULL && looks < LOOKS;
	     c = TAILQ_NEXT(c, entry)) {
		if (source != NULL && c->source != source)
			continue;
		if (can_go(c))
			return c;
		looks++;
	}
	return NULL;
}

/*
 * The oldest connection that has not shown itself to be a phone's: one that
 * is silent, or one that waits for the other side to close, or one whose
 * handshake takes its time; of this source only if there is one.  Those that
 * are at work, or have just begun, keep their places.
 */
static struct tvs_connection *
dispensable(const struct tvs_loop *l, const struct tvs_source *source)
{
	static const enum tvs_state order[] = { TVS_SILENT, TVS_CLOSING,
		TVS_HANDSHAKE };
	struct tvs_connection *c = NULL;
	size_t i;

	for (i = 0; c == NULL && i < sizeof(order) / sizeof(order[0]); i++)
		c = first_that_can_go(&l->queue[order[i]], source);
	return c;
}

static bool
evict(struct tvs_loop *l, const struct tvs_source *source)
{
	struct tvs_connection *c = dispensable(l, source);

	if (c == NULL)
		return false;
	count(l, TVS_COUNT_EVICTED);
	tvs_connection_free(c);
	return true;
}

/* Is there a place for one more from here?  Others may lose theirs. */
static bool
make_room(struct tvs_loop *l, struct tvs_source *s)
{
	const size_t max = l->config.max_connections;
	const size_t share = max < SHARE ? 1 : max / SHARE;
	bool room = true;

	s->connections++; /* it must not go while others do */
	if (s->connections > share)
		room = evict(l, s);
	if (room && l->connections >= max)
		room = evict(l, NULL);
	return room;
}

static void
add_connection(struct tvs_loop *l, int fd, const struct sockaddr_in *from)
{
	struct tvs_source *s = source_of(l, from->sin_addr);

	count(l, TVS_COUNT_CONNECTIONS);
	if (make_room(l, s)) {
		(void)tvs_connection_new(l, s, fd);
		return;
	}
	count(l, TVS_COUNT_EVICTED);
	tvs_source_give(s);
	(void)close(fd);
}

/*
 * Give back the descriptor of a connection that is no phone's for sure:
 * silent for longer than any phone, or closed by us.  Phones that are just
 * coming are not counted among those.
 */
static bool
give_back(struct tvs_loop *l)
{
	struct tvs_connection *c = TAILQ_FIRST(&l->queue[TVS_SILENT]);

	if (c != NULL && !lingers(c))
		c = NULL;
	if (c == NULL)
		c = TAILQ_FIRST(&l->queue[TVS_CLOSING]);
	if (c == NULL)
		return false;
	count(l, TVS_COUNT_EVICTED);
	tvs_connection_free(c);
	return true;
}

/*
 * The next ones wait in the backlog until phones have gone, or another thread
 * takes them.
 */
static void
pause_accepting(struct tvs_loop *l)
{
	const struct timeval tv = { .tv_sec = 0, .tv_usec = PAUSE_US };

	(void)event_del(l->accepting);
	(void)event_add(l->pause, &tv);
}

/*
 * No descriptor for the next one: somebody gives one back, or there is a
 * pause.
 */
static void
no_descriptor(struct tvs_loop *l)
{
	count(l, TVS_COUNT_NO_DESCRIPTOR);
	if (!give_back(l))
		pause_accepting(l);
}

static bool
is_full(const struct tvs_loop *l)
{
	return l->connections >= l->config.max_connections &&
	    dispensable(l, NULL) == NULL;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct tvs_loop *l = arg;
	struct sockaddr_in from = { .sin_family = AF_INET };
	socklen_t len;
	int i;

	(void)what;
	for (i = 0; i < ACCEPT_BATCH; i++) {
		int got;

		if (is_full(l)) {
			pause_accepting(l);
			return;
		}
		len = sizeof(from);
		got = accept4(fd, (struct sockaddr *)&from, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (got == -1)
			break;
		add_connection(l, got, &from);
	}
	if (i == ACCEPT_BATCH)
		return;
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		no_descriptor(l);
}

static void
on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	const struct tvs_loop *l = arg;

	(void)fd;
	(void)what;
	(void)event_add(l->accepting, NULL);
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct event_base *base = arg;

	(void)fd;
	(void)what;
	(void)event_base_loopbreak(base);
}

/* --- the loop ------------------------------------------------------------ */

static int
add_events(struct tvs_loop *l, struct err *e)
{
	const struct timeval tick = { .tv_sec = 0, .tv_usec = TICK_US };

	l->base = event_base_new();
	if (l->base == NULL)
		return err_set(e, ERR_INTERNAL, "no event loop");
	l->accepting = event_new(l->base, l->config.listener,
	    EV_READ | EV_PERSIST, on_accept, l);
	l->pause = evtimer_new(l->base, on_pause_over, l);
	l->tick = event_new(l->base, -1, EV_PERSIST, on_tick, l);
	l->stopped = event_new(l->base, l->stop_fd, EV_READ, on_stop, l->base);
	if (l->accepting == NULL || l->pause == NULL || l->tick == NULL ||
	    l->stopped == NULL || event_add(l->accepting, NULL) == -1 ||
	    event_add(l->tick, &tick) == -1 ||
	    event_add(l->stopped, NULL) == -1)
		return err_set(e, ERR_INTERNAL, "no events");
	return 0;
}

struct tvs_loop *
tvs_loop_new(const struct tvs_loop_config *config, struct err *e)
{
	struct tvs_loop *l = mem_alloc(sizeof(*l));
	int i;

	l->config = *config;
	for (i = 0; i < TVS_STATES; i++)
		TAILQ_INIT(&l->queue[i]);
	l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->stop_fd == -1) {
		(void)err_errno(e, "eventfd");
		tvs_loop_free(l);
		return NULL;
	}
	if (add_events(l, e) == -1) {
		tvs_loop_free(l);
		return NULL;
	}
	return l;
}

int
tvs_loop_run(struct tvs_loop *l)
{
	return event_base_dispatch(l->base) == -1 ? -1 : 0;
}

void
tvs_loop_stop(struct tvs_loop *l)
{
	const uint64_t one = 1;

	if (write(l->stop_fd, &one, sizeof(one)) != sizeof(one))
		log_error("a loop cannot be stopped");
}

static void
free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void
tvs_loop_free(struct tvs_loop *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < TVS_STATES; i++) {
		struct tvs_connection *c;

		while ((c = TAILQ_FIRST(&l->queue[i])) != NULL) {
			/* The analyzer loses track of what was removed. */
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
			tvs_connection_free(c);
		}
	}
	free_event(l->accepting);
	free_event(l->pause);
	free_event(l->tick);
	free_event(l->stopped);
	if (l->base != NULL)
		event_base_free(l->base);
	if (l->stop_fd != -1)
		(void)close(l->stop_fd);
	free(l);
}
