/*
 * A TVS server on a free port of 127.0.0.1 in the world of tvs_world.h.
 */
#ifndef FAKES_TVS_SERVICE_H
#define FAKES_TVS_SERVICE_H

#include "services/tvs_server.h"
#include "tests/fakes/tls_client.h"
#include "tests/fakes/tvs_world.h"

struct tvs_service {
	struct tvs_counters counters;
	struct tvs_trace *trace;
	struct tvs_certs *certs;
	struct tvs_tls *tls;
	struct tvs_server_config config; /* to be changed before the start */
	struct tvs_server *server; /* NULL: not started */
};

/* Everything but the server, and the configuration of one thread. */
void tvs_service_prepare(struct tvs_service *s);

/* Start the server. */
void tvs_service_start(struct tvs_service *s);

/* Stop and free everything. */
void tvs_service_stop(struct tvs_service *s);

/* Wait until a counter has this value. */
void tvs_service_await(const struct tvs_service *s, enum tvs_counter which,
    uint64_t value);

/* A connection from this address that says nothing. */
int tvs_service_connect(const struct tvs_service *s, const char *from);

/* Ask over a fresh connection whether a certificate is known, and get it. */
bool tvs_service_verify(const struct tvs_service *s, const char *from,
    enum tvs_world_cert which);

#endif
