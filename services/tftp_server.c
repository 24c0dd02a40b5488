#include "services/tftp_server.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/tftp_message.h"
#include "services/tftp_transfer.h"

#define REQUESTS_AT_ONCE 256 /* then the transfers get their turn */
#define BUCKETS 8192
#define WARN_EVERY_MS 10000 /* of a kind that a storm brings by thousands */

/* A transfer in the server's table. */
struct client {
	LIST_ENTRY(client) in_bucket;
	LIST_ENTRY(client) in_all;
	struct tftp_server *server;
	struct tftp_transfer *transfer; /* owned */
};

LIST_HEAD(clients, client);

struct tftp_server {
	struct event_base *base;
	struct tftp_files *files;
	struct sockaddr_in local;
	size_t max_transfers;
	unsigned resend_ms;
	size_t transfers;
	struct clients all;
	struct clients bucket[BUCKETS]; /* by address and port of the client */
	size_t refused; /* requests since the last warning */
	int64_t warned; /* clock_ticks() of that warning */
	int receive_buffer;
	int fd;
	struct event *readable;
};

static struct clients *
bucket_of(struct tftp_server *s, const struct sockaddr_in *peer)
{
	uint32_t h = ntohl(peer->sin_addr.s_addr) * 2654435761U;

	return &s->bucket[((h >> 16) ^ ntohs(peer->sin_port)) % BUCKETS];
}

static void
remove_client(struct client *c)
{
	LIST_REMOVE(c, in_bucket);
	LIST_REMOVE(c, in_all);
	c->server->transfers--;
	tftp_transfer_free(c->transfer);
	free(c);
}

static void
on_done(void *self, struct tftp_transfer *t)
{
	(void)t;
	remove_client(self);
}

static void
reply_error(const struct tftp_server *s, const struct sockaddr_in *to,
    enum tftp_error code, const char *text)
{
	uint8_t packet[TFTP_REPLY_MAX];
	size_t len = tftp_put_error(packet, code, text);

	if (sendto(s->fd, packet, len, 0, (const struct sockaddr *)to,
		sizeof(*to)) == -1)
		log_debug("answer %s: %s", inet_ntoa(to->sin_addr),
		    strerror(errno));
}

/* No room, no socket: say so to the client, and now and then to the log. */
static void
refuse(struct tftp_server *s, const struct sockaddr_in *peer, const char *why)
{
	int64_t now = clock_ticks();

	reply_error(s, peer, TFTP_ERROR_UNDEFINED, "Server busy, try again");
	s->refused++;
	if (s->warned != 0 && now - s->warned < WARN_EVERY_MS)
		return;
	log_warning("%zu request(s) refused with %zu transfers in progress: %s",
	    s->refused, s->transfers, why);
	s->refused = 0;
	s->warned = now;
}

/* A request whose answer is on its way already. */
static bool
answer_again(struct tftp_server *s, const struct sockaddr_in *peer,
    const struct tftp_message *request)
{
	const struct client *c = LIST_FIRST(bucket_of(s, peer));

	while (c != NULL && !tftp_transfer_repeats(c->transfer, peer, request))
		c = LIST_NEXT(c, in_bucket);
	if (c == NULL)
		return false;
	tftp_transfer_resend(c->transfer);
	return true;
}

static void
start_transfer(struct tftp_server *s, const struct sockaddr_in *peer,
    const struct tftp_message *request, struct tftp_file *file)
{
	struct tftp_transfer_spec spec = { .base = s->base,
		.address = s->local.sin_addr,
		.peer = *peer,
		.resend_ms = s->resend_ms,
		.resends = TFTP_RESENDS,
		.done = on_done };
	struct err e = ERR_INIT;
	struct client *c;

	if (s->transfers >= s->max_transfers) {
		tftp_file_release(file);
		refuse(s, peer, "that is the limit");
		return;
	}
	c = mem_alloc(sizeof(*c));
	spec.self = c;
	c->server = s;
	c->transfer = tftp_transfer_start(&spec, request, file, &e);
	if (c->transfer == NULL) {
		tftp_file_release(file);
		free(c);
		refuse(s, peer, e.msg);
		return;
	}
	s->transfers++;
	LIST_INSERT_HEAD(bucket_of(s, peer), c, in_bucket);
	LIST_INSERT_HEAD(&s->all, c, in_all);
}

static void
take_read_request(struct tftp_server *s, const struct sockaddr_in *peer,
    const struct tftp_message *request)
{
	char name[4 * TFTP_NAME_SIZE];
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;

	if (answer_again(s, peer, request))
		return;
	str_visible(name, sizeof(name), request->name, strlen(request->name));
	if (tftp_files_lookup(s->files, request->name, &file, &e) == 0) {
		log_debug("%s reads %s", inet_ntoa(peer->sin_addr), name);
		start_transfer(s, peer, request, file);
	} else if (e.code == ERR_NOT_FOUND) {
		log_debug("%s: no %s", inet_ntoa(peer->sin_addr), name);
		reply_error(s, peer, TFTP_ERROR_NOT_FOUND, "File not found");
	} else if (e.code == ERR_DENIED) {
		log_warning("%s: %s", inet_ntoa(peer->sin_addr), e.msg);
		reply_error(s, peer, TFTP_ERROR_ACCESS, "Access violation");
	} else {
		refuse(s, peer, e.msg);
	}
}

