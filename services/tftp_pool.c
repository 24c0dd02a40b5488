#include "services/tftp_pool.h"

#include <sys/queue.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/tftp_peer.h"
#include "services/tftp_transfer.h"

#define BUCKET_BITS 16
#define LINES (TFTP_TIMEOUT_MAX + 1) /* by the timeout; 0: none agreed on */
#define CROSSED 8 /* part of its time in which request and answer cross */
#define BATCHES_BEFORE_LATE 64 /* all that a receive buffer holds */
#define PAST_MAX 65536 /* transfers that are over and not forgotten */

/*
 * For acknowledgements.  A window of any transfer fits into the other, see
 * services/tftp_transfer.h.
 */
#define RECEIVE_BUFFER (1024 * 1024)
#define SEND_BUFFER (1024 * 1024)

/* A transfer, or one that was. */
struct client {
	LIST_ENTRY(client) in_bucket;
	TAILQ_ENTRY(client) in_line;
	TAILQ_ENTRY(client) in_queue;
	struct sockaddr_in peer;
	struct lane *lane;
	bool queued; /* there may be something to be sent */
	unsigned resends_left;
	int64_t since; /* clock_ticks() of the last sending, or of the end */
	struct tftp_transfer *transfer; /* owned; NULL: it is over */
};

LIST_HEAD(bucket, client);
TAILQ_HEAD(clients, client);

/* A socket and what is to be sent there. */
struct lane {
	struct tftp_pool *pool;
	struct tftp_socket *socket;
	struct clients queue;
};

struct tftp_pool {
	struct tftp_pool_config config;
	struct tftp_slots *slots;
	struct event *timer;
	struct lane lane[TFTP_POOL_SOCKETS];
	size_t started; /* transfers, see choose_lane() */
	uint64_t secret;
	struct bucket bucket[1U << BUCKET_BITS]; /* by peer */
	struct clients line[LINES]; /* the longest without an answer first */
	struct clients past; /* over; the first to end first */
	size_t past_count;
	struct tftp_datagram out[TFTP_BATCH];
};

static struct bucket *
bucket_of(struct tftp_pool *p, const struct sockaddr_in *peer)
{
	return &p->bucket[tftp_peer_hash(peer, p->secret, BUCKET_BITS)];
}

static struct clients *
line_of(struct tftp_pool *p, const struct client *c)
{
	return c->transfer == NULL ?
	    &p->past :
	    &p->line[tftp_transfer_timeout(c->transfer)];
}

/* How long the clients of a line have to answer. */
static int64_t
interval_of(const struct tftp_pool *p, size_t line)
{
	return line == 0 ? p->config.resend_ms : (int64_t)line * 1000;
}

/* Its time begins anew. */
static void
touch(struct tftp_pool *p, struct client *c, int64_t now)
{
	TAILQ_REMOVE(line_of(p, c), c, in_line);
	TAILQ_INSERT_TAIL(line_of(p, c), c, in_line);
	c->since = now;
}

static void
enqueue(struct client *c)
{
	if (c->queued)
		return;
	TAILQ_INSERT_TAIL(&c->lane->queue, c, in_queue);
	c->queued = true;
}

static void
dequeue(struct client *c)
{
	if (!c->queued)
		return;
	TAILQ_REMOVE(&c->lane->queue, c, in_queue);
	c->queued = false;
}

/* A client whose transfer is over. */
static void
forget(struct client *c)
{
	struct tftp_pool *p = c->lane->pool;

	TAILQ_REMOVE(&p->past, c, in_line);
	p->past_count--;
	LIST_REMOVE(c, in_bucket);
	free(c);
}

/* The transfer is over, but what comes late must still be told from new. */
static void
end_transfer(struct client *c)
{
	struct tftp_pool *p = c->lane->pool;

	dequeue(c);
	TAILQ_REMOVE(line_of(p, c), c, in_line);
	tftp_transfer_free(c->transfer);
	c->transfer = NULL;
	c->since = clock_ticks();
	tftp_slots_give(p->slots, c->peer.sin_addr);
	TAILQ_INSERT_TAIL(&p->past, c, in_line);
	p->past_count++;
}

