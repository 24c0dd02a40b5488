/*
 * show tftp statistics and show tvs statistics: what the two services that
 * phones talk to have counted since their start.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/service_statistics.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "commands/file_layout.h"
#include "commands/table.h"

#define LABEL_WIDTH 48
#define NUMBER_WIDTH 20
#define OTHERS "Others"

/* A line, or without a key a heading. */
struct line {
	const char *key; /* of a counter */
	const char *label;
};

struct service {
	const char *file; /* its name in run/ */
	const char *name;
	const struct line *lines; /* to an empty one */
};

static const struct line tftp_lines[] = {
	{ NULL, "TFTP requests" },
	{ "tftp_requests", "read requests" },
	{ "tftp_requests_repeated", "sent again before they were answered" },
	{ "tftp_requests_waited", "of the read requests: had to wait" },
	{ "tftp_waiting_now", "waiting now" },
	{ "tftp_waiting_most", "waiting at once, at most" },
	{ "tftp_not_found", "refused: there is no such file" },
	{ "tftp_busy", "refused: the file could not be read" },
	{ "tftp_refused_full", "refused: too many at once" },
	{ "tftp_refused_source", "refused: too many from one address" },
	{ "tftp_writes", "refused: requests to write" },
	{ "tftp_malformed", "not understood" },
	{ NULL, "TFTP transfers" },
	{ "tftp_transfers", "begun" },
	{ "tftp_completed", "completed" },
	{ "tftp_failed", "ended by the client" },
	{ "tftp_given_up", "given up: the client was silent" },
	{ "tftp_transfers_now", "in progress now" },
	{ "tftp_transfers_most", "in progress at once, at most" },
	{ "tftp_blocks", "blocks sent" },
	{ "tftp_blocks_resent", "of these sent again" },
	{ "tftp_bytes", "bytes sent" },
	{ "tftp_strangers", "datagrams of somebody else" },
	{ NULL, "Receive buffer for TFTP" },
	{ "tftp_receive_buffer", "bytes granted" },
	{ "tftp_receive_buffer_wanted", "bytes wanted" },
	{ "tftp_requests_dropped", "requests that found no room" },
	{ "tftp_answers_dropped", "acknowledgements that found no room" },
	{ NULL, "HTTP" },
	{ "http_connections", "connections" },
	{ "http_connections_now", "open now" },
	{ "http_connections_refused", "refused: too many at once" },
	{ "http_connections_evicted", "silent, closed to make room" },
	{ "http_timed_out", "closed: silent in the middle" },
	{ "http_requests", "requests" },
	{ "http_forwarded", "of these from other clusters" },
	{ "http_found", "answered with a file" },
	{ "http_missing", "answered: there is no such file" },
	{ "http_busy", "answered: the file could not be read" },
	{ "http_refused", "refused" },
	{ "http_bytes", "bytes sent" },
	{ NULL, "Files of phones" },
	{ "phones", "phones in the database" },
	{ "phone_database", "database answers (1: yes)" },
	{ "phone_files_signed_on_disk", "other files signed" },
	{ "phone_signatures", "signatures made" },
	{ "phone_signatures_reused",
	    "signatures of earlier starts used again" },
	{ "phone_encrypted", "configurations encrypted" },
	{ "phone_waiting_now", "waiting to be made now" },
	{ "phone_failed_now", "cannot be made now" },
	{ "phone_bytes_now", "bytes in memory" },
	{ "phone_pass_ms", "milliseconds the last pass took" },
	{ NULL, "Other clusters" },
	{ "remote_clusters_now", "configured" },
	{ "remote_left_out_now", "left out now: they did not answer" },
	{ "remote_requests", "requests for files that are not here" },
	{ "remote_cached", "of these answered from memory" },
	{ "remote_questions", "asked of a cluster" },
	{ "remote_found", "found there" },
	{ "remote_missing", "not found there" },
	{ "remote_silent", "not answered in time" },
	{ "remote_files_now", "files in memory" },
	{ "remote_bytes_now", "bytes in memory" },
	{ NULL, NULL },
};

