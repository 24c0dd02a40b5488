/*
 * A TCP connection made within a deadline.
 */
#ifndef SFTP_TCP_H
#define SFTP_TCP_H

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

#endif
