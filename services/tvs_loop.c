/* accept4() and eventfd() of Linux. */
#define _GNU_SOURCE
#include "services/tvs_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define ACCEPT_BATCH 16 /* then others have a turn */
#define PAUSE_US 100000L /* without a descriptor for the next one */
#define HASTE_MS 1000 /* a phone has said something by then */
#define TICK_US 250000L /* how exact time limits are */
#define READ_SIZE 16384 /* a record */
#define SHARE 4 /* an address has at most a quarter */
#define BUCKETS 1024 /* of addresses, a power of two */

/* What a connection waits for; each has a queue, the oldest one first. */
enum state {
	SILENT, /* its first byte */
	HANDSHAKE,
	REQUEST,
	ANSWER, /* until it is sent */
	CLOSING, /* the other side to close */
	STATES
};

/* One address, while it has connections. */
struct source {
	LIST_ENTRY(source) entry;
	struct in_addr address;
	size_t connections;
};

struct conn {
	TAILQ_ENTRY(conn) entry; /* in the queue of its state */
	struct tvs_loop *loop;
	struct source *source;
	enum state state;
	int fd;
	bool writing; /* it waits until it can write */
	int64_t deadline; /* clock_ticks() */
	struct event *event;
	struct tvs_session *session; /* NULL: not yet, or no more */
	struct wbuf in; /* a request that came in pieces */
	struct wbuf out; /* the answer */
};

TAILQ_HEAD(queue, conn);
LIST_HEAD(bucket, source);

struct tvs_loop {
	struct tvs_loop_config config;
	struct event_base *base;
	struct event *accepting;
	struct event *pause;
	struct event *tick;
	struct event *stopped;
	int stop_fd;
	size_t connections;
	struct queue queue[STATES];
	struct bucket bucket[BUCKETS];
	uint8_t record[READ_SIZE]; /* what was just read */
};

static void on_io(evutil_socket_t fd, short what, void *arg);

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

static const char *
address_of(const struct conn *c, char text[INET_ADDRSTRLEN])
{
	(void)inet_ntop(AF_INET, &c->source->address, text, INET_ADDRSTRLEN);
	return text;
}

static void
trace_error(const struct conn *c, const char *text)
{
	char address[INET_ADDRSTRLEN];

	tvs_trace_line(exchange(c->loop)->trace, TVS_TRACE_ERROR, "%s: %s",
	    address_of(c, address), text);
}

/* --- sources ------------------------------------------------------------- */

static struct bucket *
bucket_of(struct tvs_loop *l, struct in_addr a)
{
	const uint32_t h = ntohl(a.s_addr) * 2654435761U;

	return &l->bucket[h >> 16 & (BUCKETS - 1)];
}

static struct source *
source_of(struct tvs_loop *l, struct in_addr a)
{
	struct bucket *b = bucket_of(l, a);
	struct source *s;

	for (s = LIST_FIRST(b); s != NULL; s = LIST_NEXT(s, entry)) {
		if (s->address.s_addr == a.s_addr)
			return s;
	}
	s = mem_alloc(sizeof(*s));
	s->address = a;
	LIST_INSERT_HEAD(b, s, entry);
	return s;
}

static void
source_give(struct source *s)
{
	if (--s->connections > 0)
		return;
	LIST_REMOVE(s, entry);
	free(s);
}

/* --- one connection ------------------------------------------------------ */

static unsigned
limit_ms(const struct tvs_limits *m, enum state state)
{
	switch (state) {
	case SILENT:
		return m->silent == 0 ? TVS_SILENT_MS : m->silent;
	case HANDSHAKE:
		return m->handshake == 0 ? TVS_HANDSHAKE_MS : m->handshake;
	case REQUEST:
	case ANSWER:
		return m->request == 0 ? TVS_REQUEST_MS : m->request;
	case CLOSING:
		return m->close == 0 ? TVS_CLOSE_MS : m->close;
	case STATES:
		break;
	}
	BUG("state %d", (int)state);
}

/*
 * All limits of a state are the same, so its queue is in the order of the
 * deadlines.
 */
static void
enter(struct conn *c, enum state state)
{
	struct tvs_loop *l = c->loop;

	TAILQ_REMOVE(&l->queue[c->state], c, entry);
	c->state = state;
	c->deadline = clock_ticks() + limit_ms(&l->config.limits, state);
	TAILQ_INSERT_TAIL(&l->queue[state], c, entry);
}

