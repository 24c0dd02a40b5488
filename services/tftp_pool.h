/*
 * The transfers in progress, on a pool of sockets.
 *
 * RFC 1350 tells transfers apart by the ports (TIDs) of both ends.  A few
 * sockets, each bound to a port of the kernel's choice, serve all of them:
 * one system call takes or sends datagrams of many transfers, and neither
 * the descriptors of the process nor a table of the kernel's bounds how many
 * there are.  Two transfers of one peer never share a socket, and a
 * transfer's socket is not used for the same peer again for
 * TFTP_LINGER_MS after its end, so that nothing late is taken for something
 * new, at either end.  What arrives from a peer that has no transfer on the
 * socket is answered with error 5 and touches nobody else's.
 *
 * There is one timer for all of them.
 */
#ifndef SERVICES_TFTP_POOL_H
#define SERVICES_TFTP_POOL_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_counters.h"
#include "services/tftp_files.h"
#include "services/tftp_message.h"
#include "services/tftp_slots.h"
#include "services/tftp_socket.h"

#define TFTP_POOL_SOCKETS 32 /* and as many transfers of one peer at once */
#define TFTP_LINGER_MS 5000

struct event_base;
struct tftp_pool;

struct tftp_pool_config {
	struct in_addr address; /* of this node */
	size_t max_transfers;
	unsigned resend_ms; /* unless the request names a timeout */
	unsigned resends; /* then the transfer is given up */
	unsigned linger_ms; /* 0: TFTP_LINGER_MS */
	struct tftp_batch *batch; /* lent */
	struct tftp_server_counters *counters; /* lent; kept up to date */
};

/* base is lent.  NULL on failure. */
struct tftp_pool *tftp_pool_new(struct event_base *base,
    const struct tftp_pool_config *config, struct err *e);

/* End every transfer without a word.  NULL-safe. */
void tftp_pool_free(struct tftp_pool *p);

/*
 * Answer a read request with the file, whose hold is taken over in any
 * case.  Anything but TFTP_ROOM: there is no transfer.  The answer is sent
 * by tftp_pool_send().
 */
enum tftp_room tftp_pool_start(struct tftp_pool *p,
    const struct sockaddr_in *peer, const struct tftp_message *request,
    struct tftp_file *file);

/*
 * Is this request one whose answer is on its way already?  Then the answer
 * is sent again by tftp_pool_send(), unless that was just now: the client
 * cannot have had it when it asked again, and will have it soon.
 */
bool tftp_pool_answer_again(struct tftp_pool *p, const struct sockaddr_in *peer,
    const struct tftp_message *request);

/* Send what answers there are to be sent, many in one system call. */
void tftp_pool_send(struct tftp_pool *p);

/* Transfers in progress, and the most that ever were at once. */
size_t tftp_pool_transfers(const struct tftp_pool *p);
size_t tftp_pool_most(const struct tftp_pool *p);

/* Datagrams that the kernel has dropped because a buffer was full. */
uint64_t tftp_pool_dropped(const struct tftp_pool *p);

#endif
