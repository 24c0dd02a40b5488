/*
 * One remote cluster: the connections to its HTTP server, and the questions
 * that wait for one.  For services/remote_clusters.c.
 *
 * Everything here belongs to the thread of the event loop.
 */
#ifndef SERVICES_REMOTE_PEER_H
#define SERVICES_REMOTE_PEER_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/tftp_files.h"

#define REMOTE_HEADER "X-Ucmsh-Forwarded"
#define REMOTE_PEER_CONNECTIONS 64 /* at a time; further questions queue up */
#define REMOTE_PEER_IDLE_MS 4000 /* a connection is used again within it */
#define REMOTE_PEER_SILENT_MS 450 /* without a word: it does not answer */

struct event_base;
struct remote_peer;
struct peer_call; /* one question */

enum peer_answer {
	PEER_FOUND,
	PEER_MISSING, /* it says that it has no such file */
	PEER_FAILED /* no connection, or no whole and plain answer */
};

/* file: held once, the callee's to release; NULL unless PEER_FOUND. */
typedef void peer_fn(void *self, enum peer_answer answer,
    struct tftp_file *file);

/* base is lent.  A file of more than file_max bytes is PEER_FAILED. */
struct remote_peer *remote_peer_new(struct event_base *base,
    const struct sockaddr_in *address, size_t file_max);

/* Nobody may wait any more.  NULL-safe. */
void remote_peer_free(struct remote_peer *p);

/*
 * Ask for a file by a name that tftp_name_parse() has read.  fn is called
 * once, from the event loop and never from here, unless peer_call_cancel()
 * or peer_call_expire() comes first.  fn may ask again, but calls off no
 * other question to the same peer.
 */
struct peer_call *remote_peer_ask(struct remote_peer *p, const char *name,
    peer_fn *fn, void *self);

void peer_call_cancel(struct peer_call *c);

/*
 * Has it been under way for so long?  Not while it waits for a connection,
 * because others are being answered.
 */
bool peer_call_is_late(const struct peer_call *c, unsigned ms);

/*
 * The time is over: as peer_call_cancel().  When the remote cluster has not
 * begun to answer anything since it was asked, REMOTE_PEER_SILENT_MS ago or
 * more, it is left out for so long, and what waits for a connection to it is
 * PEER_FAILED.
 */
void peer_call_expire(struct peer_call *c, unsigned left_out_ms);

/* Is it left out now? */
bool remote_peer_is_out(const struct remote_peer *p);

#endif
