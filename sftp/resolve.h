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

/*
 * The stream addresses of host and port into *list, free with
 * freeaddrinfo().  Gives up at deadline_ticks, a time of clock_ticks(), and
 * soon after stop(self) (NULL: nobody does) is true.  -1 with ERR_NOT_FOUND
 * (no such name), ERR_UNREACHABLE (no answer about it), ERR_TIMEOUT or
 * ERR_CANCELLED.
 */
int resolve(const char *host, uint16_t port, int64_t deadline_ticks,
    bool (*stop)(void *self), void *self, struct addrinfo **list,
    struct err *e);

#endif
