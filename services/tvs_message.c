#include "services/tvs_message.h"

#include <string.h>

#define TVS_PROTOCOL 0x57
#define TVS_VERSION 1

#define DEVICE_KIND 1 /* before the name of a device */
#define STATUS_VALID 0
#define STATUS_INVALID 1

enum tag {
	TAG_DEVICE = 1,
	TAG_CERTIFICATE = 2,
	TAG_SUBJECT = 3,
	TAG_ISSUER = 4,
	TAG_SERIAL = 5,
	TAG_STATUS = 7,
	TAG_ROLES = 8,
	TAG_TTL = 9,
	TAGS /* those above are not known */
};

const char *
tvs_command_name(enum tvs_command command)
{
	switch (command) {
	case TVS_VERIFY_REQUEST:
		return "TVS_MSG_CERT_VERIFICATION_REQ";
	case TVS_VERIFY_RESPONSE:
		return "TVS_MSG_CERT_VERIFICATION_RES";
	case TVS_QUERY_REQUEST:
		return "TVS_MSG_QUERY_CERT_REQ";
	case TVS_QUERY_RESPONSE:
		return "TVS_MSG_QUERY_CERT_RES";
	}
	BUG("no command %d", (int)command);
}

/* The header, as far as it is there; *elements is their length. */
static int
get_header(struct rbuf *r, struct tvs_request *rq, uint16_t *elements,
    struct err *e)
{
	uint8_t protocol = TVS_PROTOCOL, version = TVS_VERSION;
	uint8_t command = TVS_VERIFY_REQUEST, unused;

	*elements = 0;
	(void)rbuf_u8(r, &protocol);
	(void)rbuf_u8(r, &version);
	(void)rbuf_u8(r, &command);
	if (protocol != TVS_PROTOCOL)
		return err_set(e, ERR_FORMAT, "header: protocol 0x%02x",
		    protocol);
	if (version != TVS_VERSION)
		return err_set(e, ERR_FORMAT, "header: version %u", version);
	if (command != TVS_VERIFY_REQUEST && command != TVS_QUERY_REQUEST)
		return err_set(e, ERR_FORMAT,
		    "header: command %u is no "
		    "request",
		    command);
	rq->command = (enum tvs_command)command;
	if (rbuf_u8(r, &unused) == 0 && rbuf_be32(r, &rq->session) == 0)
		(void)rbuf_be16(r, elements);
	return 0;
}

int
tvs_request_length(const void *p, size_t len, size_t *total, struct err *e)
{
	struct tvs_request rq = { .session = 0 };
	uint16_t elements;
	struct rbuf r;

	*total = 0;
	rbuf_init(&r, p, len);
	if (get_header(&r, &rq, &elements, e) == -1)
		return -1;
	if (len >= TVS_HEADER_SIZE)
		*total = TVS_HEADER_SIZE + (size_t)elements;
	return 0;
}

/* A name without the NUL that counts as part of it. */
static int
take_name(struct tvs_bytes *out, const struct tvs_bytes *value,
    const char *what, struct err *e)
{
	*out = *value;
	if (out->len > 0 && out->data[out->len - 1] == '\0')
		out->len--;
	if (out->len > 0 && memchr(out->data, '\0', out->len) != NULL)
		return err_set(e, ERR_FORMAT, "%s: a NUL inside", what);
	return 0;
}

static int
take_serial(struct tvs_bytes *out, const struct tvs_bytes *value, struct err *e)
{
	*out = *value;
	while (out->len > 1 && out->data[0] == 0) {
		out->data++;
		out->len--;
	}
	if (out->len == 0 || out->len > TVS_SERIAL_MAX)
		return err_set(e, ERR_FORMAT, "serial number: %zu bytes",
		    out->len);
	return 0;
}

/* Only for the trace: one that is not understood is none. */
static void
take_device(struct tvs_bytes *out, const struct tvs_bytes *value)
{
	if (value->len < 1 || value->data[0] != DEVICE_KIND)
		return;
	out->data = value->data + 1;
	out->len = value->len - 1;
	if (out->len > 0 && out->data[out->len - 1] == '\0')
		out->len--;
}

