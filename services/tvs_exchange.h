/*
 * One request and its answer, with what goes into counters and trace.
 */
#ifndef SERVICES_TVS_EXCHANGE_H
#define SERVICES_TVS_EXCHANGE_H

#include "base/buffer.h"
#include "base/err.h"
#include "services/tvs_certs.h"
#include "services/tvs_counters.h"
#include "services/tvs_trace.h"

struct tvs_exchange {
	struct tvs_certs *certs; /* lent, all of them */
	struct tvs_counters *counters;
	struct tvs_trace *trace;
};

/*
 * Answer a whole request of the phone at address: append the answer to w.
 * -1 when there is none to give, because the request is not understood
 * (ERR_FORMAT) or nothing is known yet (ERR_STATE); that is traced and
 * counted.
 */
int tvs_exchange_answer(const struct tvs_exchange *x, const char *address,
    const struct tvs_bytes *request, struct wbuf *w, struct err *e);

/*
 * Trace and count what is no request: why, and its first bytes.
 * tvs_exchange_answer() does this itself.
 */
void tvs_exchange_refuse(const struct tvs_exchange *x, const char *address,
    const struct tvs_bytes *request, const struct err *why);

#endif
