/*
 * ucm-node init --restore-from: this host becomes the publisher of a cluster
 * that has lost it.
 */
#ifndef NODE_RESTORE_INIT_H
#define NODE_RESTORE_INIT_H

#include <stdbool.h>

#include "base/err.h"
#include "node/setup.h"

/*
 * s has the options; token_text is the token, which is wiped, or "-".  A run
 * that was interrupted is run again, with the same token or another one.
 */
int restore_init(struct setup *s, char *token_text, struct err *e);

/* Was one interrupted here? */
bool restore_init_begun(void);

#endif
