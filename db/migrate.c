#include "db/migrate.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>

#include "db/db_priv.h"
#include "db/schema_priv.h"

/* The key of the lock that makes two migrations wait for each other. */
#define MIGRATE_LOCK "1969450852"

static const char ledger[] =
    "create table if not exists schemamigration ("
    "step integer primary key, name text not null, applied bigint not null)";

static int
last_step(struct db *db, unsigned *step, struct err *e)
{
	PGresult *res;

	if (db_query(db, "select coalesce(max(step), 0) from schemamigration",
		0, NULL, &res, e) == -1)
		return -1;
	*step = (unsigned)cell_int(res, 0, 0);
	PQclear(res);
	return 0;
}

/* Run one step, unless another caller has just done so. */
static int
run_step(struct db *db, const struct schema_step *s, int64_t wall,
    unsigned *done, struct err *e)
{
	char number[ARG_INT_SIZE];
	char when[ARG_INT_SIZE];
	const char *arg[] = { arg_int(number, s->number), s->name,
		arg_int(when, wall) };
	unsigned last = 0;

	if (db_begin(db, e) == -1)
		return -1;
	if (db_query(db, "select pg_advisory_xact_lock(" MIGRATE_LOCK ")", 0,
		NULL, NULL, e) == -1 ||
	    last_step(db, &last, e) == -1)
		goto fail;
	if (last >= s->number) {
		db_abort(db);
		return 0;
	}
	if (db_script(db, s->sql, e) == -1 ||
	    db_query(db, "insert into schemamigration values ($1, $2, $3)", 3,
		arg, NULL, e) == -1 ||
	    db_commit(db, e) == -1)
		goto fail;
	(*done)++;
	return 0;
fail:
	db_abort(db);
	return err_wrap(e, "schema step %s", s->name);
}

/* Create the ledger; "if not exists" alone races with another creator. */
static int
prepare(struct db *db, struct err *e)
{
	PGresult *res;
	bool there = false;

	if (db_query(db, "select to_regclass('schemamigration') is not null", 0,
		NULL, &res, e) == -1)
		return -1;
	there = cell_bool(res, 0, 0);
	PQclear(res);
	if (there)
		return 0;
	if (db_begin(db, e) == -1)
		return -1;
	if (db_query(db, "select pg_advisory_xact_lock(" MIGRATE_LOCK ")", 0,
		NULL, NULL, e) == -1 ||
	    db_query(db, ledger, 0, NULL, NULL, e) == -1 ||
	    db_commit(db, e) == -1) {
		db_abort(db);
		return err_wrap(e, "schema");
	}
	return 0;
}

int
migrate_run(struct db *db, int64_t wall, unsigned *done, struct err *e)
{
	unsigned count = 0;
	unsigned last = 0;
	unsigned i;
	bool standby = false;

	if (done != NULL)
		*done = 0;
	if (db_in_recovery(db, &standby, e) == -1)
		return -1;
	if (standby)
		return err_set(e, ERR_STATE,
		    "a standby gets its schema from the publisher");
	if (prepare(db, e) == -1 || last_step(db, &last, e) == -1)
		return -1;
	for (i = 0; i < schema_step_count; i++) {
		if (schema_steps[i].number > last &&
		    run_step(db, &schema_steps[i], wall, &count, e) == -1)
			return -1;
	}
	if (done != NULL)
		*done = count;
	return 0;
}

int
migrate_version(struct db *db, unsigned *applied, unsigned *known,
    struct err *e)
{
	PGresult *res;
	bool there = false;

	*known = schema_steps[schema_step_count - 1].number;
	*applied = 0;
	if (db_query(db, "select to_regclass('schemamigration') is not null", 0,
		NULL, &res, e) == -1)
		return -1;
	there = cell_bool(res, 0, 0);
	PQclear(res);
	return there ? last_step(db, applied, e) : 0;
}
