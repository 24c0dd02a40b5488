#include "db/alarms.h"

#include "db/db_priv.h"

#define DAY 86400

static int
insert(struct db *db, const char *node, const char *now,
    const struct alarm_row *row, struct err *e)
{
	char severity[ARG_INT_SIZE];
	const char *arg[] = { now, node, row->facility,
		arg_int(severity, row->severity), row->name, row->message };

	return db_query(db,
	    "insert into alarm"
	    " (raised, node, facility, severity, name, message)"
	    " values ($1, $2, $3, $4, $5, $6)",
	    6, arg, NULL, e);
}

int
alarms_add(struct db *primary, const char *node, int64_t now,
    const struct alarm_row *row, size_t n, struct err *e)
{
	char at[ARG_INT_SIZE];
	char oldest[ARG_INT_SIZE];
	const char *arg[] = { arg_int(oldest,
	    now - (int64_t)ALARMS_KEPT_DAYS * DAY) };
	int rc = 0;

	if (db_begin(primary, e) == -1)
		return -1;
	(void)arg_int(at, now);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = insert(primary, node, at, &row[i], e);
	if (rc == -1 ||
	    db_query(primary, "delete from alarm where raised < $1", 1, arg,
		NULL, e) == -1 ||
	    db_commit(primary, e) == -1) {
		db_abort(primary);
		return err_wrap(e, "alarms");
	}
	return 0;
}
