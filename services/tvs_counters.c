#include "services/tvs_counters.h"

static const char *const keys[TVS_COUNTERS] = {
	[TVS_COUNT_CONNECTIONS] = "connections",
	[TVS_COUNT_OPEN] = "connections_open",
	[TVS_COUNT_EVICTED] = "connections_evicted",
	[TVS_COUNT_NO_DESCRIPTOR] = "connections_no_descriptor",
	[TVS_COUNT_SILENT] = "connections_silent",
	[TVS_COUNT_HANDSHAKES] = "handshakes",
	[TVS_COUNT_RESUMED] = "handshakes_resumed",
	[TVS_COUNT_TLS_1_0] = "handshakes_tls_1.0",
	[TVS_COUNT_TLS_1_1] = "handshakes_tls_1.1",
	[TVS_COUNT_TLS_1_2] = "handshakes_tls_1.2",
	[TVS_COUNT_TLS_1_3] = "handshakes_tls_1.3",
	[TVS_COUNT_HANDSHAKE_FAILURES] = "handshakes_failed",
	[TVS_COUNT_HANDSHAKE_TIMEOUTS] = "handshakes_timed_out",
	[TVS_COUNT_VERIFY] = "verify_requests",
	[TVS_COUNT_VERIFY_VALID] = "verify_valid",
	[TVS_COUNT_VERIFY_INVALID] = "verify_invalid",
	[TVS_COUNT_QUERY] = "query_requests",
	[TVS_COUNT_QUERY_VALID] = "query_valid",
	[TVS_COUNT_QUERY_INVALID] = "query_invalid",
	[TVS_COUNT_NOT_UNDERSTOOD] = "requests_not_understood",
	[TVS_COUNT_REQUEST_TIMEOUTS] = "requests_timed_out",
	[TVS_COUNT_VANISHED] = "clients_vanished",
	[TVS_COUNT_CERTIFICATES] = "certificates",
	[TVS_COUNT_UNUSABLE] = "certificates_unusable",
	[TVS_COUNT_TABLES] = "certificates_read",
	[TVS_COUNT_DATABASE_FAILURES] = "database_failures",
	[TVS_COUNT_TRACE_LOST] = "trace_lines_lost",
};

void
tvs_count(struct tvs_counters *c, enum tvs_counter which)
{
	(void)atomic_fetch_add_explicit(&c->of[which], 1, memory_order_relaxed);
}

void
tvs_uncount(struct tvs_counters *c, enum tvs_counter which)
{
	(void)atomic_fetch_sub_explicit(&c->of[which], 1, memory_order_relaxed);
}

void
tvs_count_set(struct tvs_counters *c, enum tvs_counter which, uint64_t value)
{
	atomic_store_explicit(&c->of[which], value, memory_order_relaxed);
}

uint64_t
tvs_count_of(const struct tvs_counters *c, enum tvs_counter which)
{
	return atomic_load_explicit(&c->of[which], memory_order_relaxed);
}

void
tvs_counters_report(const struct tvs_counters *c, struct service_statistics *s)
{
	size_t i;

	for (i = 0; i < TVS_COUNTERS; i++)
		service_statistics_set(s, keys[i],
		    tvs_count_of(c, (enum tvs_counter)i));
}
