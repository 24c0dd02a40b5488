/*
 * One file on its way to one client: which datagrams it takes, and what the
 * client's answers mean.  Sockets and clocks are services/tftp_pool.h's.
 *
 * Blocks are sent in windows (RFC 7440; of one block unless the client asks
 * for more), and the next window begins behind the block that is
 * acknowledged, be it the last of the present one or, because the rest was
 * lost, one before it.  An acknowledgement that tells nothing new moves
 * nothing: what was lost is sent again by the clock or by a repeated request
 * alone.  So one that arrives twice never doubles the traffic (the
 * "sorcerer's apprentice" of RFC 1123, 4.2.3.1).  Block numbers go from
 * 65535 to 0.
 */
#ifndef SERVICES_TFTP_TRANSFER_H
#define SERVICES_TFTP_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "services/tftp_counters.h"
#include "services/tftp_files.h"
#include "services/tftp_message.h"
#include "services/tftp_socket.h"

/*
 * A window is no larger than this, whatever is asked for: it must fit into
 * the send buffer of our socket and the receive buffer of an ordinary
 * client's, where the kernel counts more than the bytes of a datagram.
 */
#define TFTP_WINDOW_BLOCKS 64
#define TFTP_WINDOW_BYTES (64UL * 1024)

/*
 * Seconds.  A longer timeout is not granted: whoever asks for it and is never
 * heard of again would hold a transfer for several times as long.
 */
#define TFTP_TIMEOUT_MAX 30

struct tftp_transfer;

/* What a datagram of the client has brought. */
enum tftp_progress {
	TFTP_STANDS, /* nothing */
	TFTP_MOVES, /* there is more to be sent */
	TFTP_COMPLETE, /* it has the whole file */
	TFTP_ENDED, /* it does not want it any more */
	TFTP_ILLEGAL /* it sent what no client sends: the end, too */
};

/* Answer a read request with the file, whose hold is taken over. */
struct tftp_transfer *tftp_transfer_new(const struct tftp_message *request,
    struct tftp_file *file);

/* NULL-safe. */
void tftp_transfer_free(struct tftp_transfer *t);

/* A datagram of the client. */
enum tftp_progress tftp_transfer_take(struct tftp_transfer *t,
    const struct tftp_message *m);

/* How many datagrams there are to be sent now. */
size_t tftp_transfer_pending(const struct tftp_transfer *t);

/*
 * The i-th of them, i < tftp_transfer_pending(), to wherever d->to says.
 * Its payload is lent by t.
 */
void tftp_transfer_datagram(const struct tftp_transfer *t, size_t i,
    struct tftp_datagram *d);

/* The first n of them have been sent; they are counted. */
void tftp_transfer_sent(struct tftp_transfer *t, size_t n,
    struct tftp_server_counters *c);

/* Send all again that is not acknowledged. */
void tftp_transfer_again(struct tftp_transfer *t);

/*
 * Is this the request that began t, come again before anything was
 * acknowledged?
 */
bool tftp_transfer_repeats(const struct tftp_transfer *t,
    const struct tftp_message *request);

/* Seconds after which it is sent again, as agreed with the client; or 0. */
unsigned tftp_transfer_timeout(const struct tftp_transfer *t);

#endif
