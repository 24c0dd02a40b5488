/*
 * The TFTP server: one process, one event loop.  It only reads: a write
 * request is refused.
 *
 * A request is answered with what services/file_finder.h says, at once or
 * when that has its answer; a request that comes again meanwhile asks
 * nothing twice.  Transfers run on sockets of their own
 * (services/tftp_pool.h).
 *
 * Nobody may have all the room there is.  A source address is refused only
 * when 7/8 of all transfers are taken and it holds more than half of them;
 * the last eighth is for everybody else.  So one phone, an office behind
 * one address or another cluster's TFTP server that asks for ten thousand
 * phones is never refused while there is plenty of room, and cannot shut
 * out the others either.  The same goes for requests that wait.
 */
#ifndef SERVICES_TFTP_SERVER_H
#define SERVICES_TFTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/file_finder.h"
#include "services/tftp_counters.h"

#define TFTP_RECEIVE_BUFFER                              \
	(4UL * 1024 * 1024) /* for the storm of requests \
			     */
#define TFTP_RESEND_MS 1000 /* unless the client names a timeout */
#define TFTP_RESENDS 5 /* then the transfer is given up */

struct event_base;
struct tftp_server;

struct tftp_server_config {
	const char *address; /* IPv4 text; every answer comes from here */
	uint16_t port; /* 0: any free one, for tests */
	size_t max_transfers; /* at once; above it requests are refused */
	size_t max_waiting; /* for their file; 0: max_transfers */
	unsigned resend_ms; /* 0: TFTP_RESEND_MS */
};

/*
 * Bind the sockets and serve files from the event loop of base.  base and
 * finder are lent until tftp_server_free().  NULL on failure.
 */
struct tftp_server *tftp_server_new(struct event_base *base,
    const struct tftp_server_config *config, struct file_finder *finder,
    struct err *e);

/*
 * End every transfer, call off what waits and close every socket.
 * NULL-safe.
 */
void tftp_server_free(struct tftp_server *s);

/* The port it listens on. */
uint16_t tftp_server_port(const struct tftp_server *s);

/* Transfers in progress. */
size_t tftp_server_transfers(const struct tftp_server *s);

/* Bytes the kernel granted for requests that are not read yet. */
size_t tftp_server_receive_buffer(const struct tftp_server *s);

/* What has happened since the start, for the statistics. */
void tftp_server_counters(const struct tftp_server *s,
    struct tftp_server_counters *out);

#endif
