/*
 * One file on its way to one client, from a socket (TID) of its own.  For
 * the TFTP server alone.
 *
 * The transfer moves on only when the block sent last is acknowledged, and
 * is sent again only by its own clock or by a repeated request.  So an
 * acknowledgement that arrives twice never doubles the traffic (the
 * "sorcerer's apprentice" of RFC 1123, 4.2.3.1).  Block numbers go from
 * 65535 to 0.
 */
#ifndef SERVICES_TFTP_TRANSFER_H
#define SERVICES_TFTP_TRANSFER_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_files.h"
#include "services/tftp_message.h"

struct event_base;
struct tftp_transfer;

struct tftp_transfer_spec {
	struct event_base *base; /* lent */
	struct in_addr address; /* of this node */
	struct sockaddr_in peer;
	unsigned resend_ms; /* unless the request names a timeout */
	unsigned resends; /* then the transfer is given up */
	/* Called once, when the transfer is over; frees it. */
	void (*done)(void *self, struct tftp_transfer *t);
	void *self;
};

/*
 * Answer a read request with the file, which is held from now on (and
 * released by tftp_transfer_free()) only if this succeeds.  NULL when there
 * is no socket for it.
 */
struct tftp_transfer *tftp_transfer_start(const struct tftp_transfer_spec *spec,
    const struct tftp_message *request, struct tftp_file *file, struct err *e);

/* Close the socket without a word.  NULL-safe. */
void tftp_transfer_free(struct tftp_transfer *t);

/*
 * Is this the request that began t, come again before t's first answer was
 * acknowledged?
 */
bool tftp_transfer_repeats(const struct tftp_transfer *t,
    const struct sockaddr_in *peer, const struct tftp_message *request);

/* Send the present block once more, whatever the clock says. */
void tftp_transfer_resend(const struct tftp_transfer *t);

/* Two addresses with the same port. */
bool tftp_same_peer(const struct sockaddr_in *a, const struct sockaddr_in *b);

/* The peer of t; lent. */
const struct sockaddr_in *tftp_transfer_peer(const struct tftp_transfer *t);

#endif
