/*
 * What ucm-tvsd counts: any thread adds, one writes run/tvsd.statistics.
 */
#ifndef SERVICES_TVS_COUNTERS_H
#define SERVICES_TVS_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/service_statistics.h"

/* Their keys are in tvs_counters.c, in this order. */
enum tvs_counter {
	TVS_COUNT_CONNECTIONS, /* accepted */
	TVS_COUNT_OPEN, /* now */
	TVS_COUNT_EVICTED, /* silent ones that made room */
	TVS_COUNT_NO_DESCRIPTOR, /* accept() found none */
	TVS_COUNT_SILENT, /* nothing came in time */
	TVS_COUNT_HANDSHAKES,
	TVS_COUNT_RESUMED, /* of these */
	TVS_COUNT_TLS_1_0, /* of these, and so on */
	TVS_COUNT_TLS_1_1,
	TVS_COUNT_TLS_1_2,
	TVS_COUNT_TLS_1_3,
	TVS_COUNT_HANDSHAKE_FAILURES,
	TVS_COUNT_HANDSHAKE_TIMEOUTS,
	TVS_COUNT_VERIFY, /* requests */
	TVS_COUNT_VERIFY_VALID,
	TVS_COUNT_VERIFY_INVALID,
	TVS_COUNT_QUERY,
	TVS_COUNT_QUERY_VALID,
	TVS_COUNT_QUERY_INVALID,
	TVS_COUNT_NOT_UNDERSTOOD,
	TVS_COUNT_REQUEST_TIMEOUTS,
	TVS_COUNT_VANISHED, /* clients, before they had their answer */
	TVS_COUNT_CERTIFICATES, /* known now */
	TVS_COUNT_UNUSABLE, /* rows of the database that are none */
	TVS_COUNT_TABLES, /* read from the database */
	TVS_COUNT_DATABASE_FAILURES,
	TVS_COUNT_TRACE_LOST, /* lines */
	TVS_COUNTERS /* how many */
};

struct tvs_counters {
	_Atomic uint64_t of[TVS_COUNTERS];
};

void tvs_count(struct tvs_counters *c, enum tvs_counter which);
void tvs_uncount(struct tvs_counters *c, enum tvs_counter which);
void tvs_count_set(struct tvs_counters *c, enum tvs_counter which,
    uint64_t value);
uint64_t tvs_count_of(const struct tvs_counters *c, enum tvs_counter which);

/* Give every counter its item. */
void tvs_counters_report(const struct tvs_counters *c,
    struct service_statistics *s);

#endif
