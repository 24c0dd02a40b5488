#include "trust/signed_header.h"

#include <string.h>

#include "trust/outline_priv.h"

#define MAX_PADDING 3

enum value_kind {
	VALUE_BYTES,
	VALUE_TEXT, /* one NUL, at the end */
	VALUE_SERIAL, /* no leading zero byte */
	VALUE_CONTAINER,
	VALUE_NONE /* padding: not even a length */
};

/* What doc/FORMAT.trustlist says about each header element. */
struct header_rule {
	const char *name; /* as show itl prints it */
	enum value_kind kind;
	uint8_t parent; /* the container it must stand in; 0: none */
	uint16_t min; /* length of the value */
	uint16_t max;
};

static const struct header_rule rules[HEADER_TAGS] = {
	[HEADER_VERSION] = { "VERSION", VALUE_BYTES, 0, 2, 2 },
	[HEADER_LENGTH] = { "HEADERLENGTH", VALUE_BYTES, 0, 2, 2 },
	[HEADER_SIGNER_ID] = { "SIGNERID", VALUE_CONTAINER, 0, 0, 65535 },
	[HEADER_SIGNER_NAME] = { "SIGNERNAME", VALUE_TEXT, HEADER_SIGNER_ID, 1,
	    65535 },
	[HEADER_SERIAL] = { "SERIALNUMBER", VALUE_SERIAL, HEADER_SIGNER_ID, 1,
	    CERT_SERIAL_MAX },
	[HEADER_CA_NAME] = { "CANAME", VALUE_TEXT, HEADER_SIGNER_ID, 1, 65535 },
	[HEADER_SIGNATURE_INFO] = { "SIGNATUREINFO", VALUE_CONTAINER, 0, 15,
	    15 },
	[HEADER_DIGEST_ALG] = { "DIGESTALGORTITHM", VALUE_BYTES,
	    HEADER_SIGNATURE_INFO, 1, 1 },
	[HEADER_SIGNATURE_ALG_INFO] = { "SIGNATUREALGOINFO", VALUE_CONTAINER,
	    HEADER_SIGNATURE_INFO, 8, 8 },
	[HEADER_SIGNATURE_ALG] = { "SIGNATUREALGORTITHM", VALUE_BYTES,
	    HEADER_SIGNATURE_ALG_INFO, 1, 1 },
	[HEADER_SIGNATURE_MODULUS] = { "SIGNATUREMODULUS", VALUE_BYTES,
	    HEADER_SIGNATURE_ALG_INFO, 1, 1 },
	[HEADER_SIGNATURE] = { "SIGNATURE", VALUE_BYTES, 0, 64, 512 },
	[HEADER_PADDING] = { "padding", VALUE_NONE, 0, 0, 0 },
	[HEADER_FILENAME] = { "FILENAME", VALUE_TEXT, 0, 2, 65535 },
	[HEADER_TIMESTAMP] = { "TIMESTAMP", VALUE_BYTES, 0, 4, 4 },
	[HEADER_ENCRYPTION] = { "ENCRYPTION", VALUE_CONTAINER, 0, 0, 65535 },
	[HEADER_ENC_CIPHER] = { "CIPHERINFO", VALUE_CONTAINER,
	    HEADER_ENCRYPTION, 0, 65535 },
	[HEADER_ENC_18] = { "CIPHERALGORITHM", VALUE_BYTES, HEADER_ENC_CIPHER,
	    1, 1 },
	[HEADER_ENC_IV] = { "IV", VALUE_BYTES, HEADER_ENC_CIPHER, 16, 16 },
	[HEADER_ENC_PADDING] = { "CIPHERPADDING", VALUE_BYTES,
	    HEADER_ENC_CIPHER, 2, 2 },
	[HEADER_ENC_KEY] = { "KEYINFO", VALUE_CONTAINER, HEADER_ENCRYPTION, 0,
	    65535 },
	[HEADER_ENC_22] = { "KEYALGORITHM", VALUE_BYTES, HEADER_ENC_KEY, 1, 1 },
	[HEADER_ENC_KEY_BITS] = { "KEYBITS", VALUE_BYTES, HEADER_ENC_KEY, 2,
	    2 },
	[HEADER_ENC_24] = { "KEYTYPE", VALUE_BYTES, HEADER_ENC_KEY, 1, 1 },
	[HEADER_ENC_WRAPPED] = { "WRAPPEDKEY", VALUE_BYTES, HEADER_ENC_KEY, 1,
	    1024 },
	[HEADER_ENC_DIGEST_ALG] = { "PLAINDIGEST", VALUE_BYTES, 0, 1, 1 },
	[HEADER_ENC_DIGEST] = { "PLAINHASH", VALUE_BYTES, 0, 20, 64 },
	[HEADER_SIGNER_VERSION] = { "SIGNERVERSION", VALUE_BYTES, 0, 2, 2 },
};

