/*
 * The settings of the certificate monitor (table certificatemonitor, one row
 * for the cluster).  At installation: no e-mail, 30 days, 09:00.
 */
#ifndef DB_MONITOR_H
#define DB_MONITOR_H

#include "base/cert_monitor.h"
#include "db/db.h"

/* The settings as this database has them; a replica may lag. */
int monitor_read(struct db *db, struct cert_monitor *out, struct err *e);

/*
 * Change one setting, on the primary.  name and value are an
 * administrator's: "email" with "enable" or "disable", "address" ADDRESSES,
 * "server" HOST[:PORT], "days" N, "time" HH:MM (base/cert_monitor.h).
 * ERR_USAGE: no such name, or a value that is wrong; ERR_STATE: e-mail
 * cannot be enabled before there are an address and a server.
 */
int monitor_set(struct db *primary, const char *name, const char *value,
    struct err *e);

#endif
