/*
 * The two files of ssh/ that the root parent renders from the cluster's node
 * keys: ssh/authorized_keys.ucmnode, whom this node lets in as account
 * ucmnode, and ssh/known_hosts, which host key each node must show.
 */
#ifndef NODE_PARENT_KEYS_H
#define NODE_PARENT_KEYS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/err.h"
#include "node/parent.h"

/* What a node may run here, with its name behind, whatever it asks for. */
#define PARENT_KEYS_COMMAND "/usr/bin/ucm-node peer"

/* The comment of an invitation's line is this and the node's name. */
#define PARENT_KEYS_INVITE "invite:"

/*
 * Wait for the right to change the files: "ucm-node invite" and the root
 * parent both read one, change it and write it back.  A descriptor whose
 * close() gives the right back, or -1.
 */
int parent_keys_lock(struct err *e);

/*
 * Is every text in its alphabet and terminated?  0, or -1 with ERR_FORMAT
 * and the field.
 */
int parent_keys_check(const struct parent_node *n, struct err *e);

/*
 * The new authorized_keys: a line for each node with a client key, then the
 * lines of old (its whole text; "" for none) that are invitations, known by
 * their expiry-time option, except the one for the node named drop (NULL:
 * keep all).
 */
void parent_keys_authorized(struct wbuf *w, const char *old,
    const struct parent_node *nodes, size_t n, const char *drop);

/* old without the invitation for the node named drop. */
void parent_keys_without_invite(struct wbuf *w, const char *old,
    const char *drop);

/* The new known_hosts: a line for each node with a host key. */
void parent_keys_known_hosts(struct wbuf *w, const struct parent_node *nodes,
    size_t n);

#endif
