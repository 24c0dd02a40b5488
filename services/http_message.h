/*
 * HTTP on the wire, as far as fetching files by name needs it: heads of
 * requests (RFC 9112), without body.
 *
 * libevent's own HTTP server is not used for this: it can neither bound the
 * connections of a source nor the time of a whole request.
 */
#ifndef SERVICES_HTTP_MESSAGE_H
#define SERVICES_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "services/tftp_name.h"

#define HTTP_HEAD_MAX 8192 /* bytes, with the blank line at its end */
#define HTTP_HEADERS_MAX 64

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_OTHER
};

struct http_request {
	enum http_method method;
	/* GET, HEAD: the path as it was meant, without percent signs. */
	char path[TFTP_NAME_SIZE];
	bool keep_alive; /* never after another method: it may have a body */
	bool forwarded; /* with X-Ucmsh-Forwarded */
};

/*
 * The length of the first head in data, or 0 while it has no end.  Empty
 * lines before it belong to it.
 */
size_t http_head_length(const void *data, size_t len);

/*
 * Read a head of http_head_length() bytes.  -1 with ERR_FORMAT: it breaks a
 * rule, or the request has a body, a query, or a path longer than any name.
 * Lines end with CR LF and are not continued.
 */
int http_request_parse(struct http_request *r, const void *head, size_t len,
    struct err *e);

#endif
