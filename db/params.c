#include "db/params.h"

#include <postgresql/libpq-fe.h>
#include <string.h>

#include "base/str.h"
#include "db/db_priv.h"

static int
unknown(const char *name, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no enterprise parameter %s",
	    name);
}

int
params_get(struct db *db, const char *name, char value[PARAMS_VALUE_SIZE],
    struct err *e)
{
	PGresult *res;
	int rc;

	value[0] = '\0';
	if (db_query(db,
		"select c.paramvalue from processconfig c"
		" join processnode p on p.pkid = c.fkprocessnode"
		" where p.systemnode and c.tkservice = 11 and c.paramname = $1",
		1, &name, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = unknown(name, e);
	else
		rc = cell_copy(value, PARAMS_VALUE_SIZE, res, 0, 0, e);
	PQclear(res);
	return rc;
}

/* *same: it has this value already.  ERR_NOT_FOUND. */
static int
has_value(struct db *db, const char *const arg[2], bool *same, struct err *e)
{
	PGresult *res;
	int rc = 0;

	if (db_query(db,
		"select c.paramvalue = $2 from processconfig c"
		" join processnode p on p.pkid = c.fkprocessnode"
		" where p.systemnode and c.tkservice = 11 and c.paramname = $1",
		2, arg, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = unknown(arg[0], e);
	else
		*same = cell_bool(res, 0, 0);
	PQclear(res);
	return rc;
}

int
params_set(struct db *db, const char *name, const char *value, struct err *e)
{
	const char *arg[] = { name, value };
	bool same = false;

	if (strlen(value) >= PARAMS_VALUE_SIZE)
		return err_set(e, ERR_TOO_BIG,
		    "a parameter's value has at most %d characters",
		    PARAMS_VALUE_SIZE - 1);
	if (has_value(db, arg, &same, e) == -1)
		return -1;
	if (same)
		return 0;
	return db_query(db,
	    "update processconfig c set paramvalue = $2 from processnode p"
	    " where p.pkid = c.fkprocessnode and p.systemnode"
	    " and c.tkservice = 11 and c.paramname = $1",
	    2, arg, NULL, e);
}
