/*
 * The SSH side of a node: host keys, the link named ucm-sshd, and the files
 * that say which nodes may come in and which host keys they must show.
 */
#ifndef NODE_SSHKEYS_H
#define NODE_SSHKEYS_H

#include "base/buffer.h"
#include "base/err.h"
#include "node/parent.h"

#define SSHKEYS_TEXT_SIZE 1024 /* "ecdsa-sha2-nistp256 AAAA…" */

/* ssh/ucm-sshd and the ECDSA host key, if they are missing. */
int sshkeys_make(struct err *e);

/*
 * The RSA host key, if it is missing: it takes a while, so it is a task of
 * its own for asuser_start() as root.  arg and reply are not used.
 */
int sshkeys_make_rsa(void *arg, struct wbuf *reply, struct err *e);

/* "ecdsa-sha2-nistp256 AAAA…" of this node's host key. */
int sshkeys_host_key(char dst[SSHKEYS_TEXT_SIZE], struct err *e);

/*
 * Write ssh/authorized_keys.ucmnode (open invitations stay) and
 * ssh/known_hosts for these nodes.
 */
int sshkeys_write_nodes(const struct parent_node *nodes, size_t n,
    struct err *e);

/*
 * Fill one of them.  The keys are "ecdsa-sha2-nistp256 AAAA…" texts; -1 for
 * any other text.
 */
int sshkeys_node(struct parent_node *n, const struct nodeconf *conf,
    const char *host_key, const char *client_key, struct err *e);

/*
 * Replace the invitation of a node in ssh/authorized_keys.ucmnode; line is
 * the new one with its newline, or "" to take the old one out.
 */
int sshkeys_invite(const char *name, const char *line, struct err *e);

#endif
