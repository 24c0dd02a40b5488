#include "db/security_change.h"

#include <postgresql/libpq-fe.h>
#include <string.h>

#include "base/str.h"
#include "db/db_priv.h"

bool
security_change_valid(const char *id)
{
	return strlen(id) == SECURITY_CHANGE_ID_SIZE - 1 &&
	    strspn(id, "0123456789abcdef") == SECURITY_CHANGE_ID_SIZE - 1;
}

static int
need_id(const char *id, struct err *e)
{
	if (security_change_valid(id))
		return 0;
	return err_set(e, ERR_USAGE, "not the number of a password change");
}

int
security_change_read(struct db *db, struct security_change *out, struct err *e)
{
	PGresult *res;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (db_query(db, "select currentid, pendingid from securitychange", 0,
		NULL, &res, e) == -1)
		return -1;
	if (PQntuples(res) != 1)
		(void)err_set(e, ERR_DATABASE,
		    "securitychange has %d rows, expected one", PQntuples(res));
	else if (cell_copy(out->current, sizeof(out->current), res, 0, 0, e) ==
		0 &&
	    cell_copy(out->pending, sizeof(out->pending), res, 0, 1, e) == 0)
		rc = 0;
	PQclear(res);
	if (rc == -1)
		memset(out, 0, sizeof(*out));
	return rc;
}

int
security_change_begin(struct db *primary, const char *id, struct err *e)
{
	if (need_id(id, e) == -1)
		return -1;
	return db_query(primary, "update securitychange set pendingid = $1", 1,
	    &id, NULL, e);
}

int
security_change_commit(struct db *primary, const char *id, struct err *e)
{
	PGresult *res;
	int rc = 0;

	if (need_id(id, e) == -1 ||
	    db_query(primary,
		"update securitychange set currentid = $1, pendingid = ''"
		" where pendingid = $1",
		1, &id, &res, e) == -1)
		return -1;
	if (!str_equal(PQcmdTuples(res), "1"))
		rc = err_set(e, ERR_STATE,
		    "the change of the security password has been called off");
	PQclear(res);
	return rc;
}

int
security_change_cancel(struct db *primary, struct err *e)
{
	struct security_change now;

	if (security_change_read(primary, &now, e) == -1)
		return -1;
	if (now.pending[0] == '\0')
		return 0;
	return db_query(primary, "update securitychange set pendingid = ''", 0,
	    NULL, NULL, e);
}