/* What the first clients of the queue have to send, up to a batch of it. */
static size_t
fill_batch(struct lane *l)
{
	struct tftp_datagram *out = l->pool->out;
	const struct client *c;
	size_t i, n = 0;

	for (c = TAILQ_FIRST(&l->queue); c != NULL && n < TFTP_BATCH;
	     c = TAILQ_NEXT(c, in_queue)) {
		size_t pending = tftp_transfer_pending(c->transfer);

		for (i = 0; i < pending && n < TFTP_BATCH; i++) {
			tftp_transfer_datagram(c->transfer, i, &out[n]);
			out[n++].to = c->peer;
		}
	}
	return n;
}

/* The first n datagrams of the queue are sent. */
static void
mark_sent(struct lane *l, size_t n, int64_t now)
{
	struct tftp_pool *p = l->pool;
	struct client *c;

	while ((c = TAILQ_FIRST(&l->queue)) != NULL) {
		size_t pending = tftp_transfer_pending(c->transfer);
		size_t part = n < pending ? n : pending;

		tftp_transfer_sent(c->transfer, part, p->config.counters);
		if (part > 0)
			touch(p, c, now);
		if (part < pending)
			return;
		n -= part;
		dequeue(c);
	}
}

static void
flush(void *self)
{
	struct lane *l = self;
	int64_t now;
	size_t n, sent;

	if (TAILQ_EMPTY(&l->queue))
		return;
	now = clock_ticks();
	do {
		n = fill_batch(l);
		sent = tftp_socket_send(l->socket, l->pool->out, n);
		mark_sent(l, sent, now);
	} while (sent == n && !TAILQ_EMPTY(&l->queue));
}

void
tftp_pool_send(struct tftp_pool *p)
{
	size_t i;

	for (i = 0; i < TFTP_POOL_SOCKETS; i++)
		flush(&p->lane[i]);
}

static void
send_error(const struct lane *l, const struct sockaddr_in *to,
    enum tftp_error code, const char *text)
{
	struct tftp_datagram d;

	d.to = *to;
	d.head_len = tftp_put_error(d.head, code, text);
	d.payload = NULL;
	d.payload_len = 0;
	(void)tftp_socket_send(l->socket, &d, 1);
}

static struct client *
find(struct lane *l, const struct sockaddr_in *peer)
{
	struct client *c = LIST_FIRST(bucket_of(l->pool, peer));

	while (c != NULL && (c->lane != l || !tftp_same_peer(&c->peer, peer)))
		c = LIST_NEXT(c, in_bucket);
	return c;
}

static void
take_message(struct client *c, const struct tftp_message *m)
{
	struct tftp_pool *p = c->lane->pool;
	char text[4 * TFTP_ERROR_TEXT_SIZE];

	switch (tftp_transfer_take(c->transfer, m)) {
	case TFTP_STANDS:
		return;
	case TFTP_MOVES:
		c->resends_left = p->config.resends;
		enqueue(c);
		return;
	case TFTP_COMPLETE:
		p->config.counters->completed++;
		break;
	case TFTP_ENDED:
		log_debug("%s: ended by the client: %u %s",
		    inet_ntoa(c->peer.sin_addr), m->code,
		    str_visible(text, sizeof(text), m->text, strlen(m->text)));
		p->config.counters->failed++;
		break;
	case TFTP_ILLEGAL:
		send_error(c->lane, &c->peer, TFTP_ERROR_ILLEGAL,
		    "Illegal TFTP operation");
		p->config.counters->failed++;
		break;
	}
	end_transfer(c);
}

static void
take_datagram(void *self, const struct sockaddr_in *from, const uint8_t *packet,
    size_t len)
{
	struct lane *l = self;
	struct client *c = find(l, from);
	struct tftp_message m;
	int parsed = tftp_message_parse(&m, packet, len, NULL);

	if (c == NULL) {
		l->pool->config.counters->strangers++;
		if (m.op != TFTP_ERROR)
			send_error(l, from, TFTP_ERROR_TID,
			    "Unknown transfer ID");
		return;
	}
	/* What is no message is as good as lost. */
	if (parsed == 0 && c->transfer != NULL)
		take_message(c, &m);
}

/* The client has been silent for its time. */
static void
late(struct client *c, int64_t now)
{
	struct tftp_pool *p = c->lane->pool;

	if (c->resends_left == 0) {
		log_debug("%s: given up, no answer",
		    inet_ntoa(c->peer.sin_addr));
		p->config.counters->given_up++;
		end_transfer(c);
		return;
	}
	c->resends_left--;
	touch(p, c, now);
	tftp_transfer_again(c->transfer);
	enqueue(c);
}

