/*
 * From root to a service user: what setpriv(1) would do, without the time
 * that starting it takes.  For main(), before anything is opened or read.
 */
#ifndef SERVICES_PRIVILEGES_H
#define SERVICES_PRIVILEGES_H

#include <stdint.h>

#include "base/err.h"

/*
 * Become user for good, with its groups, and keep of root's capabilities
 * those in caps (bits 1 << CAP_…), which no program that is executed inherits;
 * nothing of the environment stays but PATH and the locale of the program.
 * -1 with ERR_DENIED (not root), ERR_NOT_FOUND (no such account, or one that
 * is root again), ERR_IO: the program can only end.
 */
int privileges_drop(const char *user, uint64_t caps, struct err *e);

#endif
