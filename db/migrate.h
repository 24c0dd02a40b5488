/*
 * The schema.  db/schema/NNNN_name.sql are numbered steps, built into the
 * program; each runs in one transaction and is recorded in the table
 * schemamigration.  A step that has been released is never edited: changes
 * are new steps.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

/*
 * Bring the database up to date: run the steps that are not recorded, in
 * order.  db is a DB_ADMIN connection to a primary (on a standby ERR_STATE:
 * the steps arrive by replication).  Two callers at a time wait for each
 * other.  May be called at every start; with nothing to do it only reads.
 * wall is the time to record (clock_wall()).  *done gets the number of steps
 * run and may be NULL.  On failure the steps before the failing one stay.
 */
int migrate_run(struct db *db, int64_t wall, unsigned *done, struct err *e);

/*
 * The number of the last step recorded in the database (0: none) and of the
 * last one this program knows.  Readable with DB_ADMIN and DB_RW.
 */
int migrate_version(struct db *db, unsigned *applied, unsigned *known,
    struct err *e);

#endif