static void
conn_free(struct conn *c)
{
	struct tvs_loop *l = c->loop;

	TAILQ_REMOVE(&l->queue[c->state], c, entry);
	l->connections--;
	tvs_uncount(exchange(l)->counters, TVS_COUNT_OPEN);
	source_give(c->source);
	if (c->event != NULL)
		event_free(c->event);
	tvs_session_free(c->session);
	(void)close(c->fd);
	wbuf_release(&c->in);
	wbuf_release(&c->out);
	free(c);
}

static void
wait_for(struct conn *c, bool write)
{
	if (c->writing == write)
		return;
	c->writing = write;
	(void)event_del(c->event);
	if (event_assign(c->event, c->loop->base, c->fd,
		(short)((write ? EV_WRITE : EV_READ) | EV_PERSIST), on_io,
		c) == -1 ||
	    event_add(c->event, NULL) == -1)
		BUG("an event cannot be changed");
}

/*
 * The other side closes first, or it could lose the answer: what it still
 * sends would be answered with a reset.
 */
static void
say_goodbye(struct conn *c)
{
	tvs_session_bye(c->session);
	tvs_session_free(c->session);
	c->session = NULL;
	wbuf_release(&c->out);
	(void)shutdown(c->fd, SHUT_WR);
	enter(c, CLOSING);
	wait_for(c, false);
}

static void
vanished(struct conn *c)
{
	count(c->loop, TVS_COUNT_VANISHED);
	conn_free(c);
}

/*
 * What an operation on the session led to, when that was not the end of it.
 * c may be gone.
 */
static void
not_done(struct conn *c, enum tvs_io io, const struct err *e)
{
	switch (io) {
	case TVS_IO_READ:
	case TVS_IO_WRITE:
		wait_for(c, io == TVS_IO_WRITE);
		return;
	case TVS_IO_FAILED:
		trace_error(c, e->msg);
		if (c->state == HANDSHAKE) {
			count(c->loop, TVS_COUNT_HANDSHAKE_FAILURES);
			/* the alert says why, and must arrive */
			say_goodbye(c);
			return;
		}
		vanished(c);
		return;
	case TVS_IO_CLOSED:
	case TVS_IO_DONE:
		vanished(c);
		return;
	}
}

static void
send_answer(struct conn *c)
{
	struct err e = ERR_INIT;
	const enum tvs_io io =
	    tvs_session_write(c->session, c->out.data, c->out.len, &e);

	if (io == TVS_IO_DONE)
		say_goodbye(c);
	else
		not_done(c, io, &e);
}

/*
 * The whole request is in p: answer it, or close.  The answer, the end of TLS
 * and that of the connection share a packet: the last one pulls the cork.
 */
static void
answer(struct conn *c, const struct tvs_bytes *request)
{
	char address[INET_ADDRSTRLEN];
	struct err e = ERR_INIT;
	const int on = 1;

	if (tvs_exchange_answer(exchange(c->loop), address_of(c, address),
		request, &c->out, &e) == -1) {
		say_goodbye(c);
		return;
	}
	wbuf_release(&c->in);
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	enter(c, ANSWER);
	send_answer(c);
}

/*
 * n more bytes of the request.  True when c waits for further ones.  What
 * comes behind a request is not looked at.
 */
static bool
take_bytes(struct conn *c, const uint8_t *p, size_t n)
{
	struct tvs_bytes all = { p, n };
	struct err e = ERR_INIT;
	size_t total;

	if (c->in.len > 0) {
		wbuf_bytes(&c->in, p, n);
		all = (struct tvs_bytes) { c->in.data, c->in.len };
	}
	if (tvs_request_length(all.data, all.len, &total, &e) == -1) {
		char address[INET_ADDRSTRLEN];

		tvs_exchange_refuse(exchange(c->loop), address_of(c, address),
		    &all, &e);
		say_goodbye(c);
		return false;
	}
	if (total == 0 || all.len < total) {
		if (c->in.len == 0)
			wbuf_bytes(&c->in, p, n);
		return true;
	}
	all.len = total;
	answer(c, &all);
	return false;
}

