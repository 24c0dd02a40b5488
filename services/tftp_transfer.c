#include "services/tftp_transfer.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define DATAGRAMS_AT_ONCE 16 /* then other transfers get their turn */

struct tftp_transfer {
	struct tftp_transfer_spec spec;
	struct tftp_message request;
	struct tftp_file *file; /* held */
	const uint8_t *data; /* of file, in the mode asked for */
	size_t len;
	size_t blksize;
	unsigned resend_ms;
	unsigned resends_left;
	uint64_t block; /* sent last, not yet acknowledged; 0: the OACK */
	bool acknowledged; /* at least once */
	int64_t deadline; /* clock_ticks() when it is sent again */
	int fd;
	struct event *readable;
	struct event *timer;
};

bool
tftp_same_peer(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_addr.s_addr == b->sin_addr.s_addr &&
	    a->sin_port == b->sin_port;
}

const struct sockaddr_in *
tftp_transfer_peer(const struct tftp_transfer *t)
{
	return &t->spec.peer;
}

/* A datagram that cannot be sent now is as good as one that was lost. */
static void
send_to(const struct tftp_transfer *t, const struct sockaddr_in *to,
    const uint8_t *packet, size_t len)
{
	if (sendto(t->fd, packet, len, 0, (const struct sockaddr *)to,
		sizeof(*to)) == -1)
		log_debug("send %zu bytes to %s: %s", len,
		    inet_ntoa(to->sin_addr), strerror(errno));
}

static void
send_error(const struct tftp_transfer *t, const struct sockaddr_in *to,
    enum tftp_error code, const char *text)
{
	uint8_t packet[TFTP_REPLY_MAX];

	send_to(t, to, packet, tftp_put_error(packet, code, text));
}

void
tftp_transfer_resend(const struct tftp_transfer *t)
{
	uint8_t packet[TFTP_HEADER_SIZE + TFTP_BLKSIZE_MAX];
	size_t len;

	if (t->block == 0) {
		len = tftp_put_oack(packet, &t->request.options, t->len);
	} else {
		size_t off = (size_t)(t->block - 1) * t->blksize;

		len = t->len - off < t->blksize ? t->len - off : t->blksize;
		tftp_put_data_header(packet, (uint16_t)(t->block & 0xffff));
		memcpy(packet + TFTP_HEADER_SIZE, t->data + off, len);
		len += TFTP_HEADER_SIZE;
	}
	send_to(t, &t->spec.peer, packet, len);
}

static void
arm(const struct tftp_transfer *t, int64_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (ms % 1000) * 1000 };

	(void)evtimer_add(t->timer, &tv);
}

/* Send a block for the first time. */
static void
send_block(struct tftp_transfer *t, uint64_t block)
{
	t->block = block;
	t->resends_left = t->spec.resends;
	t->deadline = clock_ticks() + t->resend_ms;
	tftp_transfer_resend(t);
}

/*
 * The timer is not moved with every block: it looks at the deadline when it
 * goes off.
 */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_transfer *t = arg;
	int64_t left = t->deadline - clock_ticks();

	(void)fd;
	(void)what;
	if (left > 0) {
		arm(t, left);
		return;
	}
	if (t->resends_left == 0) {
		log_info("%s: gave up at block %llu, no answer",
		    inet_ntoa(t->spec.peer.sin_addr),
		    (unsigned long long)t->block);
		t->spec.done(t->spec.self, t);
		return;
	}
	t->resends_left--;
	t->deadline = clock_ticks() + t->resend_ms;
	arm(t, t->resend_ms);
	tftp_transfer_resend(t);
}

/* False when that was the last block. */
static bool
take_ack(struct tftp_transfer *t, uint16_t block)
{
	if (block != (uint16_t)(t->block & 0xffff))
		return true;
	t->acknowledged = true;
	if (t->block > 0 && t->len / t->blksize + 1 == t->block)
		return false;
	send_block(t, t->block + 1);
	return true;
}

