/*
 * Whether the recovery key is kept outside of the cluster (table
 * recoverybackup, one row).
 *
 * What counts is the file certs/ITLRecovery.p12 of the publisher, known by
 * its SHA-256: it is saved while it is the one that was read back from
 * outside last.  A new recovery certificate and a new security password make
 * another file, so the key is unsaved again without anybody noting it; a
 * backup of the node makes none and changes nothing.
 */
#ifndef DB_RECOVERY_BACKUP_H
#define DB_RECOVERY_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

#define RECOVERY_BACKUP_SHA_SIZE 65 /* SHA-256 in lower-case hex, and NUL */

struct recovery_backup {
	char saved[RECOVERY_BACKUP_SHA_SIZE]; /* proven last; "": never any */
	int64_t saved_at; /* seconds since 1970; 0: never */
	char present[RECOVERY_BACKUP_SHA_SIZE]; /* seen last; "": none yet */
	int64_t unsaved_since; /* of the present one; 0: it is saved */
};

/* Is there a key that is not saved?  Pure. */
bool recovery_backup_due(const struct recovery_backup *b);

/* The state as this database has it; a replica may lag. */
int recovery_backup_read(struct db *db, struct recovery_backup *out,
    struct err *e);

/*
 * Say which file the publisher has now: sha256 in lower-case hex, now in
 * seconds since 1970.  unsaved_since becomes now when this file is another
 * than before and not the saved one, and 0 when it is the saved one; nothing
 * is written when nothing changes, so this may be called at any time.  *out
 * (NULL: not wanted) gets the state.  On the primary only.  ERR_USAGE: not a
 * SHA-256.
 */
int recovery_backup_present(struct db *primary, const char *sha256, int64_t now,
    struct recovery_backup *out, struct err *e);

/*
 * A copy outside with this SHA-256 has been read back and is whole (or a key
 * was taken over from it).  The caller has made sure that it is the present
 * file's.  On the primary only.  ERR_USAGE as above.
 */
int recovery_backup_saved(struct db *primary, const char *sha256, int64_t now,
    struct err *e);

#endif
