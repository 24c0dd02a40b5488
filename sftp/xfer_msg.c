#include "sftp/xfer_msg.h"

#include <string.h>

#define HEAD 4 /* the length */

void
xfer_msg_begin(struct wbuf *w, enum xfer_type type, uint32_t id)
{
	wbuf_be32(w, 0);
	wbuf_u8(w, (uint8_t)type);
	if (type == XFER_INIT)
		wbuf_be32(w, 3); /* the version */
	else
		wbuf_be32(w, id);
}

void
xfer_msg_string(struct wbuf *w, const void *p, size_t n)
{
	wbuf_be32(w, (uint32_t)n);
	wbuf_bytes(w, p, n);
}

void
xfer_msg_text(struct wbuf *w, const char *s)
{
	xfer_msg_string(w, s, strlen(s));
}

void
xfer_msg_end(struct wbuf *w)
{
	wbuf_patch_be32(w, 0, (uint32_t)(w->len - HEAD));
}

static int
get_string(struct rbuf *r, const uint8_t **p, size_t *n)
{
	uint32_t len;

	if (rbuf_be32(r, &len) == -1 || rbuf_bytes(r, len, p) == -1)
		return -1;
	*n = len;
	return 0;
}

/* Newer servers send a text behind the code, older ones do not. */
static int
get_status(struct rbuf *r, struct xfer_reply *reply)
{
	const uint8_t *language;
	size_t n;

	if (rbuf_be32(r, &reply->status) == -1)
		return -1;
	if (rbuf_left(r) == 0)
		return 0;
	if (get_string(r, &reply->bytes, &reply->len) == -1)
		return -1;
	return rbuf_left(r) == 0 ? 0 : get_string(r, &language, &n);
}

/* Of the attributes only the mode is wanted. */
static int
get_attributes(struct rbuf *r, struct xfer_reply *reply)
{
	const uint8_t *owner;
	uint64_t size;
	uint32_t flags;

	if (rbuf_be32(r, &flags) == -1)
		return -1;
	if ((flags & XFER_ATTR_SIZE) != 0 && rbuf_be64(r, &size) == -1)
		return -1;
	if ((flags & XFER_ATTR_OWNER) != 0 && rbuf_bytes(r, 8, &owner) == -1)
		return -1;
	reply->has_mode = (flags & XFER_ATTR_MODE) != 0;
	if (reply->has_mode && rbuf_be32(r, &reply->mode) == -1)
		return -1;
	return 0;
}

static unsigned
extension_of(const uint8_t *name, size_t n)
{
	static const struct {
		const char *name;
		enum xfer_extension bit;
	} known[] = {
		{ "posix-rename@openssh.com", XFER_POSIX_RENAME },
		{ "fsync@openssh.com", XFER_FSYNC },
		{ "statvfs@openssh.com", XFER_STATVFS },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) == n &&
		    memcmp(known[i].name, name, n) == 0)
			return known[i].bit;
	}
	return 0;
}

/* Pairs of name and data up to the end. */
static int
get_extensions(struct rbuf *r, struct xfer_reply *reply)
{
	const uint8_t *name, *data;
	size_t name_len, data_len;

	while (rbuf_left(r) > 0) {
		if (get_string(r, &name, &name_len) == -1 ||
		    get_string(r, &data, &data_len) == -1)
			return -1;
		reply->extensions |= extension_of(name, name_len);
	}
	return 0;
}

static int
get_body(struct rbuf *r, struct xfer_reply *reply)
{
	switch (reply->type) {
	case XFER_VERSION:
		return get_extensions(r, reply);
	case XFER_STATUS:
		return get_status(r, reply);
	case XFER_HANDLE:
		if (get_string(r, &reply->bytes, &reply->len) == -1)
			return -1;
		return reply->len <= XFER_HANDLE_MAX ? 0 : -1;
	case XFER_DATA:
		return get_string(r, &reply->bytes, &reply->len);
	case XFER_ATTRS:
		return get_attributes(r, reply);
	case XFER_EXTENDED_REPLY:
		reply->len = rbuf_left(r);
		return rbuf_bytes(r, reply->len, &reply->bytes);
	default:
		return -1;
	}
}

int
xfer_msg_decode(const void *p, size_t n, struct xfer_reply *r, struct err *e)
{
	struct rbuf in;

	memset(r, 0, sizeof(*r));
	rbuf_init(&in, p, n);
	if (rbuf_u8(&in, &r->type) == -1 || rbuf_be32(&in, &r->id) == -1 ||
	    get_body(&in, r) == -1)
		return err_set(e, ERR_FORMAT,
		    "the server breaks the SFTP protocol (packet type %u of "
		    "%zu bytes)",
		    r->type, n);
	return 0;
}
