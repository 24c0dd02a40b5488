#include "db/recovery_backup.h"

#include <postgresql/libpq-fe.h>
#include <string.h>

#include "base/str.h"
#include "db/db_priv.h"

#define BACKUP_COLUMNS "savedsha256, savedat, presentsha256, unsavedsince"

bool
recovery_backup_due(const struct recovery_backup *b)
{
	return b->present[0] != '\0' && !str_equal(b->present, b->saved);
}

static int
need_sha256(const char *s, struct err *e)
{
	if (strlen(s) == RECOVERY_BACKUP_SHA_SIZE - 1 &&
	    strspn(s, "0123456789abcdef") == RECOVERY_BACKUP_SHA_SIZE - 1)
		return 0;
	return err_set(e, ERR_USAGE,
	    "not a SHA-256 checksum in lower-case hex");
}

static int
take(const PGresult *res, struct recovery_backup *out, struct err *e)
{
	if (PQntuples(res) != 1)
		return err_set(e, ERR_DATABASE,
		    "recoverybackup has %d rows, expected one", PQntuples(res));
	out->saved_at = cell_int(res, 0, 1);
	out->unsaved_since = cell_int(res, 0, 3);
	if (cell_copy(out->saved, sizeof(out->saved), res, 0, 0, e) == -1 ||
	    cell_copy(out->present, sizeof(out->present), res, 0, 2, e) == -1)
		return -1;
	return 0;
}

int
recovery_backup_read(struct db *db, struct recovery_backup *out, struct err *e)
{
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db, "select " BACKUP_COLUMNS " from recoverybackup", 0,
		NULL, &res, e) == -1)
		return -1;
	rc = take(res, out, e);
	PQclear(res);
	if (rc == -1)
		memset(out, 0, sizeof(*out));
	return rc;
}

/*
 * One statement, so that two who say so at the same time do not undo each
 * other; the trigger counts a statement even if it changes no row, so what
 * is known already is not written.
 */
int
recovery_backup_present(struct db *primary, const char *sha256, int64_t now,
    struct recovery_backup *out, struct err *e)
{
	struct recovery_backup known;

	if (need_sha256(sha256, e) == -1 ||
	    recovery_backup_read(primary, &known, e) == -1)
		return -1;
	if (!str_equal(known.present, sha256)) {
		char at[ARG_INT_SIZE];
		const char *arg[] = { sha256, arg_int(at, now) };

		if (db_query(primary,
			"update recoverybackup set presentsha256 = $1,"
			" unsavedsince = case when savedsha256 = $1 then 0"
			" else $2 end where presentsha256 <> $1",
			2, arg, NULL, e) == -1 ||
		    recovery_backup_read(primary, &known, e) == -1)
			return -1;
	}
	if (out != NULL)
		*out = known;
	return 0;
}

int
recovery_backup_saved(struct db *primary, const char *sha256, int64_t now,
    struct err *e)
{
	char at[ARG_INT_SIZE];
	const char *arg[] = { sha256, arg_int(at, now) };

	if (need_sha256(sha256, e) == -1)
		return -1;
	return db_query(primary,
	    "update recoverybackup set savedsha256 = $1, savedat = $2,"
	    " presentsha256 = $1, unsavedsince = 0",
	    2, arg, NULL, e);
}
