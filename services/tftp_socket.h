/*
 * A UDP socket in the event loop that takes and gives datagrams by the
 * batch, one system call for many.
 */
#ifndef SERVICES_TFTP_SOCKET_H
#define SERVICES_TFTP_SOCKET_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_message.h"

#define TFTP_BATCH 64 /* datagrams in one system call */

struct event_base;
struct tftp_batch; /* room for that many datagrams that arrive */
struct tftp_socket;

/* One to be sent: a few bytes of our own, then bytes of somebody else's. */
struct tftp_datagram {
	struct sockaddr_in to;
	uint8_t head[TFTP_REPLY_MAX];
	size_t head_len;
	const uint8_t *payload; /* lent; NULL: none */
	size_t payload_len;
};

struct tftp_socket_config {
	struct in_addr address; /* to bind to */
	uint16_t port; /* 0: a free one of the kernel's choice */
	int receive_buffer; /* bytes; all of it needs CAP_NET_ADMIN */
	int send_buffer;
	unsigned batches; /* read at once, before others get their turn */
	struct tftp_batch *batch; /* lent; sockets of one loop share it */
	/* One datagram; what is longer than TFTP_REQUEST_MAX arrives cut. */
	void (*take)(void *self, const struct sockaddr_in *from,
	    const uint8_t *packet, size_t len);
	/* All that had arrived is taken; or it can be sent again.  Or NULL. */
	void (*flush)(void *self);
	void *self;
};

struct tftp_batch *tftp_batch_new(void);

/* NULL-safe. */
void tftp_batch_free(struct tftp_batch *b);

/* NULL on failure.  base is lent. */
struct tftp_socket *tftp_socket_open(struct event_base *base,
    const struct tftp_socket_config *config, struct err *e);

/* NULL-safe.  Not from inside take() or flush(). */
void tftp_socket_close(struct tftp_socket *s);

/*
 * Send up to TFTP_BATCH datagrams, in order.  Returns how many are done
 * with: all, or fewer when the kernel has no room; flush() is called when
 * it has.  A datagram that can never be sent is as good as one that was
 * lost.
 */
size_t tftp_socket_send(struct tftp_socket *s, const struct tftp_datagram *d,
    size_t n);

/*
 * Take what has arrived now, up to so many batches, before its turn comes.
 * Not from inside take() or flush().
 */
void tftp_socket_receive(struct tftp_socket *s, unsigned batches);

/* The port it is bound to. */
uint16_t tftp_socket_port(const struct tftp_socket *s);

/* Bytes the kernel granted, as getsockopt() says them. */
size_t tftp_socket_receive_buffer(const struct tftp_socket *s);

/* Datagrams that the kernel has dropped because that was full. */
uint64_t tftp_socket_dropped(const struct tftp_socket *s);

#endif