/*
 * A phone whose system holds small packets together (RFC 896) sends its
 * request when the end of its handshake is acknowledged; after a session was
 * resumed nothing of ours does that, and the kernel would wait 40 ms for it.
 */
static void
acknowledge(const struct conn *c)
{
	const int on = 1;

	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void
read_request(struct conn *c)
{
	struct tvs_loop *l = c->loop;
	struct err e = ERR_INIT;
	enum tvs_io io;
	size_t n;

	do {
		io = tvs_session_read(c->session, l->record, sizeof(l->record),
		    &n, &e);
		if (io == TVS_IO_DONE && !take_bytes(c, l->record, n))
			return;
	} while (io == TVS_IO_DONE);
	if (io == TVS_IO_READ)
		acknowledge(c);
	not_done(c, io, &e);
}

static enum tvs_counter
version_counter(int version)
{
	switch (version) {
	case 0x0301:
		return TVS_COUNT_TLS_1_0;
	case 0x0302:
		return TVS_COUNT_TLS_1_1;
	case 0x0303:
		return TVS_COUNT_TLS_1_2;
	default:
		return TVS_COUNT_TLS_1_3;
	}
}

static void
trace_handshake(const struct conn *c)
{
	struct tvs_trace *trace = exchange(c->loop)->trace;
	char address[INET_ADDRSTRLEN];
	struct tvs_trace_lines lines;

	if (!tvs_trace_wants(trace, TVS_TRACE_DETAILED))
		return;
	tvs_trace_begin(&lines);
	tvs_trace_add(trace, &lines, TVS_TRACE_DETAILED,
	    "%s: tvsSSLHandShake Session ciphers - %s", address_of(c, address),
	    tvs_session_cipher(c->session));
	tvs_trace_add(trace, &lines, TVS_TRACE_DETAILED,
	    "TLS HS Done for ph_conn .");
	tvs_trace_put(trace, &lines);
}

static void
shaken(struct conn *c)
{
	count(c->loop, TVS_COUNT_HANDSHAKES);
	count(c->loop, version_counter(tvs_session_version(c->session)));
	if (tvs_session_resumed(c->session))
		count(c->loop, TVS_COUNT_RESUMED);
	trace_handshake(c);
	enter(c, REQUEST);
	wait_for(c, false);
	read_request(c);
}

static void
shake(struct conn *c)
{
	struct err e = ERR_INIT;
	const enum tvs_io io = tvs_session_handshake(c->session, &e);

	if (io == TVS_IO_DONE)
		shaken(c);
	else
		not_done(c, io, &e);
}

/*
 * Something was sent, or the other side has gone without a word, which the
 * handshake finds out.
 */
static void
first_byte(struct conn *c)
{
	c->session = tvs_session_new(c->loop->config.tls, c->fd);
	enter(c, HANDSHAKE);
	shake(c);
}

/* The other side closes; whatever it says before is not looked at. */
static void
drain(struct conn *c)
{
	ssize_t n;

	do
		n = recv(c->fd, c->loop->record, sizeof(c->loop->record), 0);
	while (n == -1 && errno == EINTR);
	if (n > 0 || (n == -1 && errno == EAGAIN))
		return;
	conn_free(c);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	switch (c->state) {
	case SILENT:
		first_byte(c);
		return;
	case HANDSHAKE:
		shake(c);
		return;
	case REQUEST:
		read_request(c);
		return;
	case ANSWER:
		send_answer(c);
		return;
	case CLOSING:
		drain(c);
		return;
	case STATES:
		break;
	}
	BUG("state %d", (int)c->state);
}

/* --- time limits --------------------------------------------------------- */

static void
expire(struct conn *c)
{
	static const struct {
		enum tvs_counter counter;
		const char *text;
	} limits[] = {
		[SILENT] = { TVS_COUNT_SILENT, "nothing was sent" },
		[HANDSHAKE] = { TVS_COUNT_HANDSHAKE_TIMEOUTS,
		    "the handshake takes too long" },
		[REQUEST] = { TVS_COUNT_REQUEST_TIMEOUTS,
		    "no whole request came in time" },
		[ANSWER] = { TVS_COUNT_REQUEST_TIMEOUTS,
		    "the answer is not taken" },
	};

	if (c->state < CLOSING) {
		count(c->loop, limits[c->state].counter);
		trace_error(c, limits[c->state].text);
	}
	conn_free(c);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct tvs_loop *l = arg;
	const int64_t now = clock_ticks();
	int i;

	(void)fd;
	(void)what;
	for (i = 0; i < STATES; i++) {
		struct conn *c;

		while ((c = TAILQ_FIRST(&l->queue[i])) != NULL &&
		    /* The analyzer loses track of what was removed. */
		    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		    c->deadline <= now)
			expire(c);
	}
}

/* --- new connections ----------------------------------------------------- */

/*
 * Make room by closing the oldest connection that has not shown itself to be
 * a phone's: one that is silent, or one that waits for the other side to
 * close, or one in its handshake; of this source only if there is one.
 */
static bool
evict(struct tvs_loop *l, const struct source *source)
{
	static const enum state order[] = { SILENT, CLOSING, HANDSHAKE };
	struct conn *c;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (c = TAILQ_FIRST(&l->queue[order[i]]); c != NULL;
		     c = TAILQ_NEXT(c, entry)) {
			if (source != NULL && c->source != source)
				continue;
			count(l, TVS_COUNT_EVICTED);
			/* The analyzer loses track of what was removed. */
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
			conn_free(c);
			return true;
		}
	}
	return false;
}

