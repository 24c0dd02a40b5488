#include "tests/fakes/tvs_service.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"

#define WAIT_MS 60000

void
tvs_service_prepare(struct tvs_service *s)
{
	const struct tvs_trace_settings settings = TVS_TRACE_DEFAULTS;
	struct tvs_certs_config certs = { .poll_ms = 10 };
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	memset(s, 0, sizeof(*s));
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	tvs_world_start();
	s->trace =
	    tvs_trace_new(paths_in(path, "trace"), &settings, &s->counters, &e);
	assert_non_null(s->trace);
	certs.counters = &s->counters;
	certs.trace = s->trace;
	s->certs = tvs_certs_new(&certs, &e);
	assert_non_null(s->certs);
	assert_int_equal(tvs_certs_wait(s->certs, WAIT_MS, &e), 0);
	s->tls = tvs_tls_new(paths_in(path, "certs/TVS.pem"), NODE_TLS_1_2, &e);
	assert_non_null(s->tls);
	s->config = (struct tvs_server_config) { .address = "127.0.0.1",
		.max_connections = 100,
		.threads = 1,
		.tls = s->tls,
		.x = { .certs = s->certs,
		    .counters = &s->counters,
		    .trace = s->trace } };
}

void
tvs_service_start(struct tvs_service *s)
{
	struct err e = ERR_INIT;

	s->server = tvs_server_new(&s->config, &e);
	if (s->server == NULL || tvs_server_start(s->server, &e) == -1)
		fail_msg("%s", e.msg);
}

void
tvs_service_stop(struct tvs_service *s)
{
	tvs_server_free(s->server);
	assert_true(tvs_certs_free(s->certs));
	tvs_trace_free(s->trace);
	tvs_tls_free(s->tls);
	tvs_world_stop();
}

void
tvs_service_await(const struct tvs_service *s, enum tvs_counter which,
    uint64_t value)
{
	int64_t deadline = clock_ticks() + WAIT_MS;

	while (tvs_count_of(&s->counters, which) != value) {
		if (clock_ticks() > deadline)
			fail_msg("counter %d is %llu, not %llu", (int)which,
			    (unsigned long long)tvs_count_of(&s->counters,
				which),
			    (unsigned long long)value);
		(void)usleep(2000);
	}
}

int
tvs_service_connect(const struct tvs_service *s, const char *from)
{
	return tls_client_connect(from, tvs_server_port(s->server));
}

bool
tvs_service_verify(const struct tvs_service *s, const char *from,
    enum tvs_world_cert which)
{
	struct tls_client *c =
	    tls_client_new(tvs_service_connect(s, from), TLS_CLIENT_1_2, NULL);
	struct tvs_message_bytes m;
	uint8_t *answer;
	bool valid;
	size_t n;

	assert_non_null(c);
	tvs_world_verify(which, &m);
	tls_client_send(c, m.data, m.len);
	free(m.data);
	assert_true(tls_client_rest(c, &answer, &n));
	assert_true(n >= 14);
	valid = answer[13] == 0;
	free(answer);
	tls_client_free(c);
	return valid;
}
