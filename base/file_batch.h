/*
 * Many whole files at the price of one sync.  As with file_replace(), each
 * appears under its name complete or not at all; but they are synced
 * together, before the first of them is renamed.
 */
#ifndef BASE_FILE_BATCH_H
#define BASE_FILE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* A file that is written, but not yet under its name. */
struct file_pending {
	char *path; /* owned; NULL: nothing is pending */
	char *temporary; /* owned: where the bytes are until then */
	bool committed;
};

/*
 * Write the bytes beside path, with exactly this mode, not synced.  On
 * failure nothing is left and *p is empty.  Threads may do this at the same
 * time, each with a *p of its own.
 */
int file_pending_write(struct file_pending *p, const char *path,
    const void *data, size_t len, mode_t mode, struct err *e);

/*
 * Sync the file systems of all n, give each file its name, in order, and
 * sync their directories.  Empty ones are passed over.  -1 with e set at the
 * first failure; then p[i]->committed tells which have their names.
 */
int file_pending_commit(struct file_pending *const *p, size_t n, struct err *e);

/* Remove what was not committed and free the names; *p becomes empty. */
void file_pending_release(struct file_pending *p);

#endif
