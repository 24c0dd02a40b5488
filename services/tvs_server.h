/*
 * The TVS server: a few threads, each with an event loop and connections of
 * its own, that accept from one socket.  One connection is one request and
 * one answer.
 *
 * A connection of which nothing was heard yet costs a descriptor and a few
 * hundred bytes.  Each thread has room for its part of max_connections, and
 * for a quarter of that from one address; who comes when there is no room
 * takes the place of the oldest one that has been silent, or else of one whose
 * handshake takes its time; of the same address if that has its share already.
 * Nobody else is closed for that: when all are at work, the next ones wait.
 */
#ifndef SERVICES_TVS_SERVER_H
#define SERVICES_TVS_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tvs_exchange.h"
#include "services/tvs_loop.h"
#include "services/tvs_tls.h"

#define TVS_BACKLOG 4096
#define TVS_THREADS_MAX 8

struct tvs_server;

struct tvs_server_config {
	const char *address; /* IPv4 text */
	uint16_t port; /* 0: any free one, for tests */
	size_t max_connections; /* at once, all threads together */
	unsigned threads; /* 1 or more */
	struct tvs_limits limits;
	struct tvs_tls *tls; /* lent until tvs_server_free(), as is x */
	struct tvs_exchange x;
};

/* Bind the socket; nobody can connect yet.  NULL on failure. */
struct tvs_server *tvs_server_new(const struct tvs_server_config *config,
    struct err *e);

/* Listen, and start the threads. */
int tvs_server_start(struct tvs_server *s, struct err *e);

/* The port it is bound to. */
uint16_t tvs_server_port(const struct tvs_server *s);

/* End the threads and close every connection.  NULL-safe. */
void tvs_server_free(struct tvs_server *s);

#endif