static int
take_element(struct tvs_request *rq, unsigned tag,
    const struct tvs_bytes *value, struct err *e)
{
	const bool query = rq->command == TVS_QUERY_REQUEST;

	switch (tag) {
	case TAG_DEVICE:
		take_device(&rq->device, value);
		return 0;
	case TAG_CERTIFICATE:
		if (!query)
			rq->certificate = *value;
		return 0;
	case TAG_SUBJECT:
		return query ?
		    take_name(&rq->subject, value, "subject name", e) :
		    0;
	case TAG_ISSUER:
		return query ? take_name(&rq->issuer, value, "issuer name", e) :
			       0;
	case TAG_SERIAL:
		return query ? take_serial(&rq->serial, value, e) : 0;
	default:
		return 0;
	}
}

static int
get_elements(struct rbuf *r, struct tvs_request *rq, struct err *e)
{
	bool seen[TAGS] = { false };

	while (rbuf_left(r) > 0) {
		const size_t at = r->off;
		struct tvs_bytes value;
		uint16_t len;
		uint8_t tag;

		if (rbuf_u8(r, &tag) == -1 || rbuf_be16(r, &len) == -1)
			return err_set(e, ERR_FORMAT,
			    "offset %zu: an element's header is cut", at);
		if (rbuf_bytes(r, len, &value.data) == -1)
			return err_set(e, ERR_FORMAT,
			    "offset %zu: element %u of %u bytes, %zu are left",
			    at, tag, len, rbuf_left(r));
		value.len = len;
		if (tag < TAGS && seen[tag])
			return err_set(e, ERR_FORMAT,
			    "offset %zu: element %u a second time", at, tag);
		if (tag < TAGS)
			seen[tag] = true;
		if (take_element(rq, tag, &value, e) == -1)
			return err_wrap(e, "offset %zu", at);
	}
	return 0;
}

int
tvs_request_parse(struct tvs_request *rq, const void *p, size_t len,
    struct err *e)
{
	uint16_t elements;
	struct rbuf r;

	memset(rq, 0, sizeof(*rq));
	rbuf_init(&r, p, len);
	if (get_header(&r, rq, &elements, e) == -1)
		return -1;
	if (len != TVS_HEADER_SIZE + (size_t)elements)
		return err_set(e, ERR_FORMAT,
		    "header: %u bytes of elements in a message of %zu",
		    elements, len);
	if (get_elements(&r, rq, e) == -1)
		return -1;
	if (rq->command == TVS_VERIFY_REQUEST && rq->certificate.len == 0)
		return err_set(e, ERR_FORMAT, "no certificate to verify");
	if (rq->command == TVS_QUERY_REQUEST &&
	    (rq->issuer.len == 0 || rq->serial.len == 0))
		return err_set(e, ERR_FORMAT,
		    "no issuer or no serial number to look for");
	return 0;
}

static void
put_element(struct wbuf *w, enum tag tag, const struct tvs_bytes *value)
{
	wbuf_u8(w, (uint8_t)tag);
	wbuf_be16(w, (uint16_t)value->len);
	if (value->len > 0)
		wbuf_bytes(w, value->data, value->len);
}

void
tvs_answer_put(struct wbuf *w, const struct tvs_answer *a)
{
	const uint8_t status = a->valid ? STATUS_VALID : STATUS_INVALID;
	const size_t start = w->len;

	if (a->certificate.len > TVS_CERTIFICATE_MAX ||
	    a->roles.len > TVS_ROLES_MAX)
		BUG("an answer of %zu bytes and %zu roles", a->certificate.len,
		    a->roles.len);
	wbuf_u8(w, TVS_PROTOCOL);
	wbuf_u8(w, TVS_VERSION);
	wbuf_u8(w, (uint8_t)a->command);
	wbuf_u8(w, 0);
	wbuf_be32(w, a->session);
	wbuf_be16(w, 0);
	put_element(w, TAG_STATUS, &(struct tvs_bytes) { &status, 1 });
	if (a->valid) {
		if (a->command == TVS_QUERY_RESPONSE)
			put_element(w, TAG_CERTIFICATE, &a->certificate);
		put_element(w, TAG_ROLES, &a->roles);
		wbuf_u8(w, TAG_TTL);
		wbuf_be16(w, 4);
		wbuf_be32(w, a->ttl);
	}
	if (!w->failed)
		wbuf_patch_be16(w, start + TVS_HEADER_SIZE - 2,
		    (uint16_t)(w->len - start - TVS_HEADER_SIZE));
}
