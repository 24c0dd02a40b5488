/*
 * A host name as addresses, within a time: the C library's own look-up can
 * be neither interrupted nor limited.
 */
#ifndef SFTP_RESOLVE_H
#define SFTP_RESOLVE_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* How long somebody waits. */
struct resolve_wait {
	int64_t deadline_ticks; /* a time of clock_ticks() */
	bool (*stop)(void *self); /* ends it early; NULL: nobody does */
	void *self;
};

/*
 * The stream addresses of host and port into *list, free with
 * freeaddrinfo().  -1 with ERR_NOT_FOUND (no such name), ERR_UNREACHABLE (no
 * answer about it), ERR_TIMEOUT or ERR_CANCELLED.
 */
int resolve(const char *host, uint16_t port, const struct resolve_wait *w,
    struct addrinfo **list, struct err *e);

#endif
