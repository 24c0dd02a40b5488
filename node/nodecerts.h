/*
 * The keys and certificates that belong to the service user: the units'
 * certs/<unit>.pem, ITLRecovery.p12, the SSH key to other nodes, and the
 * cluster security password they are locked with.
 *
 * Each function is work of the user ucm for asuser_run() and may be
 * repeated: what is there already stays.
 */
#ifndef NODE_NODECERTS_H
#define NODE_NODECERTS_H

#include "base/buffer.h"
#include "base/err.h"
#include "base/mem.h"

/* arg: const struct secret, the cluster security password.  No reply. */
int nodecerts_security_password(void *arg, struct wbuf *reply, struct err *e);

/*
 * certs/peer.pem.  arg is not used; reply: its public half as text,
 * "ecdsa-sha2-nistp256 AAAA…".
 */
int nodecerts_peer_key(void *arg, struct wbuf *reply, struct err *e);

/*
 * Key and certificate of every unit and, on the publisher, ITLRecovery.p12.
 * arg: const struct nodeconf.  Takes seconds.  No reply.
 */
int nodecerts_make(void *arg, struct wbuf *reply, struct err *e);

/*
 * Record the units' certificates in the database of the primary, without
 * starting the hold timer.  arg: const struct nodeconf.  No reply.
 */
int nodecerts_record(void *arg, struct wbuf *reply, struct err *e);

#endif
