#include "services/tvs_loop_priv.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"

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
address_of(const struct tvs_connection *c, char text[INET_ADDRSTRLEN])
{
	(void)inet_ntop(AF_INET, &c->source->address, text, INET_ADDRSTRLEN);
	return text;
}

void
tvs_connection_trace(const struct tvs_connection *c, const char *text)
{
	char address[INET_ADDRSTRLEN];

	tvs_trace_line(exchange(c->loop)->trace, TVS_TRACE_ERROR, "%s: %s",
	    address_of(c, address), text);
}

unsigned
tvs_limit_ms(const struct tvs_limits *m, enum tvs_state state)
{
	switch (state) {
	case TVS_SILENT:
		return m->silent == 0 ? TVS_SILENT_MS : m->silent;
	case TVS_HANDSHAKE:
		return m->handshake == 0 ? TVS_HANDSHAKE_MS : m->handshake;
	case TVS_REQUEST:
	case TVS_ANSWER:
		return m->request == 0 ? TVS_REQUEST_MS : m->request;
	case TVS_CLOSING:
		return m->close == 0 ? TVS_CLOSE_MS : m->close;
	case TVS_STATES:
		break;
	}
	BUG("state %d", (int)state);
}

/*
 * All limits of a state are the same, so its queue is in the order of the
 * deadlines.
 */
static void
enter(struct tvs_connection *c, enum tvs_state state)
{
	struct tvs_loop *l = c->loop;

	TAILQ_REMOVE(&l->queue[c->state], c, entry);
	c->state = state;
	c->deadline = clock_ticks() + tvs_limit_ms(&l->config.limits, state);
	TAILQ_INSERT_TAIL(&l->queue[state], c, entry);
}

void
tvs_connection_free(struct tvs_connection *c)
{
	struct tvs_loop *l = c->loop;

	TAILQ_REMOVE(&l->queue[c->state], c, entry);
	l->connections--;
	tvs_uncount(exchange(l)->counters, TVS_COUNT_OPEN);
	tvs_source_give(c->source);
	if (c->event != NULL)
		event_free(c->event);
	tvs_session_free(c->session);
	(void)close(c->fd);
	wbuf_release(&c->in);
	wbuf_release(&c->out);
	free(c);
}

static void
wait_for(struct tvs_connection *c, bool write)
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
say_goodbye(struct tvs_connection *c)
{
	tvs_session_bye(c->session);
	tvs_session_free(c->session);
	c->session = NULL;
	wbuf_release(&c->out);
	(void)shutdown(c->fd, SHUT_WR);
	enter(c, TVS_CLOSING);
	wait_for(c, false);
}

static void
vanished(struct tvs_connection *c)
{
	count(c->loop, TVS_COUNT_VANISHED);
	tvs_connection_free(c);
}

/*
 * What an operation on the session led to, when that was not the end of it.
 * c may be gone.
 */
static void
not_done(struct tvs_connection *c, enum tvs_io io, const struct err *e)
{
	switch (io) {
	case TVS_IO_READ:
	case TVS_IO_WRITE:
		wait_for(c, io == TVS_IO_WRITE);
		return;
	case TVS_IO_FAILED:
		tvs_connection_trace(c, e->msg);
		if (c->state == TVS_HANDSHAKE) {
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
send_answer(struct tvs_connection *c)
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
answer(struct tvs_connection *c, const struct tvs_bytes *request)
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
	enter(c, TVS_ANSWER);
	send_answer(c);
}

/*
 * n more bytes of the request.  True when c waits for further ones.  What
 * comes behind a request is not looked at.
 */
static bool
take_bytes(struct tvs_connection *c, const uint8_t *p, size_t n)
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
acknowledge(const struct tvs_connection *c)
{
	const int on = 1;

	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void
read_request(struct tvs_connection *c)
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
trace_handshake(const struct tvs_connection *c)
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
shaken(struct tvs_connection *c)
{
	count(c->loop, TVS_COUNT_HANDSHAKES);
	count(c->loop, version_counter(tvs_session_version(c->session)));
	if (tvs_session_resumed(c->session))
		count(c->loop, TVS_COUNT_RESUMED);
	trace_handshake(c);
	enter(c, TVS_REQUEST);
	wait_for(c, false);
	read_request(c);
}

static void
shake(struct tvs_connection *c)
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
first_byte(struct tvs_connection *c)
{
	c->session = tvs_session_new(c->loop->config.tls, c->fd);
	enter(c, TVS_HANDSHAKE);
	shake(c);
}

/* The other side closes; whatever it says before is not looked at. */
static void
drain(struct tvs_connection *c)
{
	ssize_t n;

	do
		n = recv(c->fd, c->loop->record, sizeof(c->loop->record), 0);
	while (n == -1 && errno == EINTR);
	if (n > 0 || (n == -1 && errno == EAGAIN))
		return;
	tvs_connection_free(c);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct tvs_connection *c = arg;

	(void)fd;
	(void)what;
	switch (c->state) {
	case TVS_SILENT:
		first_byte(c);
		return;
	case TVS_HANDSHAKE:
		shake(c);
		return;
	case TVS_REQUEST:
		read_request(c);
		return;
	case TVS_ANSWER:
		send_answer(c);
		return;
	case TVS_CLOSING:
		drain(c);
		return;
	case TVS_STATES:
		break;
	}
	BUG("state %d", (int)c->state);
}

struct tvs_connection *
tvs_connection_new(struct tvs_loop *l, struct tvs_source *source, int fd)
{
	struct tvs_connection *c = mem_alloc(sizeof(*c));

	tvs_count(exchange(l)->counters, TVS_COUNT_OPEN);
	c->loop = l;
	c->source = source;
	c->fd = fd;
	c->state = TVS_SILENT;
	c->deadline =
	    clock_ticks() + tvs_limit_ms(&l->config.limits, TVS_SILENT);
	wbuf_init(&c->in, TVS_MESSAGE_MAX + TVS_READ_SIZE);
	wbuf_init(&c->out, TVS_MESSAGE_MAX);
	l->connections++;
	TAILQ_INSERT_TAIL(&l->queue[TVS_SILENT], c, entry);
	c->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_io, c);
	if (c->event != NULL && event_add(c->event, NULL) == 0)
		return c;
	tvs_connection_free(c);
	return NULL;
}
