/*
 * Any bytes a phone may send: what is read from them, also in pieces, and
 * the answer to it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "services/tvs_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_inside(const struct tvs_bytes *b, const uint8_t *data, size_t len)
{
	if (b->len > 0 && (b->data < data || b->data + b->len > data + len))
		BUG("%zu bytes from elsewhere", b->len);
}

static void
check_request(const struct tvs_request *rq, const uint8_t *data, size_t len)
{
	check_inside(&rq->device, data, len);
	check_inside(&rq->certificate, data, len);
	check_inside(&rq->subject, data, len);
	check_inside(&rq->issuer, data, len);
	check_inside(&rq->serial, data, len);
	if (tvs_command_name(rq->command)[0] != 'T')
		BUG("command %d", (int)rq->command);
	if (rq->command == TVS_VERIFY_REQUEST ?
		rq->certificate.len == 0 :
		rq->serial.len == 0 || rq->issuer.len == 0)
		BUG("nothing is asked for");
	if (rq->serial.len > TVS_SERIAL_MAX)
		BUG("a serial number of %zu bytes", rq->serial.len);
}

/* With what was asked for in the place of what was found. */
static void
check_answer(const struct tvs_request *rq)
{
	const bool query = rq->command == TVS_QUERY_REQUEST;
	struct tvs_answer a = { .command = query ? TVS_QUERY_RESPONSE :
						   TVS_VERIFY_RESPONSE,
		.session = rq->session,
		.valid = rq->session % 2 == 0,
		.certificate = rq->issuer,
		.roles = rq->serial,
		.ttl = TVS_TTL };
	struct wbuf w;
	struct rbuf r;
	uint16_t n;

	if (rq->issuer.len > TVS_CERTIFICATE_MAX)
		return;
	wbuf_init(&w, TVS_MESSAGE_MAX);
	tvs_answer_put(&w, &a);
	if (w.failed || w.len < TVS_HEADER_SIZE + 4)
		BUG("an answer of %zu bytes", w.len);
	rbuf_init(&r, w.data + TVS_HEADER_SIZE - 2, 2);
	if (rbuf_be16(&r, &n) == -1 || n + TVS_HEADER_SIZE != (int)w.len)
		BUG("the length of an answer");
	wbuf_release(&w);
}

/* The length is told at once or not yet, and never changes. */
static size_t
length_of(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	size_t have, total, before = 0;

	for (have = 0; have <= len && have <= TVS_HEADER_SIZE; have++) {
		if (tvs_request_length(data, have, &total, &e) == -1) {
			if (e.code != ERR_FORMAT || before != 0)
				BUG("a late refusal");
			return 0;
		}
		if ((total != 0) != (have >= TVS_HEADER_SIZE))
			BUG("a length from %zu bytes", have);
		before = total;
	}
	return before;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const size_t total = length_of(data, len);
	struct err e = ERR_INIT;
	struct tvs_request rq;

	if (tvs_request_parse(&rq, data, len, &e) == -1) {
		if (e.code != ERR_FORMAT || e.msg[0] == '\0')
			BUG("a refusal without reason");
		return 0;
	}
	if (total != len)
		BUG("%zu bytes of %zu were enough", len, total);
	check_request(&rq, data, len);
	check_answer(&rq);
	return 0;
}
