/*
 * Which programs this node was installed with, and what has become of them:
 * the file etc/manifest, written by "ucm-node start" when a version runs for
 * the first time.
 *
 *	version 10.0.1.10000-24
 *	1353904 ucmsh
 *
 * is a version and, for each file of its directory whose name begins with
 * "ucm", size and name.
 */
#ifndef NODE_MANIFEST_H
#define NODE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MANIFEST_DIR_SIZE 4096

enum manifest_kind {
	MANIFEST_ADDED,
	MANIFEST_REMOVED,
	MANIFEST_CHANGED
};

struct manifest_difference {
	enum manifest_kind kind;
	const char *name; /* lent */
	int64_t before; /* bytes; 0 when it was not there */
	int64_t now;
};

/* The directory this program runs from. */
int manifest_programs(char dir[MANIFEST_DIR_SIZE], struct err *e);

/*
 * Note the programs in dir if etc/manifest is missing or of another version.
 */
int manifest_note(const char *dir, const char *version, struct err *e);

/*
 * Hand each difference between etc/manifest and dir to fn, sizes only if
 * they differ by at least that many bytes.  *checked gets the number of
 * programs noted.  ERR_NOT_FOUND when there is no etc/manifest.
 */
int manifest_compare(const char *dir, int64_t bytes,
    void (*fn)(void *self, const struct manifest_difference *d), void *self,
    size_t *checked, struct err *e);

#endif
