#include "services/tvs_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define SHOWN_NAME 512
#define SHOWN_DEVICE 128
#define SHOWN_BYTES 64 /* of a request that is not understood */

/* A request on its way to its answer. */
struct work {
	const struct tvs_exchange *x;
	const char *address;
	struct tvs_request rq;
	struct tvs_trace_lines lines;
};

#define DEBUG(w, ...)                                                 \
	tvs_trace_add((w)->x->trace, &(w)->lines, TVS_TRACE_DETAILED, \
	    __VA_ARGS__)

/* A text as printf() wants it: its end at the first NUL. */
static const char *
text_of(char *dst, size_t size, const struct tvs_bytes *b)
{
	const size_t n = b->len < size ? b->len : size - 1;

	if (n > 0)
		memcpy(dst, b->data, n);
	dst[n] = '\0';
	return dst;
}

static const char *
device_of(const struct work *w, char device[SHOWN_DEVICE])
{
	return w->rq.device.len == 0 ?
	    "a phone" :
	    text_of(device, SHOWN_DEVICE, &w->rq.device);
}

static void
trace_request(struct work *w)
{
	char device[SHOWN_DEVICE];

	DEBUG(w, "MsgType : %s", tvs_command_name(w->rq.command));
	DEBUG(w, "%s: Session id 0x%x from %s", w->address,
	    (unsigned)w->rq.session, device_of(w, device));
}

static void
trace_query(struct work *w)
{
	char text[SHOWN_NAME], hex[2 * TVS_SERIAL_MAX + 1];
	size_t i;

	str_hex(hex, w->rq.serial.data, w->rq.serial.len);
	for (i = 0; hex[i] != '\0'; i++) {
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	}
	if (w->rq.subject.len > 0)
		DEBUG(w, "subjectName : %s and Length: %zu",
		    text_of(text, sizeof(text), &w->rq.subject),
		    w->rq.subject.len);
	DEBUG(w, "issuerName : %s and Length: %zu",
	    text_of(text, sizeof(text), &w->rq.issuer), w->rq.issuer.len);
	DEBUG(w, "serialNumber : %s and Length: %zu", hex, w->rq.serial.len);
}

static void
trace_found(struct work *w, const struct tvs_cert *c)
{
	if (w->rq.command == TVS_VERIFY_REQUEST && c != NULL)
		DEBUG(w,
		    "tvsGetIssuerNameFromX509 - issuerName : %s and Length: "
		    "%zu",
		    c->cert->issuer, strlen(c->cert->issuer));
	if (c == NULL) {
		DEBUG(w,
		    "CertificateDBCACHE::getCertificateInformation - "
		    "Certificate not found");
		return;
	}
	DEBUG(w,
	    "CertificateDBCACHE::getCertificateInformation - Certificate "
	    "compare return =0");
	DEBUG(w,
	    "CertificateDBCACHE::getCertificateInformation - Certificate "
	    "found and equal");
}

static void
count(const struct work *w, bool valid)
{
	struct tvs_counters *n = w->x->counters;

	if (w->rq.command == TVS_VERIFY_REQUEST) {
		tvs_count(n, TVS_COUNT_VERIFY);
		tvs_count(n,
		    valid ? TVS_COUNT_VERIFY_VALID : TVS_COUNT_VERIFY_INVALID);
	} else {
		tvs_count(n, TVS_COUNT_QUERY);
		tvs_count(n,
		    valid ? TVS_COUNT_QUERY_VALID : TVS_COUNT_QUERY_INVALID);
	}
}

/* What a phone will not trust is worth a line at every level but Error. */
static void
trace_answer(struct work *w, const struct tvs_answer *a)
{
	DEBUG(w, "MsgType : %s", tvs_command_name(a->command));
	if (!a->valid) {
		char device[SHOWN_DEVICE];

		tvs_trace_add(w->x->trace, &w->lines, TVS_TRACE_SIGNIFICANT,
		    "%s: the certificate that %s asked for is not known",
		    w->address, device_of(w, device));
	}
}

static void
put_answer(struct work *w, const struct tvs_cert *c, struct wbuf *out)
{
	const bool verify = w->rq.command == TVS_VERIFY_REQUEST;
	struct tvs_answer a = { .command = verify ? TVS_VERIFY_RESPONSE :
						    TVS_QUERY_RESPONSE,
		.session = w->rq.session,
		.valid = c != NULL };

	if (c != NULL) {
		a.certificate =
		    (struct tvs_bytes) { c->cert->der, c->cert->der_len };
		a.roles = (struct tvs_bytes) { c->role, c->n_roles };
		a.ttl = c->ttl;
	}
	tvs_answer_put(out, &a);
	count(w, a.valid);
	trace_answer(w, &a);
}

static int
answer(struct work *w, struct wbuf *out, struct err *e)
{
	const struct tvs_table *table = tvs_certs_take(w->x->certs);
	const struct tvs_request *rq = &w->rq;
	const struct tvs_cert *c;

	if (table == NULL)
		return err_set(e, ERR_STATE, "no certificates are known yet");
	trace_request(w);
	if (rq->command == TVS_VERIFY_REQUEST) {
		c = tvs_table_verify(table, &rq->certificate);
	} else {
		trace_query(w);
		c = tvs_table_query(table, &rq->serial, &rq->issuer,
		    &rq->subject);
	}
	trace_found(w, c);
	put_answer(w, c, out);
	tvs_certs_give(w->x->certs, table);
	return 0;
}

void
tvs_exchange_refuse(const struct tvs_exchange *x, const char *address,
    const struct tvs_bytes *request, const struct err *why)
{
	char seen[SHOWN_NAME];

	tvs_count(x->counters, TVS_COUNT_NOT_UNDERSTOOD);
	if (!tvs_trace_wants(x->trace, TVS_TRACE_ERROR))
		return;
	str_hex(seen, request->data,
	    request->len < SHOWN_BYTES ? request->len : SHOWN_BYTES);
	tvs_trace_line(x->trace, TVS_TRACE_ERROR,
	    "%s: not understood: %s; %zu bytes, %s%s", address, why->msg,
	    request->len, seen, request->len > SHOWN_BYTES ? "..." : "");
}

int
tvs_exchange_answer(const struct tvs_exchange *x, const char *address,
    const struct tvs_bytes *request, struct wbuf *w, struct err *e)
{
	struct work work;

	work.x = x;
	work.address = address;
	tvs_trace_begin(&work.lines);
	if (tvs_request_parse(&work.rq, request->data, request->len, e) == -1) {
		tvs_exchange_refuse(x, address, request, e);
		return -1;
	}
	if (answer(&work, w, e) == -1) {
		tvs_trace_line(x->trace, TVS_TRACE_ERROR, "%s: %s", address,
		    e->msg);
		return -1;
	}
	tvs_trace_put(x->trace, &work.lines);
	return 0;
}
