#include "trust/outline_priv.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"

/* Names are searched for words, so their sizes have limits. */
#define NAME_MAX_SIZE 4096
#define TEXT_MAX_SIZE ((size_t)4 * NAME_MAX_SIZE)

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OBJECT = 0x06,
	DER_UTF8 = 0x0c,
	DER_PRINTABLE = 0x13,
	DER_TELETEX = 0x14,
	DER_IA5 = 0x16,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_VERSION = 0xa0
};

/* Read tag and length; the value is the next *len bytes, which are there. */
static int
der_head(struct rbuf *r, uint8_t *tag, size_t *len)
{
	struct rbuf at = *r;
	uint8_t first, byte;
	size_t n = 0;

	if (rbuf_u8(&at, tag) == -1 || rbuf_u8(&at, &first) == -1)
		return -1;
	if (first < 0x80) {
		n = first;
	} else {
		unsigned count = first & 0x7fU;

		if (count == 0 || count > 3)
			return -1;
		for (unsigned i = 0; i < count; i++) {
			if (rbuf_u8(&at, &byte) == -1 || (i == 0 && byte == 0))
				return -1;
			n = n << 8 | byte;
		}
		if (n < 0x80)
			return -1;
	}
	if (n > rbuf_left(&at))
		return -1;
	*len = n;
	*r = at;
	return 0;
}

/* The next element, which must have this tag, as a reader of its value. */
static int
der_enter(struct rbuf *r, uint8_t want, struct rbuf *value)
{
	struct rbuf at = *r;
	uint8_t tag;
	size_t len;

	if (der_head(&at, &tag, &len) == -1 || tag != want ||
	    rbuf_sub(&at, len, value) == -1)
		return -1;
	*r = at;
	return 0;
}

/* The next element, which must have this tag, whole with its head. */
static int
der_whole(struct rbuf *r, uint8_t want, struct span *s)
{
	size_t start = r->off;
	struct rbuf value;

	if (der_enter(r, want, &value) == -1)
		return -1;
	s->p = r->data + start;
	s->len = r->off - start;
	return 0;
}

/* A bit string of whole bytes. */
static int
der_bits(struct rbuf *r, struct span *s)
{
	struct rbuf value;
	uint8_t unused;

	if (der_enter(r, DER_BIT_STRING, &value) == -1 ||
	    rbuf_u8(&value, &unused) == -1 || unused != 0 ||
	    rbuf_left(&value) == 0)
		return -1;
	s->len = rbuf_left(&value);
	return rbuf_bytes(&value, s->len, &s->p);
}

static int
der_serial(struct rbuf *r, struct span *s, struct err *e)
{
	struct rbuf value;

	if (der_enter(r, DER_INTEGER, &value) == -1 || value.len == 0)
		return err_set(e, ERR_FORMAT, "certificate: no serial number");
	if ((value.data[0] & 0x80) != 0)
		return err_set(e, ERR_FORMAT,
		    "certificate: the serial number is negative");
	if (value.data[0] == 0)
		value.off = 1;
	s->len = rbuf_left(&value);
	if (s->len == 0 || value.data[value.off] == 0)
		return err_set(e, ERR_FORMAT,
		    "certificate: the serial number is zero or padded");
	if (s->len > OUTLINE_SERIAL_MAX)
		return err_set(e, ERR_FORMAT,
		    "certificate: the serial number has %zu bytes, at most %d",
		    s->len, OUTLINE_SERIAL_MAX);
	return rbuf_bytes(&value, s->len, &s->p);
}

static bool
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static bool
is_hex(uint8_t c)
{
	return is_word(c) && (c <= 'F' || (c >= 'a' && c <= 'f'));
}

/* A word may begin at i: nothing of one, or an escape, stands before it. */
static bool
begins(const uint8_t *text, size_t i)
{
	return i == 0 || !is_word(text[i - 1]) ||
	    (i >= 3 && text[i - 3] == '\\' && is_hex(text[i - 2]) &&
		is_hex(text[i - 1]));
}

/* n bytes of p occur in text as a whole word, case aside. */
static bool
occurs(const uint8_t *p, size_t n, const char *text)
{
	const uint8_t *t = (const uint8_t *)text;
	size_t len = strlen(text);

	for (size_t i = 0; i + n <= len; i++)
		if (strncasecmp(text + i, (const char *)p, n) == 0 &&
		    begins(t, i) && !is_word(t[i + n]))
			return true;
	return false;
}