struct walk {
	struct signed_header *h;
	const struct signed_form *form;
	const uint8_t *data;
	size_t end; /* of the header */
	size_t n_padding;
	struct err *e;
};

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static const struct header_rule *
rule_of(uint8_t tag)
{
	return tag < HEADER_TAGS && rules[tag].name != NULL ? &rules[tag] :
							      NULL;
}

/* The rule of a tag that may stand here, or NULL with e set. */
static const struct header_rule *
check_place(struct walk *w, size_t off, uint8_t tag, uint8_t parent)
{
	const struct header_rule *r = rule_of(tag);

	if (r == NULL ||
	    ((w->form->required | w->form->optional) >> tag & 1) == 0) {
		err_set(w->e, ERR_FORMAT, "offset %zu: header: unknown tag %u",
		    off, tag);
		return NULL;
	}
	if (r->parent != parent) {
		err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: %s (tag %u) does not belong %s %s",
		    off, r->name, tag, parent == 0 ? "outside of" : "inside",
		    rules[parent == 0 ? r->parent : parent].name);
		return NULL;
	}
	if (tag != HEADER_PADDING && w->h->element[tag].present) {
		err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: second %s (tag %u)", off, r->name,
		    tag);
		return NULL;
	}
	return r;
}

/* A value of the kind its rule names. */
static int
check_value(struct walk *w, uint8_t tag, const struct header_rule *r)
{
	const struct element *el = &w->h->element[tag];

	if (el->len < r->min || el->len > r->max) {
		if (r->min == r->max)
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: header: %s has %zu bytes, must have "
			    "%u",
			    el->off, r->name, el->len, r->min);
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: %s has %zu bytes, must have %u to %u",
		    el->off, r->name, el->len, r->min, r->max);
	}
	if (r->kind == VALUE_TEXT &&
	    memchr(el->value, '\0', el->len) != el->value + el->len - 1)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: %s must end with its only NUL",
		    el->off, r->name);
	if (r->kind == VALUE_SERIAL && el->value[0] == 0)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: %s is zero or begins with a zero byte",
		    el->off, r->name);
	return 0;
}

/*
 * Read one element between r's offset and its end and note it.  *container
 * is its tag if it is a container, else 0.
 */
static int
read_element(struct walk *w, struct rbuf *r, size_t base, uint8_t parent,
    uint8_t *container)
{
	size_t off = base + r->off;
	const struct header_rule *rule;
	struct element *el;
	uint16_t len;
	uint8_t tag;

	*container = 0;
	if (rbuf_u8(r, &tag) == -1)
		BUG("no element to read");
	rule = check_place(w, off, tag, parent);
	if (rule == NULL)
		return -1;
	if (rule->kind == VALUE_NONE) {
		w->n_padding++;
		return 0;
	}
	el = &w->h->element[tag];
	if (rbuf_be16(r, &len) == -1 || rbuf_bytes(r, len, &el->value) == -1)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: %s (tag %u) runs past the end of %s",
		    off, rule->name, tag,
		    parent == 0 ? "the header" : rules[parent].name);
	el->present = true;
	el->off = off;
	el->len = len;
	w->h->order[w->h->n_order++] = tag;
	if (rule->kind == VALUE_CONTAINER)
		*container = tag;
	return check_value(w, tag, rule);
}

/* The elements inside a container, and those of containers inside it. */
static int
read_container(struct walk *w, uint8_t parent)
{
	struct {
		struct rbuf r;
		size_t base;
		uint8_t tag;
	} stack[4], *top = stack;
	uint8_t inner;

	top->tag = parent;
	top->base = w->h->element[parent].off + 3;
	rbuf_init(&top->r, w->h->element[parent].value,
	    w->h->element[parent].len);
	for (;;) {
		while (rbuf_left(&top->r) == 0) {
			if (top == stack)
				return 0;
			top--;
		}
		if (read_element(w, &top->r, top->base, top->tag, &inner) == -1)
			return -1;
		if (inner == 0)
			continue;
		if (top == stack + 3)
			BUG("containers nest deeper than the rules say");
		top++;
		top->tag = inner;
		top->base = w->h->element[inner].off + 3;
		rbuf_init(&top->r, w->h->element[inner].value,
		    w->h->element[inner].len);
	}
}

