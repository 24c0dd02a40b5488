/*
 * The alarms that were raised in the cluster (table alarm), for run sql.
 * What counts is the node's own log: a row is written when the publisher's
 * database can be reached.
 */
#ifndef DB_ALARMS_H
#define DB_ALARMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/alarm.h"
#include "db/db.h"

#define ALARMS_KEPT_DAYS 90

struct alarm_row {
	const char *facility; /* "UC_CERT" */
	enum alarm_severity severity;
	const char *name;
	const char *message; /* the Message parameter and the sentence */
};

/*
 * Add n rows of a node, raised at now, and remove those of all nodes that
 * are older than ALARMS_KEPT_DAYS.  One transaction on the primary.
 */
int alarms_add(struct db *primary, const char *node, int64_t now,
    const struct alarm_row *row, size_t n, struct err *e);

#endif
