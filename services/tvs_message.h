/*
 * TVS on the wire (doc/FORMAT.tvs): one request of a phone and its answer.
 *
 * The reader is strict about structure: lengths, elements given twice,
 * elements a command needs.  Elements it does not know are skipped, and what
 * only goes into the trace, the device name, never costs a phone its answer.
 */
#ifndef SERVICES_TVS_MESSAGE_H
#define SERVICES_TVS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"

#define TVS_HEADER_SIZE 10
#define TVS_MESSAGE_MAX (TVS_HEADER_SIZE + UINT16_MAX)
#define TVS_SERIAL_MAX 20
#define TVS_ROLES_MAX 64 /* of one certificate */
/* A certificate that fits an answer beside everything else. */
#define TVS_CERTIFICATE_MAX 65000
#define TVS_TTL 86400 /* seconds, unless the database says otherwise */

enum tvs_command {
	TVS_VERIFY_REQUEST = 1,
	TVS_VERIFY_RESPONSE = 2,
	TVS_QUERY_REQUEST = 3,
	TVS_QUERY_RESPONSE = 4
};

/* Bytes of the message or of the store, lent. */
struct tvs_bytes {
	const uint8_t *data;
	size_t len;
};

/* Elements that were not there have the length 0. */
struct tvs_request {
	enum tvs_command command; /* one of the two requests */
	uint32_t session;
	struct tvs_bytes device; /* text of a stranger */
	struct tvs_bytes certificate; /* of a verify request */
	/* of a query request; names without their NUL */
	struct tvs_bytes subject; /* length 0: any */
	struct tvs_bytes issuer;
	struct tvs_bytes serial; /* no leading zero byte */
};

struct tvs_answer {
	enum tvs_command command; /* one of the two responses */
	uint32_t session;
	bool valid; /* else nothing below counts */
	struct tvs_bytes certificate; /* of a query response */
	struct tvs_bytes roles;
	uint32_t ttl;
};

/* "TVS_MSG_CERT_VERIFICATION_REQ", …: as traces name them. */
const char *tvs_command_name(enum tvs_command command);

/*
 * How long the request is that begins with these bytes: 0 with *total, which
 * is 0 while there are too few of them to tell.  -1 with ERR_FORMAT: this is
 * no request.
 */
int tvs_request_length(const void *p, size_t len, size_t *total, struct err *e);

/*
 * Read one whole request of exactly len bytes, which *rq then points into.
 * -1 with ERR_FORMAT; texts of the message appear in e visibly only.
 */
int tvs_request_parse(struct tvs_request *rq, const void *p, size_t len,
    struct err *e);

/* Append the answer to w. */
void tvs_answer_put(struct wbuf *w, const struct tvs_answer *a);

#endif