/* Step over whole elements until HEADERLENGTH tells where the header ends. */
static int
find_length(struct walk *w, size_t len)
{
	struct rbuf r;
	const uint8_t *value;
	uint16_t n;
	uint8_t tag;

	rbuf_init(&r, w->data, len);
	for (;;) {
		size_t off = r.off;

		if (rbuf_u8(&r, &tag) == -1)
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: the file ends before HEADERLENGTH "
			    "(tag 2)",
			    off);
		if (check_place(w, off, tag, 0) == NULL)
			return -1;
		if (tag == HEADER_PADDING)
			continue;
		if (rbuf_be16(&r, &n) == -1 || rbuf_bytes(&r, n, &value) == -1)
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: header: %s (tag %u) runs past the end "
			    "of the file",
			    off, rules[tag].name, tag);
		if (tag != HEADER_LENGTH)
			continue;
		if (n != 2)
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: header: HEADERLENGTH has %u bytes, "
			    "must have 2",
			    off, n);
		w->end = be16(value);
		if (w->end < r.off || w->end > len)
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: HEADERLENGTH is %zu, the file has %zu "
			    "bytes and its header at least %zu",
			    off, w->end, len, r.off);
		return 0;
	}
}

/* Before anything else, since it decides what the rest means. */
static int
check_version(struct walk *w, size_t len)
{
	struct signed_header *h = w->h;

	if (signed_header_version(w->data, len, &h->major, &h->minor, w->e) ==
	    -1)
		return -1;
	if (h->major == w->form->major && h->minor == w->form->minor)
		return 0;
	return err_set(w->e, ERR_FORMAT,
	    "offset 0: header: VERSION is %u.%u, must be %u.%u", h->major,
	    h->minor, w->form->major, w->form->minor);
}

/* Every element that must be there. */
static int
check_complete(struct walk *w)
{
	for (unsigned tag = 1; tag < HEADER_TAGS; tag++)
		if ((w->form->required >> tag & 1) != 0 &&
		    !w->h->element[tag].present)
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: the header ends without %s (tag %u)",
			    w->end, rules[tag].name, tag);
	return 0;
}

static int
check_padding(struct walk *w)
{
	if (w->n_padding > MAX_PADDING)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: the header has %zu bytes of padding, at most "
		    "%d",
		    w->end, w->n_padding, MAX_PADDING);
	if (w->end % 4 != 0)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: HEADERLENGTH is %zu, not a multiple of 4",
		    w->h->element[HEADER_LENGTH].off, w->end);
	return 0;
}

/* A digest's code; the element is one byte long. */
static int
digest_code(struct walk *w, uint8_t tag, enum digest_alg *alg)
{
	const struct element *el = &w->h->element[tag];

	switch (el->value[0]) {
	case DIGEST_SHA1:
		*alg = DIGEST_SHA1;
		return 0;
	case DIGEST_SHA256:
		*alg = DIGEST_SHA256;
		return 0;
	case DIGEST_SHA512:
		*alg = DIGEST_SHA512;
		return 0;
	default:
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: %s is %u, must be 1, 2 or 3", el->off,
		    rules[tag].name, el->value[0]);
	}
}

static int
check_signature_form(struct walk *w)
{
	static const size_t sizes[] = { 64, 128, 256, 512 };
	const struct element *el = w->h->element;
	unsigned code = el[HEADER_SIGNATURE_MODULUS].value[0];

	if (digest_code(w, HEADER_DIGEST_ALG, &w->h->digest) == -1)
		return -1;
	if (el[HEADER_SIGNATURE_ALG].value[0] != 0)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: SIGNATUREALGORTITHM is %u, must be 0 "
		    "(RSA)",
		    el[HEADER_SIGNATURE_ALG].off,
		    el[HEADER_SIGNATURE_ALG].value[0]);
	if (code >= sizeof(sizes) / sizeof(sizes[0]))
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: SIGNATUREMODULUS is %u, must be 0 to "
		    "3",
		    el[HEADER_SIGNATURE_MODULUS].off, code);
	if (el[HEADER_SIGNATURE].len != sizes[code])
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: SIGNATURE has %zu bytes, "
		    "SIGNATUREMODULUS %u means %zu",
		    el[HEADER_SIGNATURE].off, el[HEADER_SIGNATURE].len, code,
		    sizes[code]);
	return 0;
}

/* What other writers' lists and encrypted files have besides. */
static int
check_extras(struct walk *w)
{
	const struct element *el = w->h->element;
	enum digest_alg alg = DIGEST_SHA1;

	if (el[HEADER_SIGNER_VERSION].present &&
	    (el[HEADER_SIGNER_VERSION].value[0] != 1 ||
		el[HEADER_SIGNER_VERSION].value[1] > 1))
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: SIGNERVERSION is %u.%u, must be 1.0 "
		    "or 1.1",
		    el[HEADER_SIGNER_VERSION].off,
		    el[HEADER_SIGNER_VERSION].value[0],
		    el[HEADER_SIGNER_VERSION].value[1]);
	if (el[HEADER_ENC_DIGEST].present &&
	    el[HEADER_ENC_DIGEST_ALG].present) {
		if (digest_code(w, HEADER_ENC_DIGEST_ALG, &alg) == -1)
			return -1;
		if (el[HEADER_ENC_DIGEST].len != digest_size(alg))
			return err_set(w->e, ERR_FORMAT,
			    "offset %zu: header: PLAINHASH has %zu bytes, %s "
			    "has %zu",
			    el[HEADER_ENC_DIGEST].off,
			    el[HEADER_ENC_DIGEST].len, digest_name(alg),
			    digest_size(alg));
	}
	if (el[HEADER_ENC_WRAPPED].present && el[HEADER_ENC_KEY_BITS].present &&
	    be16(el[HEADER_ENC_KEY_BITS].value) !=
		8 * el[HEADER_ENC_WRAPPED].len)
		return err_set(w->e, ERR_FORMAT,
		    "offset %zu: header: KEYBITS is %u, WRAPPEDKEY has %zu "
		    "bytes",
		    el[HEADER_ENC_KEY_BITS].off,
		    be16(el[HEADER_ENC_KEY_BITS].value),
		    el[HEADER_ENC_WRAPPED].len);
	return 0;
}

