/*
 * What tvs_loop.c, which lets connections in and watches their time, and
 * tvs_connection.c, which talks to one of them, have in common.
 */
#ifndef SERVICES_TVS_LOOP_PRIV_H
#define SERVICES_TVS_LOOP_PRIV_H

#include <netinet/in.h>
#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "services/tvs_loop.h"

#define TVS_READ_SIZE 16384 /* a record */
#define TVS_BUCKETS 1024 /* of addresses, a power of two */

struct event;
struct event_base;

/* One address, while it has connections. */
struct tvs_source {
	LIST_ENTRY(tvs_source) entry;
	struct in_addr address;
	size_t connections;
};

/* What a connection waits for; each has a queue, the oldest one first. */
enum tvs_state {
	TVS_SILENT, /* its first byte */
	TVS_HANDSHAKE,
	TVS_REQUEST,
	TVS_ANSWER, /* until it is sent */
	TVS_CLOSING, /* the other side to close */
	TVS_STATES
};

struct tvs_connection {
	TAILQ_ENTRY(tvs_connection) entry; /* in the queue of its state */
	struct tvs_loop *loop;
	struct tvs_source *source;
	enum tvs_state state;
	int fd;
	bool writing; /* it waits until it can write */
	int64_t deadline; /* clock_ticks() */
	struct event *event;
	struct tvs_session *session; /* NULL: not yet, or no more */
	struct wbuf in; /* a request that came in pieces */
	struct wbuf out; /* the answer */
};

TAILQ_HEAD(tvs_queue, tvs_connection);
LIST_HEAD(tvs_bucket, tvs_source);

struct tvs_loop {
	struct tvs_loop_config config;
	struct event_base *base;
	struct event *accepting;
	struct event *pause;
	struct event *tick;
	struct event *stopped;
	int stop_fd;
	size_t connections;
	struct tvs_queue queue[TVS_STATES];
	struct tvs_bucket bucket[TVS_BUCKETS];
	uint8_t record[TVS_READ_SIZE]; /* what was just read */
};

/* How long a connection may be in this state. */
unsigned tvs_limit_ms(const struct tvs_limits *m, enum tvs_state state);

/*
 * A connection over fd, which it takes over, as it takes over one of source's
 * connections.  NULL when the loop has no place for it: it is closed then.
 */
struct tvs_connection *tvs_connection_new(struct tvs_loop *l,
    struct tvs_source *source, int fd);

/* Close it, whatever it does. */
void tvs_connection_free(struct tvs_connection *c);

/* Trace what went wrong with it. */
void tvs_connection_trace(const struct tvs_connection *c, const char *text);

/* source has one connection less, and may be gone. */
void tvs_source_give(struct tvs_source *s);

#endif
