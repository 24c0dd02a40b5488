/*
 * One thread's part of the TVS server: it accepts from the listening socket
 * that all threads share, and serves what it has accepted.
 */
#ifndef SERVICES_TVS_LOOP_H
#define SERVICES_TVS_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "services/tvs_server.h"

struct tvs_loop;

struct tvs_loop_config {
	const struct tvs_server_config *server; /* lent; nothing in it is 0 */
	int listener; /* non-blocking; lent */
	size_t max_connections; /* this thread's part; 1 or more */
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
