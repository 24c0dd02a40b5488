#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/session_priv.h"
#include "sftp/xfer_priv.h"

#define HEAD 4 /* the length in front of a packet */
#define OUT_SIZE ((size_t)8 * (XFER_CHUNK + XFER_PACKET_HEAD))
#define WRITE_MAX (1 << 17) /* bytes for one call of libssh */

/* --- bytes --- */

static int
lost(struct xfer *x, struct err *e)
{
	x->dead = true;
	return session_fail(x->s, ERR_UNREACHABLE, e,
	    "the connection was lost");
}

/* libssh has bytes that the connection has not taken. */
static bool
is_pending(const struct xfer *x)
{
	return (ssh_get_poll_flags(x->s->ssh) & SSH_WRITE_PENDING) != 0;
}

/*
 * Hand bytes to libssh, but only while it has none left itself: what it takes
 * is bounded by the server's window alone.
 */
static int
send_some(struct xfer *x, bool *moved, struct err *e)
{
	while (x->out_off < x->out_len && !is_pending(x)) {
		size_t n = x->out_len - x->out_off;
		int sent;

		sent = ssh_channel_write(x->channel, x->out + x->out_off,
		    (uint32_t)(n < WRITE_MAX ? n : WRITE_MAX));
		if (sent < 0)
			return lost(x, e);
		if (sent == 0)
			return 0;
		x->out_off += (size_t)sent;
		*moved = true;
	}
	if (x->out_off == x->out_len)
		x->out_off = x->out_len = 0;
	return 0;
}

/* The length of the packet that is coming, its own four bytes included. */
static size_t
packet_size(const struct xfer *x)
{
	return HEAD +
	    ((size_t)x->in[0] << 24 | (size_t)x->in[1] << 16 |
		(size_t)x->in[2] << 8 | (size_t)x->in[3]);
}

static bool
is_whole(const struct xfer *x)
{
	return x->in_len >= HEAD && x->in_len == packet_size(x);
}

static int
receive_some(struct xfer *x, bool *moved, struct err *e)
{
	size_t want = x->in_len < HEAD ? HEAD : packet_size(x);
	int n;

	if (want > HEAD + XFER_PACKET_MAX) {
		x->dead = true;
		return err_set(e, ERR_FORMAT,
		    "the server sends a packet of %zu bytes", want);
	}
	n = ssh_channel_read_nonblocking(x->channel, x->in + x->in_len,
	    (uint32_t)(want - x->in_len), 0);
	if (n > 0) {
		x->in_len += (size_t)n;
		*moved = true;
		return 0;
	}
	if (n == SSH_ERROR || n == SSH_EOF || ssh_channel_is_eof(x->channel) ||
	    ssh_channel_is_closed(x->channel))
		return lost(x, e);
	return 0;
}

/* Wait until the connection can go on, within what the server may take. */
static int
wait_for(struct xfer *x, struct err *e)
{
	int64_t until = x->moved_ticks + x->s->step_ms;

	if (x->limit_ticks != 0 && x->limit_ticks < until)
		until = x->limit_ticks;
	if (session_wait(x->s, until, e) == 0)
		return 0;
	if (e->code == ERR_TIMEOUT) {
		x->dead = true;
		(void)err_set(e, ERR_TIMEOUT,
		    "the server has not answered for %lld seconds",
		    (long long)(x->s->step_ms + 999) / 1000);
	}
	return -1;
}

/* --- packets --- */

uint32_t
xfer_begin(struct xfer *x, enum xfer_type type)
{
	wbuf_release(&x->packet);
	wbuf_init(&x->packet, 0);
	xfer_msg_begin(&x->packet, type, x->next_id);
	return x->next_id++;
}

size_t
xfer_room(const struct xfer *x)
{
	return OUT_SIZE - (x->out_len - x->out_off);
}

static void
append(struct xfer *x, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(x->out + x->out_len, p, n);
	x->out_len += n;
}

void
xfer_queue(struct xfer *x, const void *data, size_t n)
{
	size_t left = x->out_len - x->out_off;

	xfer_msg_end(&x->packet);
	wbuf_patch_be32(&x->packet, 0, (uint32_t)(x->packet.len - HEAD + n));
	if (x->packet.len + n > xfer_room(x))
		BUG("no room for a packet of %zu bytes", x->packet.len + n);
	if (x->packet.len + n > OUT_SIZE - x->out_len) {
		memmove(x->out, x->out + x->out_off, left);
		x->out_off = 0;
		x->out_len = left;
	}
	append(x, x->packet.data, x->packet.len);
	append(x, data, n);
}

