/*
 * The ITL file of this node: its status, and taking over a reset file in two
 * steps.  Staged files are hidden in tftp/, so that bringing one into force
 * is one rename; a phone never sees half a file.
 */
#ifndef NODE_ITL_NODE_H
#define NODE_ITL_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "node/agent.h"

#define ITL_NODE_MAX 65536 /* bytes; phones load no more */
#define ITL_NODE_HEX 41 /* SHA-1 in lower-case hex, and NUL */
#define ITL_NODE_SERVE_MS 15000 /* until Cisco Tftp serves the file */

/* What is on disk; empty texts when there is no (readable) list. */
struct itl_on_disk {
	char sha1[ITL_NODE_HEX];
	char *signer; /* subject; owned, never NULL */
};

void itl_node_look(struct itl_on_disk *d);
void itl_on_disk_release(struct itl_on_disk *d);

/* SHA-1 of what the running Cisco Tftp serves; "" when it serves nothing. */
void itl_node_served(pid_t tftp_pid, char sha1[ITL_NODE_HEX]);

/*
 * Store the bytes as the file to be activated next.  -1 with ERR_USAGE (not
 * these checksum and size), ERR_FORMAT and ERR_SIGNATURE (not an ITL that
 * verifies), ERR_NO_SPACE; nothing is left then.
 */
int itl_node_stage(const char *sha1, const uint8_t *data, size_t len,
    struct err *e);

/*
 * Bring the staged file, or the one on disk if it is that already, into
 * force: rename, marker, restart of Cisco Tftp, wait until it serves it.  The
 * lock of services is taken.  ERR_NOT_FOUND: nothing staged with this
 * checksum; ERR_STATE: Cisco Tftp does not run here, or took another file.
 */
int itl_node_activate(struct agent *a, const char *sha1, struct err *e);

/* Remove files that were staged and never activated. */
void itl_node_clean(void);

#endif
