#include "services/tftp_message.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/str.h"

#define OPTION_TEXT_SIZE 32 /* longer is no option we know, no usable value */

/*
 * The bytes up to the next NUL into dst, which may be cut; *cut says so.
 * -1 when no NUL follows.
 */
static int
get_text(struct rbuf *r, char *dst, size_t size, bool *cut)
{
	const uint8_t *p = r->data + r->off;
	const uint8_t *end =
	    rbuf_left(r) == 0 ? NULL : memchr(p, '\0', rbuf_left(r));
	size_t len;

	if (end == NULL)
		return -1;
	len = (size_t)(end - p);
	if (rbuf_bytes(r, len + 1, &p) == -1)
		return -1;
	*cut = len >= size;
	if (*cut)
		len = size - 1;
	memcpy(dst, p, len);
	dst[len] = '\0';
	return 0;
}

static uint16_t
at_most(uint64_t n, uint16_t max)
{
	return n < max ? (uint16_t)n : max;
}

static void
set_option(struct tftp_options *o, const char *name, const char *value)
{
	uint64_t n;

	if (str_number(value, 0, UINT64_MAX, &n) == -1)
		return;
	if (!strcasecmp(name, "blksize")) {
		if (n >= TFTP_BLKSIZE_MIN && o->blksize == 0)
			o->blksize = at_most(n, TFTP_BLKSIZE_MAX);
	} else if (!strcasecmp(name, "windowsize")) {
		if (n >= 1 && o->windowsize == 0)
			o->windowsize = at_most(n, UINT16_MAX);
	} else if (!strcasecmp(name, "timeout")) {
		if (n >= 1 && n <= UINT8_MAX && o->timeout == 0)
			o->timeout = (uint8_t)n;
	} else if (!strcasecmp(name, "tsize")) {
		o->tsize = true;
	}
}

static int
get_options(struct rbuf *r, struct tftp_options *o, struct err *e)
{
	char name[OPTION_TEXT_SIZE], value[OPTION_TEXT_SIZE];
	bool name_cut, value_cut;

	while (rbuf_left(r) > 0) {
		if (get_text(r, name, sizeof(name), &name_cut) == -1)
			return err_set(e, ERR_FORMAT,
			    "request: an option name without NUL");
		if (name[0] == '\0')
			continue;
		if (get_text(r, value, sizeof(value), &value_cut) == -1)
			return err_set(e, ERR_FORMAT,
			    "request: an option value without NUL");
		if (!name_cut && !value_cut)
			set_option(o, name, value);
	}
	return 0;
}

static int
get_request(struct rbuf *r, struct tftp_message *m, struct err *e)
{
	char mode[OPTION_TEXT_SIZE], seen[4 * OPTION_TEXT_SIZE];
	bool cut;

	if (r->len > TFTP_REQUEST_MAX)
		return err_set(e, ERR_FORMAT, "request: over %d bytes",
		    TFTP_REQUEST_MAX);
	if (get_text(r, m->name, sizeof(m->name), &cut) == -1)
		return err_set(e, ERR_FORMAT, "request: a name without NUL");
	if (cut)
		return err_set(e, ERR_FORMAT, "request: a name over %d bytes",
		    TFTP_NAME_SIZE - 1);
	if (get_text(r, mode, sizeof(mode), &cut) == -1)
		return err_set(e, ERR_FORMAT, "request: a mode without NUL");
	if (!strcasecmp(mode, "octet"))
		m->mode = TFTP_OCTET;
	else if (!strcasecmp(mode, "netascii"))
		m->mode = TFTP_NETASCII;
	else
		return err_set(e, ERR_FORMAT, "request: mode \"%s\"",
		    str_visible(seen, sizeof(seen), mode, strlen(mode)));
	return get_options(r, &m->options, e);
}

static int
get_error(struct rbuf *r, struct tftp_message *m, struct err *e)
{
	const uint8_t *p;
	size_t len;

	if (rbuf_be16(r, &m->code) == -1)
		return err_set(e, ERR_FORMAT, "ERROR: no code");
	len = strnlen((const char *)r->data + r->off, rbuf_left(r));
	if (len >= sizeof(m->text))
		len = sizeof(m->text) - 1;
	if (rbuf_bytes(r, len, &p) == 0)
		memcpy(m->text, p, len);
	return 0;
}