int
xfer_receive(struct xfer *x, size_t room, struct xfer_reply *r, struct err *e)
{
	if (is_whole(x))
		x->in_len = 0; /* the caller has seen it */
	for (;;) {
		bool moved = false, pending;

		if (x->dead)
			return err_set(e, ERR_UNREACHABLE,
			    "the connection was lost");
		pending = is_pending(x);
		if (send_some(x, &moved, e) == -1 ||
		    receive_some(x, &moved, e) == -1)
			return -1;
		/* Receiving also sends what libssh had. */
		moved = moved || (pending && !is_pending(x));
		if (moved)
			x->moved_ticks = clock_ticks();
		if (is_whole(x)) {
			if (xfer_msg_decode(x->in + HEAD, x->in_len - HEAD, r,
				e) == 0)
				return 1;
			x->dead = true;
			return -1;
		}
		if (xfer_room(x) >= room)
			return 0;
		if (!moved && wait_for(x, e) == -1)
			return -1;
	}
}

static int
wait_for_answer(struct xfer *x, uint32_t id, struct xfer_reply *r,
    struct err *e)
{
	do {
		if (xfer_receive(x, XFER_NO_ROOM, r, e) == -1)
			return -1;
	} while (r->id != id);
	return 0;
}

int
xfer_ask(struct xfer *x, uint32_t id, struct xfer_reply *r, struct err *e)
{
	x->moved_ticks = clock_ticks();
	while (xfer_room(x) < x->packet.len) {
		if (xfer_receive(x, x->packet.len, r, e) == -1)
			return -1;
	}
	xfer_queue(x, NULL, 0);
	return wait_for_answer(x, id, r, e);
}

int
xfer_ask_path(struct xfer *x, enum xfer_type type, const char *path,
    struct xfer_reply *r, struct err *e)
{
	uint32_t id = xfer_begin(x, type);

	xfer_msg_text(&x->packet, path);
	if (type == XFER_MKDIR)
		wbuf_be32(&x->packet, 0); /* no attributes */
	return xfer_ask(x, id, r, e);
}

int
xfer_ask_paths(struct xfer *x, enum xfer_type type, const char *a,
    const char *b, struct xfer_reply *r, struct err *e)
{
	uint32_t id = xfer_begin(x, type);

	if (type == XFER_EXTENDED)
		xfer_msg_text(&x->packet, "posix-rename@openssh.com");
	xfer_msg_text(&x->packet, a);
	xfer_msg_text(&x->packet, b);
	return xfer_ask(x, id, r, e);
}

/* --- start --- */

static int
open_channel(struct xfer *x, struct err *e)
{
	int rc;

	x->channel = ssh_channel_new(x->s->ssh);
	if (x->channel == NULL)
		return lost(x, e);
	while ((rc = ssh_channel_open_session(x->channel)) == SSH_AGAIN) {
		if (wait_for(x, e) == -1)
			return -1;
	}
	if (rc != SSH_OK && !ssh_is_connected(x->s->ssh))
		return lost(x, e);
	if (rc != SSH_OK)
		return session_fail(x->s, ERR_DENIED, e,
		    "the server does not open a channel");
	while ((rc = ssh_channel_request_subsystem(x->channel, "sftp")) ==
	    SSH_AGAIN) {
		if (wait_for(x, e) == -1)
			return -1;
	}
	if (rc == SSH_OK)
		return 0;
	if (!ssh_is_connected(x->s->ssh))
		return lost(x, e);
	return err_set(e, ERR_DENIED, "the server has no SFTP");
}

int
xfer_wire_start(struct xfer *x, struct err *e)
{
	struct xfer_reply r = { .type = 0 };

	x->moved_ticks = clock_ticks();
	x->out = mem_alloc(OUT_SIZE);
	x->in = mem_alloc(HEAD + XFER_PACKET_MAX);
	if (open_channel(x, e) == -1)
		return -1;
	(void)xfer_begin(x, XFER_INIT);
	xfer_queue(x, NULL, 0);
	if (xfer_receive(x, XFER_NO_ROOM, &r, e) == -1)
		return e->code == ERR_FORMAT ?
		    err_set(e, ERR_DENIED, "the server has no SFTP") :
		    -1;
	/* The version stands where other packets have the id. */
	if (r.type != XFER_VERSION || r.id < 3)
		return err_set(e, ERR_DENIED,
		    "the server has no SFTP of version 3");
	x->extensions = r.extensions;
	return 0;
}

void
xfer_close(struct xfer *x)
{
	if (x == NULL)
		return;
	if (x->channel != NULL)
		ssh_channel_free(x->channel);
	wbuf_release(&x->packet);
	mem_free_wiped(x->out, OUT_SIZE);
	mem_free_wiped(x->in, HEAD + XFER_PACKET_MAX);
	free(x);
}