/* One datagram; false when the transfer is over. */
static bool
take_datagram(struct tftp_transfer *t, const struct sockaddr_in *from,
    const uint8_t *packet, size_t len)
{
	struct tftp_message m;
	int parsed = tftp_message_parse(&m, packet, len, NULL);
	char text[2 * TFTP_ERROR_TEXT_SIZE];

	if (!tftp_same_peer(from, &t->spec.peer)) {
		if (m.op != TFTP_ERROR)
			send_error(t, from, TFTP_ERROR_TID,
			    "Unknown transfer ID");
		return true;
	}
	if (parsed == -1)
		return true;
	switch (m.op) {
	case TFTP_ACK:
		return take_ack(t, m.block);
	case TFTP_ERROR:
		log_debug("%s: ended by the client: %u %s",
		    inet_ntoa(from->sin_addr), m.code,
		    str_visible(text, sizeof(text), m.text, strlen(m.text)));
		return false;
	case TFTP_RRQ:
	case TFTP_WRQ:
	case TFTP_DATA:
	case TFTP_OACK:
		send_error(t, from, TFTP_ERROR_ILLEGAL,
		    "Illegal TFTP operation");
		return false;
	}
	return true;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_transfer *t = arg;
	uint8_t packet[TFTP_REQUEST_MAX];
	struct sockaddr_in from;
	socklen_t from_len;
	int i;

	(void)what;
	for (i = 0; i < DATAGRAMS_AT_ONCE; i++) {
		ssize_t n;

		from_len = sizeof(from);
		n = recvfrom(fd, packet, sizeof(packet), 0,
		    (struct sockaddr *)&from, &from_len);
		if (n == -1)
			return;
		if (!take_datagram(t, &from, packet, (size_t)n)) {
			t->spec.done(t->spec.self, t);
			return;
		}
	}
}

/* A socket on a free port of the node's address, or -1. */
static int
open_socket(struct in_addr address, struct err *e)
{
	const struct sockaddr_in local = { .sin_family = AF_INET,
		.sin_addr = address };
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_errno(e, "socket");
	if (bind(fd, (const struct sockaddr *)&local, sizeof(local)) == -1) {
		(void)err_errno(e, "bind to %s", inet_ntoa(address));
		(void)close(fd);
		return -1;
	}
	return fd;
}

struct tftp_transfer *
tftp_transfer_start(const struct tftp_transfer_spec *spec,
    const struct tftp_message *request, struct tftp_file *file, struct err *e)
{
	const struct tftp_options *options = &request->options;
	struct tftp_transfer *t;
	int fd;

	fd = open_socket(spec->address, e);
	if (fd == -1)
		return NULL;
	t = mem_alloc(sizeof(*t));
	t->spec = *spec;
	t->request = *request;
	t->fd = fd;
	t->blksize = options->blksize == 0 ? TFTP_BLKSIZE : options->blksize;
	t->resend_ms =
	    options->timeout == 0 ? spec->resend_ms : options->timeout * 1000U;
	t->readable =
	    event_new(spec->base, fd, EV_READ | EV_PERSIST, on_readable, t);
	t->timer = evtimer_new(spec->base, on_timer, t);
	if (t->readable == NULL || t->timer == NULL ||
	    event_add(t->readable, NULL) == -1) {
		(void)err_set(e, ERR_INTERNAL, "no event for the transfer");
		tftp_transfer_free(t);
		return NULL;
	}
	t->file = file;
	t->data = tftp_file_bytes(file, request->mode, &t->len);
	send_block(t, tftp_options_any(options) ? 0 : 1);
	arm(t, t->resend_ms);
	return t;
}

void
tftp_transfer_free(struct tftp_transfer *t)
{
	if (t == NULL)
		return;
	if (t->readable != NULL)
		event_free(t->readable);
	if (t->timer != NULL)
		event_free(t->timer);
	tftp_file_release(t->file);
	(void)close(t->fd);
	free(t);
}

static bool
same_options(const struct tftp_options *a, const struct tftp_options *b)
{
	return a->blksize == b->blksize && a->timeout == b->timeout &&
	    a->tsize == b->tsize;
}

bool
tftp_transfer_repeats(const struct tftp_transfer *t,
    const struct sockaddr_in *peer, const struct tftp_message *request)
{
	return !t->acknowledged && tftp_same_peer(&t->spec.peer, peer) &&
	    t->request.mode == request->mode &&
	    str_equal(t->request.name, request->name) &&
	    same_options(&t->request.options, &request->options);
}