static bool
words_occur(const uint8_t *p, size_t n, const char *text)
{
	size_t start = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && is_word(p[i]))
			continue;
		if (i > start && !occurs(p + start, i - start, text))
			return false;
		start = i + 1;
	}
	return true;
}

/*
 * One type and value of a name is well formed and, unless text is NULL, fits
 * it; alphabets of two-byte text are passed by.
 */
static bool
attribute_fits(struct rbuf *set, const char *text)
{
	struct rbuf attribute;
	struct span oid;
	const uint8_t *p;
	uint8_t tag;
	size_t len;

	if (der_enter(set, DER_SEQUENCE, &attribute) == -1 ||
	    der_whole(&attribute, DER_OBJECT, &oid) == -1 ||
	    der_head(&attribute, &tag, &len) == -1 ||
	    rbuf_bytes(&attribute, len, &p) == -1 || rbuf_left(&attribute) > 0)
		return false;
	if (text == NULL ||
	    (tag != DER_UTF8 && tag != DER_PRINTABLE && tag != DER_TELETEX &&
		tag != DER_IA5))
		return true;
	return words_occur(p, len, text);
}

/* All of a name is well formed and, unless text is NULL, fits it. */
static bool
name_fits(const struct span *name, const char *text)
{
	struct rbuf r, parts, set;

	rbuf_init(&r, name->p, name->len);
	if (der_enter(&r, DER_SEQUENCE, &parts) == -1)
		return false;
	while (rbuf_left(&parts) > 0) {
		if (der_enter(&parts, DER_SET, &set) == -1 ||
		    rbuf_left(&set) == 0)
			return false;
		while (rbuf_left(&set) > 0)
			if (!attribute_fits(&set, text))
				return false;
	}
	return true;
}

/* What stands in tbsCertificate. */
static int
read_tbs(struct rbuf *tbs, struct outline *o, struct err *e)
{
	struct rbuf key;
	struct span skip;

	if (rbuf_left(tbs) > 0 && tbs->data[tbs->off] == DER_VERSION &&
	    der_whole(tbs, DER_VERSION, &skip) == -1)
		return err_set(e, ERR_FORMAT, "certificate: no version");
	if (der_serial(tbs, &o->serial, e) == -1)
		return -1;
	if (der_whole(tbs, DER_SEQUENCE, &skip) == -1 ||
	    der_whole(tbs, DER_SEQUENCE, &o->issuer) == -1 ||
	    der_whole(tbs, DER_SEQUENCE, &skip) == -1 ||
	    der_whole(tbs, DER_SEQUENCE, &o->subject) == -1)
		return err_set(e, ERR_FORMAT,
		    "certificate: broken before its public key");
	if (o->issuer.len > NAME_MAX_SIZE || o->subject.len > NAME_MAX_SIZE)
		return err_set(e, ERR_FORMAT,
		    "certificate: a name of more than %d bytes", NAME_MAX_SIZE);
	if (!name_fits(&o->issuer, NULL) || !name_fits(&o->subject, NULL))
		return err_set(e, ERR_FORMAT, "certificate: a name is broken");
	if (der_enter(tbs, DER_SEQUENCE, &key) == -1 ||
	    der_whole(&key, DER_SEQUENCE, &skip) == -1 ||
	    der_bits(&key, &o->public_key) == -1 || rbuf_left(&key) > 0)
		return err_set(e, ERR_FORMAT,
		    "certificate: broken in its public key");
	return 0;
}

int
outline_read(struct outline *o, const uint8_t *der, size_t n, struct err *e)
{
	struct rbuf file, body, tbs;
	struct span skip;

	memset(o, 0, sizeof(*o));
	rbuf_init(&file, der, n);
	if (der_enter(&file, DER_SEQUENCE, &body) == -1)
		return err_set(e, ERR_FORMAT, "not a certificate");
	if (rbuf_left(&file) > 0)
		return err_set(e, ERR_FORMAT, "%zu bytes behind a certificate",
		    rbuf_left(&file));
	if (der_enter(&body, DER_SEQUENCE, &tbs) == -1)
		return err_set(e, ERR_FORMAT, "not a certificate");
	if (read_tbs(&tbs, o, e) == -1)
		return -1;
	if (der_whole(&body, DER_SEQUENCE, &skip) == -1 ||
	    der_bits(&body, &o->signature) == -1 || rbuf_left(&body) > 0)
		return err_set(e, ERR_FORMAT,
		    "certificate: broken in its signature");
	return 0;
}

bool
outline_name_fits(const struct span *name, const char *text)
{
	return strlen(text) <= TEXT_MAX_SIZE && name_fits(name, text);
}
