/*
 * The files of phones by HTTP (port 6970): GET and HEAD, the same names as
 * by TFTP, and nothing else: no listing, no upload.
 *
 * A missing file is 503, after which a phone asks again by TFTP; one that
 * cannot be read just now is 503 too, but with a Retry-After.  Other methods
 * are 405, and what is no request for a name at all is 400.  The headers of
 * an answer are those phones know from the original: Content-length,
 * Cache-Control "no-store", and as Content-type a star, a slash and a star.
 *
 * A request with the header X-Ucmsh-Forwarded comes from another cluster's
 * Cisco Tftp and is answered from this cluster's files alone.
 *
 * Time and number of connections are bounded; one source, which may be an
 * office behind one address, has at most half of them.  When all are taken,
 * the one that has been silent for longest makes room.
 */
#ifndef SERVICES_HTTP_SERVER_H
#define SERVICES_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/file_finder.h"

#define HTTP_CONNECTIONS_MAX 4096 /* at a time */
#define HTTP_REQUEST_MS 5000 /* from the first to the last byte of one */
#define HTTP_IDLE_MS 15000 /* before the first byte of the next one */
/* While a client takes nothing; all of a file, and one ms for each byte. */
#define HTTP_SEND_MS 30000

struct event_base;
struct http_server;

/* Numbers that are 0 are those above. */
struct http_server_config {
	const char *address; /* IPv4 text */
	uint16_t port; /* 0: any free one, for tests */
	size_t max_connections;
	size_t max_per_source; /* 0: half of them */
	unsigned request_ms;
	unsigned idle_ms;
	unsigned send_ms;
};

/* Since the start, and now. */
struct http_counters {
	uint64_t connections;
	uint64_t refused_connections; /* above one of the two limits */
	uint64_t made_room; /* silent ones that were closed for others */
	uint64_t timed_out; /* in the middle of a request or a file */
	uint64_t requests;
	uint64_t forwarded; /* of them, from other clusters */
	uint64_t found;
	uint64_t missing;
	uint64_t busy; /* could not be read just then */
	uint64_t refused; /* 400 and 405 */
	uint64_t bytes; /* of files that were found */
	uint64_t open; /* connections now */
};

/*
 * Listen, and serve from the event loop of base.  base and finder are lent
 * until http_server_free().  NULL on failure.
 */
struct http_server *http_server_new(struct event_base *base,
    const struct http_server_config *config, struct file_finder *finder,
    struct err *e);

/* Close every connection.  NULL-safe. */
void http_server_free(struct http_server *s);

/* The port it listens on. */
uint16_t http_server_port(const struct http_server *s);

void http_server_counters(const struct http_server *s,
    struct http_counters *out);

#endif
