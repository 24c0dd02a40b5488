/*
 * The files of phones by HTTP (port 6970): GET and HEAD, the same names as
 * by TFTP, and nothing else: no listing, no upload.
 *
 * The headers are those phones know from the original: Content-length,
 * "Content-type: * / *" (without the blanks) and "Cache-Control: no-store".
 * A missing file is 503, after which a phone asks again by TFTP; other
 * methods are 405, and a path that is no path, or has a query, 400.
 *
 * A request with the header X-Ucmsh-Forwarded comes from another cluster's
 * Cisco Tftp and is answered from this cluster's files alone.
 */
#ifndef SERVICES_HTTP_SERVER_H
#define SERVICES_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/file_finder.h"

#define HTTP_CONNECTIONS_MAX 4096 /* at a time */
#define HTTP_SOURCE_MAX 256 /* of them, from one address */
#define HTTP_REQUEST_MS 5000 /* from the first to the last byte of one */
#define HTTP_IDLE_MS 15000 /* between two requests of a connection */
#define HTTP_SEND_MS 30000 /* while the client takes nothing */
#define HTTP_HEADERS_MAX 8192 /* bytes, with the request line */

struct event_base;
struct http_server;

/* Numbers that are 0 are those above. */
struct http_server_config {
	const char *address; /* IPv4 text */
	uint16_t port; /* 0: any free one, for tests */
	size_t max_connections;
	size_t max_per_source;
	unsigned request_ms;
	unsigned idle_ms;
	unsigned send_ms;
};

/* Since the start. */
struct http_counters {
	uint64_t connections;
	uint64_t refused_connections; /* above one of the two limits */
	uint64_t timed_out; /* connections that were too slow or idle */
	uint64_t requests;
	uint64_t forwarded; /* of them, from other clusters */
	uint64_t found;
	uint64_t missing;
	uint64_t busy; /* could not be read now */
	uint64_t refused; /* methods and paths that there are not */
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