static const struct line tvs_lines[] = {
	{ NULL, "Connections" },
	{ "connections", "accepted" },
	{ "connections_open", "open now" },
	{ "connections_evicted", "silent, closed to make room" },
	{ "connections_no_descriptor", "waited for a file descriptor" },
	{ "connections_silent", "closed because nothing came" },
	{ NULL, "TLS handshakes" },
	{ "handshakes", "completed" },
	{ "handshakes_resumed", "of these resumed" },
	{ "handshakes_tls_1.0", "of these TLS 1.0" },
	{ "handshakes_tls_1.1", "of these TLS 1.1" },
	{ "handshakes_tls_1.2", "of these TLS 1.2" },
	{ "handshakes_tls_1.3", "of these TLS 1.3" },
	{ "handshakes_failed", "failed" },
	{ "handshakes_timed_out", "not completed in time" },
	{ NULL, "Requests" },
	{ "verify_requests", "verify" },
	{ "verify_valid", "of these certificate known" },
	{ "verify_invalid", "of these certificate not known" },
	{ "query_requests", "query" },
	{ "query_valid", "of these certificate known" },
	{ "query_invalid", "of these certificate not known" },
	{ "requests_not_understood", "not understood" },
	{ "requests_timed_out", "not complete in time" },
	{ "clients_vanished", "clients gone before their answer" },
	{ NULL, "Certificates" },
	{ "certificates", "known now" },
	{ "certificates_unusable", "unusable in the database" },
	{ "certificates_read", "times read from the database" },
	{ "database_failures", "failures of the database" },
	{ NULL, "Trace" },
	{ "trace_lines_lost", "lines lost" },
	{ NULL, NULL },
};

static void
print_counter(struct out *out, const char *label, uint64_t value)
{
	char number[FILE_LAYOUT_NUMBER_SIZE];

	file_layout_number(number,
	    value > INT64_MAX ? INT64_MAX : (int64_t)value);
	out_printf(out, "  %-*s%*s\n", LABEL_WIDTH, label, NUMBER_WIDTH,
	    number);
}

static bool
has_line(const struct line *l, const char *key)
{
	for (; l->label != NULL; l++) {
		if (l->key != NULL && str_equal(l->key, key))
			return true;
	}
	return false;
}

/* In the table's order; what it does not name comes last. */
static void
print_text(struct out *out, const struct service *s,
    const struct service_statistics *st)
{
	const char *heading = NULL;

	for (const struct line *l = s->lines; l->label != NULL; l++) {
		const uint64_t *value = l->key == NULL ?
		    NULL :
		    service_statistics_value(st, l->key);

		if (l->key == NULL)
			heading = l->label;
		if (value == NULL)
			continue;
		if (heading != NULL)
			out_printf(out, "\n%s\n", heading);
		heading = NULL;
		print_counter(out, l->label, *value);
	}
	heading = OTHERS;
	for (size_t i = 0; i < st->n; i++) {
		if (has_line(s->lines, st->item[i].key))
			continue;
		if (heading != NULL)
			out_printf(out, "\n%s\n", heading);
		heading = NULL;
		print_counter(out, st->item[i].key, st->item[i].value);
	}
}

static void
print(struct out *out, const struct service *s,
    const struct service_statistics *st)
{
	int64_t up = clock_boot() - st->started;
	char since[64];

	clock_format(since, sizeof(since), clock_wall() - up);
	out_printf(out, "%s has been running since %s.\n", s->name, since);
	if (!out_json(out))
		print_text(out, s, st);
	out_object(out, NULL);
	out_string(out, "service", s->name);
	out_bool(out, "running", true);
	out_int(out, "pid", (int64_t)st->pid);
	out_string(out, "since", since);
	out_int(out, "uptime_seconds", up);
	out_object(out, "counters");
	for (size_t i = 0; i < st->n; i++)
		out_int(out, st->item[i].key,
		    st->item[i].value > INT64_MAX ? INT64_MAX :
						    (int64_t)st->item[i].value);
	out_end(out);
	out_end(out);
}

static int
show(const struct cmd_ctx *c, const struct service *s, struct err *e)
{
	struct service_statistics st;

	if (service_statistics_read(s->file, &st, e) == 0) {
		print(c->out, s, &st);
		service_statistics_release(&st);
		return 0;
	}
	if (e->code != ERR_NOT_FOUND && e->code != ERR_STATE)
		return -1;
	err_clear(e);
	out_printf(c->out, "%s is not running on this node.\n", s->name);
	out_object(c->out, NULL);
	out_string(c->out, "service", s->name);
	out_bool(c->out, "running", false);
	out_end(c->out);
	return 0;
}

static int
run_tftp(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const struct service tftp = { "tftpd", "Cisco Tftp",
		tftp_lines };

	(void)a;
	return show(c, &tftp, e);
}

static int
run_tvs(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const struct service tvs = { "tvsd",
		"Cisco Trust Verification Service", tvs_lines };

	(void)a;
	return show(c, &tvs, e);
}

const struct command cmd_show_tftp_statistics = {
	.words = "show tftp statistics",
	.help = "This will show what Cisco Tftp has counted since its start.",
	.more = "Files fetched by TFTP and by HTTP, files signed, and what was "
		"asked of other\nclusters.",
	.example = "show tftp statistics",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run_tftp,
};

const struct command cmd_show_tvs_statistics = {
	.words = "show tvs statistics",
	.help = "This will show what Cisco Trust Verification Service has "
		"counted since its start.",
	.example = "show tvs statistics",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run_tvs,
};