/*
 * The timer is never set further ahead than the shortest time a client may
 * have, so a new transfer need not look at it.
 */
static void
arm(struct tftp_pool *p, int64_t now)
{
	int64_t least = p->config.resend_ms < 1000 ? p->config.resend_ms : 1000;
	struct timeval tv = { .tv_usec = 1000 };
	const struct client *c;
	bool any = !TAILQ_EMPTY(&p->past);
	size_t i;

	for (i = 0; i < LINES; i++) {
		int64_t left;

		c = TAILQ_FIRST(&p->line[i]);
		if (c == NULL)
			continue;
		any = true;
		left = c->since + interval_of(p, i) - now;
		if (left < least)
			least = left;
	}
	if (!any)
		return;
	if (least > 0) {
		tv.tv_sec = least / 1000;
		tv.tv_usec = least % 1000 * 1000;
	}
	(void)evtimer_add(p->timer, &tv);
}

static struct client *
first_late(struct tftp_pool *p, size_t line, int64_t now)
{
	struct client *c = TAILQ_FIRST(&p->line[line]);

	return c != NULL && now - c->since >= interval_of(p, line) ? c : NULL;
}

/*
 * Nobody is late whose answer has come but is not read yet.  Under load that
 * would be many, and to send them what they have makes it worse.
 */
static void
read_before_late(struct tftp_pool *p, int64_t now)
{
	bool any = false;
	size_t i;

	for (i = 0; i < LINES && !any; i++)
		any = first_late(p, i, now) != NULL;
	for (i = 0; i < TFTP_POOL_SOCKETS && any; i++)
		tftp_socket_receive(p->lane[i].socket, BATCHES_BEFORE_LATE);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_pool *p = arg;
	int64_t now = clock_ticks();
	struct client *c;
	size_t i;

	(void)fd;
	(void)what;
	read_before_late(p, now);
	for (i = 0; i < LINES; i++) {
		while ((c = first_late(p, i, now)) != NULL)
			late(c, now);
	}
	while ((c = TAILQ_FIRST(&p->past)) != NULL &&
	    (now - c->since >= p->config.linger_ms || p->past_count > PAST_MAX))
		forget(c);
	tftp_pool_send(p);
	arm(p, now);
}

static int
open_lanes(struct tftp_pool *p, struct event_base *base, struct err *e)
{
	struct tftp_socket_config config = { .address = p->config.address,
		.receive_buffer = RECEIVE_BUFFER,
		.send_buffer = SEND_BUFFER,
		.batches = 1,
		.batch = p->config.batch,
		.take = take_datagram,
		.flush = flush };
	size_t i;

	for (i = 0; i < TFTP_POOL_SOCKETS; i++) {
		struct lane *l = &p->lane[i];

		config.self = l;
		l->socket = tftp_socket_open(base, &config, e);
		if (l->socket == NULL)
			return -1;
	}
	return 0;
}

struct tftp_pool *
tftp_pool_new(struct event_base *base, const struct tftp_pool_config *config,
    struct err *e)
{
	struct tftp_pool *p = mem_alloc(sizeof(*p));
	size_t i;

	p->config = *config;
	if (p->config.linger_ms == 0)
		p->config.linger_ms = TFTP_LINGER_MS;
	p->slots = tftp_slots_new(config->max_transfers);
	p->secret = tftp_hash_secret();
	for (i = 0; i < LINES; i++)
		TAILQ_INIT(&p->line[i]);
	TAILQ_INIT(&p->past);
	for (i = 0; i < TFTP_POOL_SOCKETS; i++) {
		p->lane[i].pool = p;
		TAILQ_INIT(&p->lane[i].queue);
	}
	p->timer = evtimer_new(base, on_timer, p);
	if (p->timer == NULL) {
		(void)err_set(e, ERR_INTERNAL, "no timer for transfers");
		goto fail;
	}
	if (open_lanes(p, base, e) == -1)
		goto fail;
	return p;
fail:
	tftp_pool_free(p);
	return NULL;
}

