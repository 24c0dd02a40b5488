/*
 * One thread's part of the TVS server: it accepts from the listening socket
 * that all threads share, and serves what it has accepted.
 */
#ifndef SERVICES_TVS_LOOP_H
#define SERVICES_TVS_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "services/tvs_exchange.h"
#include "services/tvs_tls.h"

#define TVS_SILENT_MS 60000
#define TVS_HANDSHAKE_MS 10000
#define TVS_REQUEST_MS 10000
#define TVS_CLOSE_MS 2000
#define TVS_HASTE_MS 1000

/* How long a connection may take, in ms; 0: as above. */
struct tvs_limits {
	unsigned silent; /* for the first byte to come */
	unsigned handshake; /* from the first byte on */
	unsigned request; /* from the handshake to the answer, then again */
	unsigned close; /* for the other side to close, too */
	unsigned haste; /* for a phone that has just come; it keeps its place */
};

struct tvs_loop;

struct tvs_loop_config {
	int listener; /* non-blocking; lent, as are tls and x */
	size_t max_connections; /* this thread's part; 1 or more */
	struct tvs_limits limits;
	struct tvs_tls *tls;
	struct tvs_exchange x;
};

struct tvs_loop *tvs_loop_new(const struct tvs_loop_config *config,
    struct err *e);

/* Until tvs_loop_stop().  0, or -1 when the event loop failed. */
int tvs_loop_run(struct tvs_loop *l);

/* From any thread. */
void tvs_loop_stop(struct tvs_loop *l);

/* Close its connections.  NULL-safe. */
void tvs_loop_free(struct tvs_loop *l);

#endif