int
tftp_message_parse(struct tftp_message *m, const void *data, size_t len,
    struct err *e)
{
	struct rbuf r;
	uint16_t op;

	memset(m, 0, sizeof(*m));
	rbuf_init(&r, data, len);
	if (rbuf_be16(&r, &op) == -1)
		return err_set(e, ERR_FORMAT, "no opcode: %zu bytes", len);
	if (op < TFTP_RRQ || op > TFTP_OACK)
		return err_set(e, ERR_FORMAT, "unknown opcode %u", op);
	m->op = (enum tftp_opcode)op;
	switch (m->op) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return get_request(&r, m, e);
	case TFTP_DATA:
	case TFTP_ACK:
		if (rbuf_be16(&r, &m->block) == -1)
			return err_set(e, ERR_FORMAT, "no block number");
		return 0;
	case TFTP_ERROR:
		return get_error(&r, m, e);
	case TFTP_OACK:
		return 0;
	}
	BUG("opcode %u has no parser", op);
}

bool
tftp_options_any(const struct tftp_options *o)
{
	return o->blksize != 0 || o->timeout != 0 || o->tsize ||
	    o->windowsize != 0;
}

bool
tftp_same_request(const struct tftp_message *a, const struct tftp_message *b)
{
	const struct tftp_options *x = &a->options, *y = &b->options;

	return a->mode == b->mode && x->blksize == y->blksize &&
	    x->timeout == y->timeout && x->tsize == y->tsize &&
	    x->windowsize == y->windowsize && str_equal(a->name, b->name);
}

static void
put_be16(uint8_t *dst, uint16_t v)
{
	dst[0] = (uint8_t)(v >> 8);
	dst[1] = (uint8_t)(v & 0xff);
}

void
tftp_put_data_header(uint8_t dst[TFTP_HEADER_SIZE], uint16_t block)
{
	put_be16(dst, TFTP_DATA);
	put_be16(dst + 2, block);
}

size_t
tftp_put_error(uint8_t dst[TFTP_REPLY_MAX], enum tftp_error code,
    const char *text)
{
	size_t len = strlen(text);

	if (len > TFTP_ERROR_TEXT_SIZE - 1)
		len = TFTP_ERROR_TEXT_SIZE - 1;
	put_be16(dst, TFTP_ERROR);
	put_be16(dst + 2, (uint16_t)code);
	memcpy(dst + TFTP_HEADER_SIZE, text, len);
	dst[TFTP_HEADER_SIZE + len] = '\0';
	return TFTP_HEADER_SIZE + len + 1;
}

/* Name and value, each with its NUL; the longest four fit together. */
static size_t
put_option(uint8_t *dst, const char *name, uint64_t value)
{
	char text[24];
	size_t n = strlen(name) + 1;

	(void)str_printf(text, sizeof(text), "%llu", (unsigned long long)value);
	memcpy(dst, name, n);
	memcpy(dst + n, text, strlen(text) + 1);
	return n + strlen(text) + 1;
}

size_t
tftp_put_oack(uint8_t dst[TFTP_REPLY_MAX], const struct tftp_options *o,
    uint64_t size)
{
	size_t len = 2;

	put_be16(dst, TFTP_OACK);
	if (o->blksize != 0)
		len += put_option(dst + len, "blksize", o->blksize);
	if (o->timeout != 0)
		len += put_option(dst + len, "timeout", o->timeout);
	if (o->tsize)
		len += put_option(dst + len, "tsize", size);
	if (o->windowsize != 0)
		len += put_option(dst + len, "windowsize", o->windowsize);
	return len;
}

void
tftp_netascii(const uint8_t *src, size_t len, uint8_t **dst, size_t *dst_len)
{
	size_t i, n = 0;
	uint8_t *out;

	for (i = 0; i < len; i++)
		n += src[i] == '\n' || src[i] == '\r' ? 2 : 1;
	out = mem_alloc(n);
	n = 0;
	for (i = 0; i < len; i++) {
		if (src[i] == '\n')
			out[n++] = '\r';
		out[n++] = src[i];
		if (src[i] == '\r')
			out[n++] = '\0';
	}
	*dst = out;
	*dst_len = n;
}