/* What callers read of a header that is right. */
static void
fill(struct signed_header *h)
{
	const uint8_t *t = h->element[HEADER_TIMESTAMP].value;

	h->timestamp = (uint32_t)be16(t) << 16 | be16(t + 2);
	h->signer_name = (const char *)h->element[HEADER_SIGNER_NAME].value;
	h->ca_name = (const char *)h->element[HEADER_CA_NAME].value;
	h->filename = (const char *)h->element[HEADER_FILENAME].value;
}

int
signed_header_parse(struct signed_header *h, const struct signed_form *form,
    const uint8_t *data, size_t len, struct err *e)
{
	struct walk w = { .h = h, .form = form, .data = data, .e = e };
	struct rbuf r;
	uint8_t container;

	memset(h, 0, sizeof(*h));
	if (check_version(&w, len) == -1 || find_length(&w, len) == -1)
		return -1;
	rbuf_init(&r, data, w.end);
	while (rbuf_left(&r) > 0) {
		if (read_element(&w, &r, 0, 0, &container) == -1)
			return -1;
		if (container != 0 && read_container(&w, container) == -1)
			return -1;
	}
	if (check_complete(&w) == -1 || check_padding(&w) == -1 ||
	    check_signature_form(&w) == -1 || check_extras(&w) == -1)
		return -1;
	h->len = w.end;
	fill(h);
	return 0;
}

int
signed_header_version(const uint8_t *data, size_t len, uint8_t *major,
    uint8_t *minor, struct err *e)
{
	struct rbuf r;
	const uint8_t *value;
	uint16_t n;
	uint8_t tag;

	rbuf_init(&r, data, len);
	if (len == 0)
		return err_set(e, ERR_FORMAT, "offset 0: the file is empty");
	for (;;) {
		size_t off = r.off;

		if (rbuf_u8(&r, &tag) == -1)
			return err_set(e, ERR_FORMAT,
			    "offset %zu: the file ends before VERSION (tag 1)",
			    off);
		if (rule_of(tag) == NULL)
			return err_set(e, ERR_FORMAT,
			    "offset %zu: header: unknown tag %u", off, tag);
		if (tag == HEADER_PADDING)
			continue;
		if (rbuf_be16(&r, &n) == -1 || rbuf_bytes(&r, n, &value) == -1)
			return err_set(e, ERR_FORMAT,
			    "offset %zu: header: %s (tag %u) runs past the end "
			    "of the file",
			    off, rules[tag].name, tag);
		if (tag != HEADER_VERSION)
			continue;
		if (n != 2)
			return err_set(e, ERR_FORMAT,
			    "offset %zu: header: VERSION has %u bytes, must "
			    "have 2",
			    off, n);
		*major = value[0];
		*minor = value[1];
		return 0;
	}
}

bool
signed_header_names(const struct signed_header *h, const struct cert *c)
{
	const struct element *serial = &h->element[HEADER_SERIAL];
	struct err e = ERR_INIT;
	struct outline o;

	return serial->len == c->serial_len &&
	    memcmp(serial->value, c->serial, serial->len) == 0 &&
	    outline_read(&o, c->der, c->der_len, &e) == 0 &&
	    outline_name_fits(&o.issuer, h->ca_name);
}

int
signed_header_check(const struct signed_header *h, const uint8_t *data,
    size_t len, const struct cert *c, struct err *e)
{
	const struct element *el = &h->element[HEADER_SIGNATURE];
	size_t behind = el->off + 3 + el->len;
	struct key_piece signature = { el->value, el->len };
	struct key_piece piece[] = { { data, el->off },
		{ data + behind, len - behind } };

	if (c->key_type != KEY_RSA)
		return err_set(e, ERR_SIGNATURE,
		    "the signature is RSA, the key of %s is not", c->subject);
	return cert_check_signature(c, h->digest, piece, 2, &signature, e);
}