static void
free_clients(const struct bucket *bucket)
{
	struct client *c, *next;

	for (c = LIST_FIRST(bucket); c != NULL; c = next) {
		next = LIST_NEXT(c, in_bucket);
		tftp_transfer_free(c->transfer);
		free(c);
	}
}

void
tftp_pool_free(struct tftp_pool *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < sizeof(p->bucket) / sizeof(p->bucket[0]); i++)
		free_clients(&p->bucket[i]);
	for (i = 0; i < TFTP_POOL_SOCKETS; i++)
		tftp_socket_close(p->lane[i].socket);
	if (p->timer != NULL)
		event_free(p->timer);
	tftp_slots_free(p->slots);
	free(p);
}

/*
 * A socket that the peer has not used lately; else one that it is done
 * with; NULL if it has a transfer on every one.  Transfers that begin one
 * after the other share a socket, a batch of them, so that they share system
 * calls, too, when there are fewer at once than all sockets could take.
 */
static struct lane *
choose_lane(struct tftp_pool *p, const struct sockaddr_in *peer)
{
	struct client *known[TFTP_POOL_SOCKETS] = { NULL };
	struct client *c, *oldest = NULL;
	struct lane *l;
	size_t i, turn = p->started / TFTP_BATCH;

	for (c = LIST_FIRST(bucket_of(p, peer)); c != NULL;
	     c = LIST_NEXT(c, in_bucket)) {
		if (!tftp_same_peer(&c->peer, peer))
			continue;
		known[c->lane - p->lane] = c;
		if (c->transfer == NULL &&
		    (oldest == NULL || c->since < oldest->since))
			oldest = c;
	}
	for (i = 0; i < TFTP_POOL_SOCKETS; i++) {
		size_t lane = (turn + i) % TFTP_POOL_SOCKETS;

		if (known[lane] == NULL)
			return &p->lane[lane];
	}
	if (oldest == NULL)
		return NULL;
	l = oldest->lane;
	forget(oldest);
	return l;
}

enum tftp_room
tftp_pool_start(struct tftp_pool *p, const struct sockaddr_in *peer,
    const struct tftp_message *request, struct tftp_file *file)
{
	enum tftp_room room = tftp_slots_take(p->slots, peer->sin_addr);
	struct lane *l = room == TFTP_ROOM ? choose_lane(p, peer) : NULL;
	struct client *c;

	if (room == TFTP_ROOM && l == NULL) {
		tftp_slots_give(p->slots, peer->sin_addr);
		room = TFTP_ROOM_HOGGED;
	}
	if (room != TFTP_ROOM) {
		tftp_file_release(file);
		return room;
	}
	p->started++;
	p->config.counters->transfers++;
	c = mem_alloc(sizeof(*c));
	c->peer = *peer;
	c->lane = l;
	c->resends_left = p->config.resends;
	c->since = clock_ticks();
	c->transfer = tftp_transfer_new(request, file);
	LIST_INSERT_HEAD(bucket_of(p, peer), c, in_bucket);
	TAILQ_INSERT_TAIL(line_of(p, c), c, in_line);
	if (!evtimer_pending(p->timer, NULL))
		arm(p, c->since);
	enqueue(c);
	return TFTP_ROOM;
}

bool
tftp_pool_answer_again(struct tftp_pool *p, const struct sockaddr_in *peer,
    const struct tftp_message *request)
{
	struct client *c = LIST_FIRST(bucket_of(p, peer));

	while (c != NULL &&
	    !(c->transfer != NULL && tftp_same_peer(&c->peer, peer) &&
		tftp_transfer_repeats(c->transfer, request)))
		c = LIST_NEXT(c, in_bucket);
	if (c == NULL)
		return false;
	if (clock_ticks() - c->since >=
	    interval_of(p, tftp_transfer_timeout(c->transfer)) / CROSSED) {
		tftp_transfer_again(c->transfer);
		enqueue(c);
	}
	return true;
}

size_t
tftp_pool_transfers(const struct tftp_pool *p)
{
	return tftp_slots_used(p->slots);
}

size_t
tftp_pool_most(const struct tftp_pool *p)
{
	return tftp_slots_most(p->slots);
}

uint64_t
tftp_pool_dropped(const struct tftp_pool *p)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < TFTP_POOL_SOCKETS; i++)
		n += tftp_socket_dropped(p->lane[i].socket);
	return n;
}
