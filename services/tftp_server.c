#include "services/tftp_server.h"

#include <sys/queue.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/tftp_message.h"
#include "services/tftp_peer.h"
#include "services/tftp_pool.h"
#include "services/tftp_slots.h"
#include "services/tftp_socket.h"

#define BATCHES_AT_ONCE                                      \
	16 /* of requests; then the transfers get their turn \
	    */
#define SEND_BUFFER (1024 * 1024) /* for refusals */
#define BUCKET_BITS 12
#define WARN_EVERY_MS 10000 /* of a kind that a storm brings by thousands */

/* A request on its way to the finder and back. */
struct asked {
	LIST_ENTRY(asked) in_bucket;
	LIST_ENTRY(asked) in_all;
	struct tftp_server *server;
	struct sockaddr_in peer;
	struct tftp_message request;
	struct finder_wait *wait; /* NULL until the finder lets it wait */
	bool answered;
};

LIST_HEAD(asked_list, asked);

struct tftp_server {
	struct in_addr address;
	struct file_finder *finder;
	struct tftp_server_counters counters;
	struct tftp_batch *batch;
	struct tftp_socket *socket;
	struct tftp_pool *pool;
	struct tftp_slots *slots; /* of those that wait */
	uint64_t secret;
	struct asked_list waiting; /* all of them */
	struct asked_list bucket[1U << BUCKET_BITS]; /* by peer */
	size_t refused; /* requests since the last warning */
	int64_t warned; /* clock_ticks() of that warning */
	struct tftp_datagram reply[TFTP_BATCH]; /* from the well-known port */
	size_t replies;
};

static struct asked_list *
bucket_of(struct tftp_server *s, const struct sockaddr_in *peer)
{
	return &s->bucket[tftp_peer_hash(peer, s->secret, BUCKET_BITS)];
}

/*
 * Send all answers that there are by now.  An ERROR that the kernel has no
 * room for is as good as lost.
 */
static void
flush(void *self)
{
	struct tftp_server *s = self;

	(void)tftp_socket_send(s->socket, s->reply, s->replies);
	s->replies = 0;
	tftp_pool_send(s->pool);
}

/* To be sent by flush(). */
static void
reply_error(struct tftp_server *s, const struct sockaddr_in *to,
    enum tftp_error code, const char *text)
{
	struct tftp_datagram *d;

	if (s->replies == TFTP_BATCH)
		flush(s);
	d = &s->reply[s->replies++];
	d->to = *to;
	d->head_len = tftp_put_error(d->head, code, text);
	d->payload = NULL;
	d->payload_len = 0;
}

/* Is it time for another warning? */
static bool
may_warn(struct tftp_server *s)
{
	int64_t now = clock_ticks();

	if (s->warned != 0 && now - s->warned < WARN_EVERY_MS)
		return false;
	s->warned = now;
	return true;
}

/* Say so to the client, and now and then to the log. */
static void
refuse(struct tftp_server *s, const struct sockaddr_in *peer, const char *why)
{
	reply_error(s, peer, TFTP_ERROR_UNDEFINED, "Server busy, try again");
	s->refused++;
	if (!may_warn(s))
		return;
	log_warning("%zu request(s) refused with %zu transfers in progress, "
		    "%zu waiting: %s",
	    s->refused, tftp_pool_transfers(s->pool), tftp_slots_used(s->slots),
	    why);
	s->refused = 0;
}

/* What tftp_slots_take() has said, unless it was TFTP_ROOM. */
static void
refuse_for_room(struct tftp_server *s, const struct sockaddr_in *peer,
    enum tftp_room room)
{
	if (room == TFTP_ROOM_FULL) {
		s->counters.refused_full++;
		refuse(s, peer, "that is the limit");
	} else {
		char why[64];

		s->counters.refused_source++;
		(void)str_printf(why, sizeof(why), "too many are for %s",
		    inet_ntoa(peer->sin_addr));
		refuse(s, peer, why);
	}
}

