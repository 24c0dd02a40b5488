#include "services/tftpd_statistics.h"

#include <stddef.h>
#include <string.h>

#define TFTP(field) offsetof(struct tftpd_counters, tftp.field)
#define HTTP(field) offsetof(struct tftpd_counters, http.field)
#define STORE(field) offsetof(struct tftpd_counters, store.field)
#define REMOTE(field) offsetof(struct tftpd_counters, remotes.field)

/* Each is an uint64_t; commands/show_statistics.c says what they mean. */
static const struct statistic {
	const char *key;
	size_t offset; /* in struct tftpd_counters */
} statistics[] = {
	{ "tftp_requests", TFTP(requests) },
	{ "tftp_requests_repeated", TFTP(requests_repeated) },
	{ "tftp_requests_waited", TFTP(requests_waited) },
	{ "tftp_malformed", TFTP(malformed) },
	{ "tftp_writes", TFTP(writes) },
	{ "tftp_not_found", TFTP(not_found) },
	{ "tftp_busy", TFTP(busy) },
	{ "tftp_refused_full", TFTP(refused_full) },
	{ "tftp_refused_source", TFTP(refused_source) },
	{ "tftp_transfers", TFTP(transfers) },
	{ "tftp_completed", TFTP(completed) },
	{ "tftp_failed", TFTP(failed) },
	{ "tftp_given_up", TFTP(given_up) },
	{ "tftp_blocks", TFTP(blocks) },
	{ "tftp_blocks_resent", TFTP(blocks_resent) },
	{ "tftp_bytes", TFTP(bytes) },
	{ "tftp_strangers", TFTP(strangers) },
	{ "tftp_transfers_now", TFTP(transfers_now) },
	{ "tftp_waiting_now", TFTP(waiting_now) },
	{ "tftp_transfers_most", TFTP(transfers_most) },
	{ "tftp_waiting_most", TFTP(waiting_most) },
	{ "tftp_receive_buffer", TFTP(receive_buffer) },
	{ "tftp_receive_buffer_wanted", TFTP(receive_buffer_wanted) },
	{ "tftp_requests_dropped", TFTP(requests_dropped) },
	{ "tftp_answers_dropped", TFTP(answers_dropped) },
	{ "http_connections", HTTP(connections) },
	{ "http_connections_refused", HTTP(refused_connections) },
	{ "http_connections_evicted", HTTP(made_room) },
	{ "http_timed_out", HTTP(timed_out) },
	{ "http_requests", HTTP(requests) },
	{ "http_forwarded", HTTP(forwarded) },
	{ "http_found", HTTP(found) },
	{ "http_missing", HTTP(missing) },
	{ "http_busy", HTTP(busy) },
	{ "http_refused", HTTP(refused) },
	{ "http_bytes", HTTP(bytes) },
	{ "http_connections_now", HTTP(open) },
	{ "phones", STORE(phones) },
	{ "phone_files_signed_on_disk", STORE(files) },
	{ "phone_signatures", STORE(signed_files) },
	{ "phone_signatures_reused", STORE(reused) },
	{ "phone_encrypted", STORE(encrypted) },
	{ "phone_failed_now", STORE(failed) },
	{ "phone_waiting_now", STORE(waiting) },
	{ "phone_bytes_now", STORE(bytes) },
	{ "phone_pass_ms", STORE(pass_ms) },
	{ "remote_requests", REMOTE(requests) },
	{ "remote_cached", REMOTE(cached) },
	{ "remote_questions", REMOTE(questions) },
	{ "remote_found", REMOTE(found) },
	{ "remote_missing", REMOTE(missing) },
	{ "remote_silent", REMOTE(silent) },
	{ "remote_clusters_now", REMOTE(clusters) },
	{ "remote_left_out_now", REMOTE(left_out) },
	{ "remote_files_now", REMOTE(kept_files) },
	{ "remote_bytes_now", REMOTE(kept_bytes) },
};

void
tftpd_statistics_set(struct service_statistics *st,
    const struct tftpd_counters *counters)
{
	const char *base = (const char *)counters;
	size_t i;

	for (i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++) {
		uint64_t value;

		memcpy(&value, base + statistics[i].offset, sizeof(value));
		service_statistics_set(st, statistics[i].key, value);
	}
	service_statistics_set(st, "phone_database",
	    counters->store.database ? 1 : 0);
}
