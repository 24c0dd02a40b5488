/*
 * The TFTP server: one process, one event loop, a socket (TID) for each
 * transfer.  It only reads: a write request is refused.
 */
#ifndef SERVICES_TFTP_SERVER_H
#define SERVICES_TFTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_files.h"

#define TFTP_RECEIVE_BUFFER (4 * 1024 * 1024) /* for the storm of requests */
#define TFTP_RESEND_MS 1000 /* unless the client names a timeout */
#define TFTP_RESENDS 5 /* then the transfer is given up */

struct event_base;
struct tftp_server;

struct tftp_server_config {
	const char *address; /* IPv4 text; every answer comes from here */
	uint16_t port; /* 0: any free one, for tests */
	size_t max_transfers; /* at once; above it requests are refused */
	unsigned resend_ms; /* 0: TFTP_RESEND_MS */
};

/*
 * Bind the socket and serve files from the event loop of base.  base and
 * files are lent until tftp_server_free().  NULL on failure.
 */
struct tftp_server *tftp_server_new(struct event_base *base,
    const struct tftp_server_config *config, struct tftp_files *files,
    struct err *e);

/* End every transfer and close every socket.  NULL-safe. */
void tftp_server_free(struct tftp_server *s);

/* The port it listens on. */
uint16_t tftp_server_port(const struct tftp_server *s);

/* Transfers in progress. */
size_t tftp_server_transfers(const struct tftp_server *s);

/* Bytes the kernel granted for waiting requests. */
size_t tftp_server_receive_buffer(const struct tftp_server *s);

#endif