static void
refuse_for_file(struct tftp_server *s, const struct sockaddr_in *peer,
    const struct err *why)
{
	s->counters.busy++;
	if (why->code == ERR_DENIED) {
		if (may_warn(s))
			log_warning("%s: %s", inet_ntoa(peer->sin_addr),
			    why->msg);
		reply_error(s, peer, TFTP_ERROR_ACCESS, "Access violation");
	} else {
		refuse(s, peer, why->msg);
	}
}

/* It need not wait any more. */
static void
end_waiting(struct asked *a)
{
	LIST_REMOVE(a, in_bucket);
	LIST_REMOVE(a, in_all);
	tftp_slots_give(a->server->slots, a->peer.sin_addr);
	free(a);
}

static void
on_answer(void *self, enum finder_answer answer, struct tftp_file *file,
    const struct err *why)
{
	struct asked *a = self;
	struct tftp_server *s = a->server;
	enum tftp_room room;

	switch (answer) {
	case FINDER_FOUND:
		room = tftp_pool_start(s->pool, &a->peer, &a->request, file);
		if (room != TFTP_ROOM)
			refuse_for_room(s, &a->peer, room);
		break;
	case FINDER_MISSING:
		s->counters.not_found++;
		reply_error(s, &a->peer, TFTP_ERROR_NOT_FOUND,
		    "File not found");
		break;
	case FINDER_BUSY:
		refuse_for_file(s, &a->peer, why);
		break;
	}
	a->answered = true;
	if (a->wait != NULL) {
		end_waiting(a);
		flush(s);
	}
}

/* The finder will answer later. */
static void
let_wait(struct asked *a, struct finder_wait *wait)
{
	struct tftp_server *s = a->server;
	enum tftp_room room = tftp_slots_take(s->slots, a->peer.sin_addr);

	if (room != TFTP_ROOM) {
		finder_wait_cancel(wait);
		refuse_for_room(s, &a->peer, room);
		free(a);
		return;
	}
	s->counters.requests_waited++;
	a->wait = wait;
	LIST_INSERT_HEAD(bucket_of(s, &a->peer), a, in_bucket);
	LIST_INSERT_HEAD(&s->waiting, a, in_all);
}

static bool
waits_already(struct tftp_server *s, const struct sockaddr_in *peer,
    const struct tftp_message *request)
{
	const struct asked *a = LIST_FIRST(bucket_of(s, peer));

	while (a != NULL &&
	    !(tftp_same_peer(&a->peer, peer) &&
		tftp_same_request(&a->request, request)))
		a = LIST_NEXT(a, in_bucket);
	return a != NULL;
}

static void
take_read_request(struct tftp_server *s, const struct sockaddr_in *peer,
    const struct tftp_message *request)
{
	char name[4 * TFTP_NAME_SIZE];
	struct finder_wait *wait;
	struct asked *a;

	if (tftp_pool_answer_again(s->pool, peer, request) ||
	    waits_already(s, peer, request)) {
		s->counters.requests_repeated++;
		return;
	}
	s->counters.requests++;
	log_debug("%s asks for %s", inet_ntoa(peer->sin_addr),
	    str_visible(name, sizeof(name), request->name,
		strlen(request->name)));
	a = mem_alloc(sizeof(*a));
	a->server = s;
	a->peer = *peer;
	a->request = *request;
	wait = file_finder_ask(s->finder, request->name, false, on_answer, a);
	if (a->answered)
		free(a);
	else
		let_wait(a, wait);
}

static void
take_datagram(void *self, const struct sockaddr_in *from, const uint8_t *packet,
    size_t len)
{
	struct tftp_server *s = self;
	struct err e = ERR_INIT;
	struct tftp_message m;

	if (tftp_message_parse(&m, packet, len, &e) == -1) {
		log_debug("%s: %s", inet_ntoa(from->sin_addr), e.msg);
		s->counters.malformed++;
		if (m.op != TFTP_ERROR)
			reply_error(s, from, TFTP_ERROR_ILLEGAL,
			    "Illegal TFTP operation");
		return;
	}
	switch (m.op) {
	case TFTP_RRQ:
		take_read_request(s, from, &m);
		return;
	case TFTP_WRQ:
		s->counters.writes++;
		reply_error(s, from, TFTP_ERROR_ACCESS, "Access violation");
		return;
	case TFTP_DATA:
	case TFTP_ACK:
	case TFTP_OACK:
		s->counters.malformed++;
		reply_error(s, from, TFTP_ERROR_TID, "Unknown transfer ID");
		return;
	case TFTP_ERROR:
		s->counters.malformed++;
		return;
	}
}

