/*
 * The change counter.  A standby cannot LISTEN, so services ask each second
 * whether anything they are built from has changed: nodes, services,
 * certificates, parameters, devices, groups.  Alarms and the bookkeeping of
 * phones do not count.
 */
#ifndef DB_CHANGES_H
#define DB_CHANGES_H

#include <stdint.h>

#include "db/db.h"

/*
 * The counter as this server sees it.  It only grows; equal values mean that
 * nothing has changed in between.
 */
int changes_read(struct db *db, uint64_t *value, struct err *e);

#endif
