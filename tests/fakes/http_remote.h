/*
 * Another cluster's HTTP server, as a test wants it to behave.  It runs in
 * the event loop of the test.
 */
#ifndef FAKES_HTTP_REMOTE_H
#define FAKES_HTTP_REMOTE_H

#include <netinet/in.h>

#include <stddef.h>

#define HTTP_REMOTE_ANSWERS 16
#define HTTP_REMOTE_HEAD_SIZE 1024

#define HTTP_REMOTE_ANY "any" /* path, unless a later one says more */

/* Answers that are no bytes. */
#define HTTP_REMOTE_SILENCE "silence"
#define HTTP_REMOTE_CLOSE "close"

struct event_base;

struct http_remote {
	struct event_base *base;
	struct evconnlistener *listener;
	struct sockaddr_in address;
	struct {
		const char *path;
		const char *bytes; /* or one of the two above */
	} answer[HTTP_REMOTE_ANSWERS];
	size_t n;
	size_t connections;
	size_t requests;
	char head[HTTP_REMOTE_HEAD_SIZE]; /* of the last request */
	struct bufferevent *open[256]; /* connections, or NULL */
};

/* Listen on 127.0.0.1; what is not known is answered with 503. */
void http_remote_start(struct http_remote *r, struct event_base *base);

/* From now on the answer to GET path; both lent. */
void http_remote_answer(struct http_remote *r, const char *path,
    const char *bytes);

/* Close all connections. */
void http_remote_hang_up(struct http_remote *r);

/* And listen no more. */
void http_remote_stop(struct http_remote *r);

#endif