static void
take_datagram(struct tftp_server *s, const struct sockaddr_in *peer,
    const uint8_t *packet, size_t len)
{
	struct err e = ERR_INIT;
	struct tftp_message m;

	if (tftp_message_parse(&m, packet, len, &e) == -1) {
		log_debug("%s: %s", inet_ntoa(peer->sin_addr), e.msg);
		if (m.op != TFTP_ERROR)
			reply_error(s, peer, TFTP_ERROR_ILLEGAL,
			    "Illegal TFTP operation");
		return;
	}
	switch (m.op) {
	case TFTP_RRQ:
		take_read_request(s, peer, &m);
		return;
	case TFTP_WRQ:
		reply_error(s, peer, TFTP_ERROR_ACCESS, "Access violation");
		return;
	case TFTP_DATA:
	case TFTP_ACK:
	case TFTP_OACK:
		reply_error(s, peer, TFTP_ERROR_TID, "Unknown transfer ID");
		return;
	case TFTP_ERROR:
		return;
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	/* One byte more than the longest request shows a longer one. */
	uint8_t packet[TFTP_REQUEST_MAX + 1];
	struct tftp_server *s = arg;
	struct sockaddr_in peer;
	socklen_t peer_len;
	int i;

	(void)what;
	for (i = 0; i < REQUESTS_AT_ONCE; i++) {
		ssize_t n;

		peer_len = sizeof(peer);
		n = recvfrom(fd, packet, sizeof(packet), 0,
		    (struct sockaddr *)&peer, &peer_len);
		if (n == -1)
			return;
		take_datagram(s, &peer, packet, (size_t)n);
	}
}

/*
 * As large a buffer as wanted needs CAP_NET_ADMIN; without it the kernel
 * grants up to net.core.rmem_max.
 */
static void
set_receive_buffer(struct tftp_server *s)
{
	const int wanted = TFTP_RECEIVE_BUFFER;
	socklen_t len = sizeof(s->receive_buffer);

	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted,
		sizeof(wanted)) == -1)
		(void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &wanted,
		    sizeof(wanted));
	if (getsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &s->receive_buffer,
		&len) == -1)
		s->receive_buffer = 0;
	if (s->receive_buffer < wanted)
		log_warning("receive buffer: %d bytes granted, %d wanted",
		    s->receive_buffer, wanted);
}

/* Bind the well-known port and learn what it is. */
static int
open_listener(struct tftp_server *s, const struct tftp_server_config *config,
    struct err *e)
{
	socklen_t len = sizeof(s->local);

	s->local.sin_family = AF_INET;
	s->local.sin_port = htons(config->port);
	if (inet_pton(AF_INET, config->address, &s->local.sin_addr) != 1)
		return err_set(e, ERR_USAGE, "\"%s\" is not an IPv4 address",
		    config->address);
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		return err_errno(e, "socket");
	set_receive_buffer(s);
	if (bind(s->fd, (const struct sockaddr *)&s->local, sizeof(s->local)) ==
	    -1)
		return err_errno(e, "UDP %s port %u", config->address,
		    (unsigned)config->port);
	if (getsockname(s->fd, (struct sockaddr *)&s->local, &len) == -1)
		return err_errno(e, "UDP %s", config->address);
	return 0;
}

struct tftp_server *
tftp_server_new(struct event_base *base,
    const struct tftp_server_config *config, struct tftp_files *files,
    struct err *e)
{
	struct tftp_server *s = mem_alloc(sizeof(*s));

	s->base = base;
	s->files = files;
	s->max_transfers = config->max_transfers;
	s->resend_ms =
	    config->resend_ms == 0 ? TFTP_RESEND_MS : config->resend_ms;
	s->fd = -1;
	if (open_listener(s, config, e) == -1)
		goto fail;
	s->readable =
	    event_new(base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	if (s->readable == NULL || event_add(s->readable, NULL) == -1) {
		(void)err_set(e, ERR_INTERNAL, "no event for the socket");
		goto fail;
	}
	return s;
fail:
	tftp_server_free(s);
	return NULL;
}

void
tftp_server_free(struct tftp_server *s)
{
	struct client *c, *next;

	if (s == NULL)
		return;
	for (c = LIST_FIRST(&s->all); c != NULL; c = next) {
		next = LIST_NEXT(c, in_all);
		remove_client(c);
	}
	if (s->readable != NULL)
		event_free(s->readable);
	if (s->fd != -1)
		(void)close(s->fd);
	free(s);
}

uint16_t
tftp_server_port(const struct tftp_server *s)
{
	return ntohs(s->local.sin_port);
}

size_t
tftp_server_transfers(const struct tftp_server *s)
{
	return s->transfers;
}

size_t
tftp_server_receive_buffer(const struct tftp_server *s)
{
	return (size_t)s->receive_buffer;
}
