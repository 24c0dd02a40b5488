/*
 * One SFTP session on a channel, for sftp/ alone: packets out, packets in.
 */
#ifndef SFTP_XFER_PRIV_H
#define SFTP_XFER_PRIV_H

#include <libssh/libssh.h>

#include "base/buffer.h"
#include "sftp/xfer.h"
#include "sftp/xfer_msg.h"

#define XFER_CHUNK 32768 /* of data in a packet: every server takes that */
#define XFER_PACKET_HEAD 1024 /* room for all else in it */
#define XFER_NO_ROOM SIZE_MAX

struct xfer {
	struct session *s;
	ssh_channel channel;
	uint32_t next_id;
	unsigned extensions; /* enum xfer_extension */
	int64_t moved_ticks; /* the last sign of the server */
	int64_t limit_ticks; /* of everything; 0: none */
	bool dead; /* it can only be closed */
	struct wbuf packet; /* the request that is being made */
	uint8_t *out; /* for the channel, from out_off to out_len */
	size_t out_off;
	size_t out_len;
	uint8_t *in; /* the packet that is coming */
	size_t in_len;
};

/* A channel with the subsystem, both sides' versions exchanged. */
int xfer_wire_start(struct xfer *x, struct err *e);

/* Begin a request in x->packet; its id. */
uint32_t xfer_begin(struct xfer *x, enum xfer_type type);

/* How many bytes of packets can be queued now. */
size_t xfer_room(const struct xfer *x);

/*
 * Queue x->packet, which xfer_begin() began, and data behind it that its
 * length does not count yet.  There must be room.
 */
void xfer_queue(struct xfer *x, const void *data, size_t n);

/*
 * Send and receive until a packet is here (1, *r is valid until the next
 * call) or there is room for so many bytes (0; XFER_NO_ROOM: never).
 */
int xfer_receive(struct xfer *x, size_t room, struct xfer_reply *r,
    struct err *e);

/* Send x->packet and wait for its answer; answers to others are dropped. */
int xfer_ask(struct xfer *x, uint32_t id, struct xfer_reply *r, struct err *e);

/* A request of one path, or of two. */
int xfer_ask_path(struct xfer *x, enum xfer_type type, const char *path,
    struct xfer_reply *r, struct err *e);
int xfer_ask_paths(struct xfer *x, enum xfer_type type, const char *a,
    const char *b, struct xfer_reply *r, struct err *e);

/* OPEN.  *handle gets what the server calls the file; see xfer_refused(). */
struct xfer_handle {
	uint8_t bytes[XFER_HANDLE_MAX];
	size_t len;
};

struct xfer_open_mode {
	uint32_t flags; /* XFER_OPEN_… */
	bool is_private;
	const char *shown; /* its name in messages; NULL: path */
};

int xfer_open_file(struct xfer *x, const char *path,
    const struct xfer_open_mode *mode, struct xfer_handle *handle,
    struct err *e);
int xfer_close_file(struct xfer *x, const struct xfer_handle *handle,
    struct err *e);

/*
 * A status other than the one wished for as an error: what could not be done
 * ("cannot write /home/x/f") and why.  path: on whose disk there may be no
 * space; NULL: that cannot be the reason.  Always -1.
 */
int xfer_refused(struct xfer *x, const struct xfer_reply *r, const char *path,
    struct err *e, const char *what);

#endif
