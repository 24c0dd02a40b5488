/*
 * The frames of the agent's protocol: doc/AGENT.protocol.
 *
 * The codec knows frames and fields, their sizes and which field belongs in
 * which frame; it knows no verb.  Decoding is strict: a frame is either
 * exactly as described or it is refused with the rule it broke.
 */
#ifndef CLUSTER_AGENT_MSG_H
#define CLUSTER_AGENT_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define AGENT_FRAME_HEAD 5 /* u32 length of the rest, u8 type */
#define AGENT_FRAME_MAX (1 << 20) /* largest "length of the rest" */
#define AGENT_WORDS_MAX 64
#define AGENT_WORD_MAX 4096 /* bytes of one word */
#define AGENT_PAYLOAD_MAX (1 << 19)
#define AGENT_SECRET_MAX 1024
#define AGENT_COLUMNS_MAX 1664 /* what PostgreSQL can return */
#define AGENT_TEXT_MAX (1 << 18)
#define AGENT_DATA_MAX (1 << 19) /* longer results: several frames */

/*
 * A cell of a ROW that is NULL (not empty): one byte that no UTF-8 text
 * contains, so that no value can be taken for it.
 */
#define AGENT_NULL "\xff"

enum agent_msg_type {
	AGENT_END = 0, /* no frame: the other side closed between frames */
	AGENT_REQUEST = 1,
	AGENT_TEXT = 2,
	AGENT_ROW = 3,
	AGENT_DATA = 4,
	AGENT_RESULT = 5
};

/* One frame; members that its type does not use are empty. */
struct agent_msg {
	enum agent_msg_type type;
	struct strlist words; /* REQUEST: verb and arguments; ROW: columns */
	uint8_t *bytes; /* REQUEST: payload; TEXT; DATA; and one NUL */
	size_t len; /* of bytes, without that NUL */
	bool has_bytes; /* tells an empty payload from none */
	struct secret secret; /* REQUEST */
	enum err_code code; /* RESULT */
	char *message; /* RESULT, never NULL there */
	char *hint; /* RESULT, never NULL there */
};

/* An empty message, AGENT_END: also what { 0 } makes. */
void agent_msg_init(struct agent_msg *m);

/* Wipe and free everything; the struct is empty then.  NULL-safe. */
void agent_msg_release(struct agent_msg *m);

/*
 * Append m as one frame, head included, to w.  -1 with ERR_TOO_BIG when a
 * limit above is passed, ERR_USAGE for a REQUEST without words; w is as it
 * was then.  RESULT's NULL message and hint are sent as empty.
 */
int agent_msg_encode(struct wbuf *w, const struct agent_msg *m, struct err *e);

/*
 * How many bytes the frame that begins at p takes, head included, when n
 * bytes of it are here: *size, or 0 while n < 4.  -1 with ERR_FORMAT for a
 * length that no frame has, before anything is allocated for it.
 */
int agent_msg_frame_size(const void *p, size_t n, size_t *size, struct err *e);

/*
 * Decode exactly one whole frame of n bytes, head included, into *m, which
 * is overwritten; the caller releases it.  -1 with ERR_FORMAT and the rule,
 * *m is empty then.
 */
int agent_msg_decode(const void *p, size_t n, struct agent_msg *m,
    struct err *e);

#endif
