/*
 * A TCP connection made within a deadline.
 */
#ifndef SFTP_TCP_H
#define SFTP_TCP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Connect to an address or host name, trying its addresses one after
 * another.  deadline_ticks is a time of clock_ticks().  The descriptor,
 * non-blocking, close-on-exec and with keep-alive that notices a dead server
 * in about half a minute; or -1 with ERR_UNREACHABLE or ERR_TIMEOUT.
 */
int tcp_connect(const char *host, uint16_t port, int64_t deadline_ticks,
    struct err *e);

/* A way that a person waits for. */
struct tcp_try {
	const char *host;
	uint16_t port;
	int64_t deadline_ticks; /* for the name and all its addresses */
	bool (*stop)(void *self); /* NULL: nobody calls it off */
	void *self;
	/* Filled in: the address that was tried last; "" before the first. */
	char address[INET6_ADDRSTRLEN];
};

/*
 * The same for a host that may have several addresses: each gets its share
 * of the time, so that one that is silent does not hide the next.  -1 also
 * with ERR_NOT_FOUND (there is no such name) and ERR_CANCELLED; the message
 * does not name the host.
 */
int tcp_try(struct tcp_try *t, struct err *e);

#endif