/* Is there a place for one more from here?  Others may lose theirs. */
static bool
make_room(struct tvs_loop *l, struct source *s)
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
add_conn(struct tvs_loop *l, int fd, const struct sockaddr_in *from)
{
	struct source *s = source_of(l, from->sin_addr);
	struct conn *c;

	count(l, TVS_COUNT_CONNECTIONS);
	if (!make_room(l, s)) {
		count(l, TVS_COUNT_EVICTED);
		source_give(s);
		(void)close(fd);
		return;
	}
	tvs_count(exchange(l)->counters, TVS_COUNT_OPEN);
	c = mem_alloc(sizeof(*c));
	c->loop = l;
	c->source = s;
	c->fd = fd;
	c->state = SILENT;
	c->deadline = clock_ticks() + limit_ms(&l->config.limits, SILENT);
	wbuf_init(&c->in, TVS_MESSAGE_MAX + READ_SIZE);
	wbuf_init(&c->out, TVS_MESSAGE_MAX);
	l->connections++;
	TAILQ_INSERT_TAIL(&l->queue[SILENT], c, entry);
	c->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_io, c);
	if (c->event == NULL || event_add(c->event, NULL) == -1)
		conn_free(c);
}

/*
 * Give back the descriptor of a connection that is no phone's for sure:
 * silent for longer than any phone, or closed by us.  Phones that are just
 * coming are not counted among those.
 */
static bool
give_back(struct tvs_loop *l)
{
	struct conn *c = TAILQ_FIRST(&l->queue[SILENT]);
	unsigned limit = limit_ms(&l->config.limits, SILENT);

	if (c != NULL && limit - (c->deadline - clock_ticks()) < HASTE_MS)
		c = NULL;
	if (c == NULL)
		c = TAILQ_FIRST(&l->queue[CLOSING]);
	if (c == NULL)
		return false;
	count(l, TVS_COUNT_EVICTED);
	conn_free(c);
	return true;
}

/*
 * No descriptor for the next one, which waits in the backlog: somebody gives
 * one back, or there is a pause until phones have gone, or another thread has
 * a connection that can go.
 */
static void
no_descriptor(struct tvs_loop *l)
{
	const struct timeval tv = { .tv_sec = 0, .tv_usec = PAUSE_US };

	count(l, TVS_COUNT_NO_DESCRIPTOR);
	if (give_back(l))
		return;
	(void)event_del(l->accepting);
	(void)event_add(l->pause, &tv);
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

		len = sizeof(from);
		got = accept4(fd, (struct sockaddr *)&from, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (got == -1)
			break;
		add_conn(l, got, &from);
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
	for (i = 0; i < STATES; i++)
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
	for (i = 0; i < STATES; i++) {
		struct conn *c;

		while ((c = TAILQ_FIRST(&l->queue[i])) != NULL) {
			/* The analyzer loses track of what was removed. */
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
			conn_free(c);
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
