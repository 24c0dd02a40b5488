#include "db/hold.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/certs_priv.h"
#include "db/db_priv.h"
#include "db/nodes.h"

#define SPAN_SIZE 48

void
hold_now(struct hold_time *now)
{
	now->wall = clock_wall();
	now->boot = clock_boot();
	clock_boot_id(now->boot_id);
}

int64_t
hold_left(const struct hold *h, const struct hold_time *now, unsigned seconds)
{
	int64_t span = (int64_t)seconds;
	int64_t passed;

	if (h->unit[0] == '\0' || seconds == 0)
		return 0;
	if (now->boot_id[0] != '\0' && str_equal(h->at.boot_id, now->boot_id))
		passed = now->boot - h->at.boot;
	else if (now->wall >= h->at.wall)
		passed = now->wall - h->at.wall;
	else
		passed = now->boot;
	if (passed < 0)
		passed = 0;
	return passed >= span ? 0 : span - passed;
}

/* The hold of the node with this pkid. */
static int
read_row(struct db *db, const char *pkid, struct hold *out, struct err *e)
{
	PGresult *res;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		"select unit, walltime, bootid, boottime from certificatehold"
		" where fkprocessnode = $1",
		1, &pkid, &res, e) == -1)
		return -1;
	if (PQntuples(res) > 0) {
		out->at.wall = cell_int(res, 0, 1);
		out->at.boot = cell_int(res, 0, 3);
		rc = cell_copy(out->unit, sizeof(out->unit), res, 0, 0, e);
		if (rc == 0)
			rc = cell_copy(out->at.boot_id, sizeof(out->at.boot_id),
			    res, 0, 2, e);
	}
	PQclear(res);
	return rc;
}

int
hold_read(struct db *db, const char *node, struct hold *out, struct err *e)
{
	struct node_row row;

	memset(out, 0, sizeof(*out));
	if (nodes_find(db, node, &row, e) == -1)
		return -1;
	return read_row(db, row.pkid, out, e);
}

static int
refuse(const struct hold *h, const char *unit, unsigned seconds, struct err *e)
{
	char span[SPAN_SIZE];

	if (seconds % 60 == 0)
		(void)str_printf(span, sizeof(span), "%u minute%s",
		    seconds / 60, seconds == 60 ? "" : "s");
	else
		(void)str_printf(span, sizeof(span), "%u seconds", seconds);
	return err_set(e, ERR_HELD,
	    "%s certificate was modified in the last %s. Please re-try "
	    "regnerating %s certificate at a later time",
	    h->unit, span, unit);
}

int
hold_check(struct db *db, const char *node, const char *unit,
    const struct hold_time *now, unsigned seconds, struct err *e)
{
	struct hold h;

	if (hold_read(db, node, &h, e) == -1)
		return -1;
	if (hold_left(&h, now, seconds) > 0)
		return refuse(&h, unit, seconds, e);
	return 0;
}

static int
write_row(struct db *db, const char *pkid, const char *unit,
    const struct hold_time *now, struct err *e)
{
	char wall[ARG_INT_SIZE];
	char boot[ARG_INT_SIZE];
	const char *arg[] = { pkid, unit, arg_int(wall, now->wall),
		now->boot_id, arg_int(boot, now->boot) };

	return db_query(db,
	    "insert into certificatehold (fkprocessnode, unit, walltime,"
	    " bootid, boottime) values ($1, $2, $3, $4, $5)"
	    " on conflict (fkprocessnode) do update set unit = excluded.unit,"
	    " walltime = excluded.walltime, bootid = excluded.bootid,"
	    " boottime = excluded.boottime",
	    5, arg, NULL, e);
}

static int
check_and_replace(struct db *db, const struct cert_row *row,
    const struct hold_time *now, unsigned seconds, struct err *e)
{
	char pkid[DB_PKID_SIZE];
	char address[NODE_ADDRESS_SIZE];
	struct hold h;

	if (nodes_lock(db, row->node, pkid, address, e) == -1 ||
	    read_row(db, pkid, &h, e) == -1)
		return -1;
	if (hold_left(&h, now, seconds) > 0)
		return refuse(&h, row->unit, seconds, e);
	if (write_row(db, pkid, row->unit, now, e) == -1)
		return -1;
	return certs_insert_own(db, row, pkid, address, e);
}

int
hold_replace_certificate(struct db *primary, const struct cert_row *row,
    const struct hold_time *now, unsigned seconds, struct err *e)
{
	if (db_begin(primary, e) == -1)
		return -1;
	if (check_and_replace(primary, row, now, seconds, e) == -1 ||
	    db_commit(primary, e) == -1) {
		db_abort(primary);
		return -1;
	}
	return 0;
}

int
hold_clear(struct db *primary, const char *node, struct err *e)
{
	struct node_row row;
	const char *arg[] = { row.pkid };

	if (nodes_find(primary, node, &row, e) == -1)
		return -1;
	return db_query(primary,
	    "delete from certificatehold where fkprocessnode = $1", 1, arg,
	    NULL, e);
}
