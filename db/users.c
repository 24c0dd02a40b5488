#include "db/users.h"

#include <postgresql/libpq-fe.h>

#include "base/mem.h"
#include "db/db_priv.h"

#define USER_COLUMNS "select pkid, name, passwordhash, ccmadministrator "

void
user_row_release(struct user_row *u)
{
	mem_wipe(u, sizeof(*u));
}

/* Copy the one row of res; missing is what to say when there is none. */
static int
take_one(const PGresult *res, const char *missing, struct user_row *out,
    struct err *e)
{
	if (PQntuples(res) == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no %s", missing);
	if (cell_copy(out->pkid, sizeof(out->pkid), res, 0, 0, e) == -1 ||
	    cell_copy(out->name, sizeof(out->name), res, 0, 1, e) == -1 ||
	    cell_copy(out->password_hash, sizeof(out->password_hash), res, 0, 2,
		e) == -1)
		return -1;
	out->ccm_administrator = cell_bool(res, 0, 3);
	return 0;
}

int
users_find(struct db *db, const char *name, struct user_row *out, struct err *e)
{
	PGresult *res;
	int rc;

	user_row_release(out);
	if (db_query(db, USER_COLUMNS "from applicationuser where name = $1", 1,
		&name, &res, e) == -1)
		return -1;
	rc = take_one(res, "such application user", out, e);
	PQclear(res);
	return rc;
}

int
users_ccm_administrator(struct db *db, struct user_row *out, struct err *e)
{
	PGresult *res;
	int rc;

	user_row_release(out);
	if (db_query(db,
		USER_COLUMNS "from applicationuser where ccmadministrator", 0,
		NULL, &res, e) == -1)
		return -1;
	rc = take_one(res, "CCM administrator", out, e);
	PQclear(res);
	return rc;
}

int
users_save(struct db *db, const struct user_row *u, struct err *e)
{
	const char *arg[] = { u->name, u->password_hash,
		u->ccm_administrator ? "t" : "f" };

	if (u->name[0] == '\0')
		return err_set(e, ERR_USAGE, "a user needs a name");
	if (db_begin(db, e) == -1)
		return -1;
	if ((u->ccm_administrator &&
		db_query(db,
		    "update applicationuser set ccmadministrator = false"
		    " where ccmadministrator and name <> $1",
		    1, arg, NULL, e) == -1) ||
	    db_query(db,
		"insert into applicationuser"
		" (name, passwordhash, ccmadministrator) values ($1, $2, $3)"
		" on conflict (name) do update set"
		" passwordhash = excluded.passwordhash,"
		" ccmadministrator = excluded.ccmadministrator",
		3, arg, NULL, e) == -1 ||
	    db_commit(db, e) == -1) {
		db_abort(db);
		return err_wrap(e, "user %s", u->name);
	}
	return 0;
}
