/*
 * Where a node keeps its files.  The same on every node, lab or production:
 * below /var/lib/ucmsh.  Unit tests move the root.
 */
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#include <stddef.h>

#define PATH_SIZE 256 /* enough for every path of a node */

/* The node's root directory, without a final slash. */
const char *paths_root(void);

/* For tests and for programs' -r option, before any thread is started. */
void paths_set_root(const char *root);

/*
 * root + "/" + the formatted rest into dst of PATH_SIZE bytes.  A path that
 * does not fit is a BUG().  Returns dst.
 */
char *paths_in(char dst[PATH_SIZE], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
