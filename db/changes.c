#include "db/changes.h"

#include <postgresql/libpq-fe.h>

#include "db/db_priv.h"

int
changes_read(struct db *db, uint64_t *value, struct err *e)
{
	PGresult *res;

	if (db_query(db, "select sum(value)::bigint from changecounter", 0,
		NULL, &res, e) == -1)
		return -1;
	*value = (uint64_t)cell_int(res, 0, 0);
	PQclear(res);
	return 0;
}