/* Bind the well-known port and learn what it is. */
static int
open_listener(struct tftp_server *s, struct event_base *base,
    const struct tftp_server_config *config, struct err *e)
{
	struct tftp_socket_config listener = { .port = config->port,
		.receive_buffer = TFTP_RECEIVE_BUFFER,
		.send_buffer = SEND_BUFFER,
		.batches = BATCHES_AT_ONCE,
		.batch = s->batch,
		.take = take_datagram,
		.flush = flush,
		.self = s };
	size_t granted;

	if (inet_pton(AF_INET, config->address, &s->address) != 1)
		return err_set(e, ERR_USAGE, "\"%s\" is not an IPv4 address",
		    config->address);
	listener.address = s->address;
	s->socket = tftp_socket_open(base, &listener, e);
	if (s->socket == NULL)
		return -1;
	granted = tftp_socket_receive_buffer(s->socket);
	if (granted < TFTP_RECEIVE_BUFFER)
		log_warning("receive buffer: %zu bytes granted, %lu wanted",
		    granted, TFTP_RECEIVE_BUFFER);
	return 0;
}

struct tftp_server *
tftp_server_new(struct event_base *base,
    const struct tftp_server_config *config, struct file_finder *finder,
    struct err *e)
{
	struct tftp_server *s = mem_alloc(sizeof(*s));
	struct tftp_pool_config pool = { .max_transfers = config->max_transfers,
		.resend_ms =
		    config->resend_ms == 0 ? TFTP_RESEND_MS : config->resend_ms,
		.resends = TFTP_RESENDS,
		.counters = &s->counters };

	s->finder = finder;
	s->batch = tftp_batch_new();
	s->slots =
	    tftp_slots_new(config->max_waiting == 0 ? config->max_transfers :
						      config->max_waiting);
	s->secret = tftp_hash_secret();
	if (open_listener(s, base, config, e) == -1)
		goto fail;
	pool.address = s->address;
	pool.batch = s->batch;
	s->pool = tftp_pool_new(base, &pool, e);
	if (s->pool == NULL)
		goto fail;
	return s;
fail:
	tftp_server_free(s);
	return NULL;
}

void
tftp_server_free(struct tftp_server *s)
{
	struct asked *a, *next;

	if (s == NULL)
		return;
	for (a = LIST_FIRST(&s->waiting); a != NULL; a = next) {
		next = LIST_NEXT(a, in_all);
		finder_wait_cancel(a->wait);
		end_waiting(a);
	}
	tftp_slots_free(s->slots);
	tftp_pool_free(s->pool);
	tftp_socket_close(s->socket);
	tftp_batch_free(s->batch);
	free(s);
}

uint16_t
tftp_server_port(const struct tftp_server *s)
{
	return tftp_socket_port(s->socket);
}

size_t
tftp_server_transfers(const struct tftp_server *s)
{
	return tftp_pool_transfers(s->pool);
}

size_t
tftp_server_receive_buffer(const struct tftp_server *s)
{
	return tftp_socket_receive_buffer(s->socket);
}

void
tftp_server_counters(const struct tftp_server *s,
    struct tftp_server_counters *out)
{
	*out = s->counters;
	out->transfers_now = tftp_pool_transfers(s->pool);
	out->transfers_most = tftp_pool_most(s->pool);
	out->waiting_now = tftp_slots_used(s->slots);
	out->waiting_most = tftp_slots_most(s->slots);
	out->receive_buffer = tftp_socket_receive_buffer(s->socket);
	out->receive_buffer_wanted = TFTP_RECEIVE_BUFFER;
	out->requests_dropped = tftp_socket_dropped(s->socket);
	out->answers_dropped = tftp_pool_dropped(s->pool);
}
