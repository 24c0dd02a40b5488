/*
 * Open invitations: lines of ssh/authorized_keys.ucmnode that let a one-time
 * key run one command for a quarter of an hour.
 */
#ifndef NODE_INVITATION_H
#define NODE_INVITATION_H

#include "base/err.h"
#include "node/sshkeys.h"
#include "node/token.h"

#define INVITATION_SECONDS 900
#define INVITATION_COMMAND_SIZE 256

/*
 * The commands: of a node that joins, and of a rebuilt publisher.  dst has
 * INVITATION_COMMAND_SIZE bytes.
 */
void invitation_join(char *dst, const char *name, const char *address,
    unsigned port);
void invitation_publisher(char *dst, const char *name);

/*
 * Invite the node t->name for that command: a new key, its private half into
 * t->key, its public half into the file in place of an earlier one for that
 * node.  For root.
 */
int invitation_make(struct token *t, const char *command, struct err *e);

/*
 * Is there an open invitation of this node for exactly this command?  The
 * key, "ecdsa-sha2-nistp256 AAAA…", goes to key (NULL: not wanted).
 * ERR_NOT_FOUND.
 */
int invitation_find(const char *name, const char *command,
    char key[SSHKEYS_TEXT_SIZE], struct err *e);

#endif
