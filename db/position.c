#include "db/position.h"

#include <postgresql/libpq-fe.h>

#include "db/db_priv.h"

/* pg_promote() waits so many seconds; DB_QUERY_MS is longer */
#define PROMOTE "select pg_promote(true, 8)"

/*
 * What a standby has received is known exactly only while it receives, what
 * it has replayed only roughly while it starts: the greater of both counts,
 * and the same for the timeline.
 */
static const char standby_position[] =
    "select greatest((select timeline_id from pg_control_checkpoint()),"
    " (select min_recovery_end_timeline from pg_control_recovery()),"
    " (select received_tli from pg_stat_wal_receiver)),"
    " greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
    " - '0/0'::pg_lsn, (select system_identifier from pg_control_system())";

/* The name of the segment that is written begins with the timeline. */
static const char primary_position[] =
    "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))"
    "::bit(32)::int, pg_current_wal_lsn() - '0/0'::pg_lsn,"
    " (select system_identifier from pg_control_system())";

int
position_read(struct db *db, struct position *out, struct err *e)
{
	PGresult *res;
	bool standby;

	*out = (struct position) { 0 };
	if (db_in_recovery(db, &standby, e) == -1 ||
	    db_query(db, standby ? standby_position : primary_position, 0, NULL,
		&res, e) == -1)
		return err_wrap(e, "position of the database");
	out->timeline = (uint32_t)cell_int(res, 0, 0);
	out->lsn = (uint64_t)cell_int(res, 0, 1);
	out->system = (uint64_t)cell_int(res, 0, 2);
	PQclear(res);
	return 0;
}

int
position_compare(const struct position *a, const struct position *b)
{
	if (a->timeline != b->timeline)
		return a->timeline < b->timeline ? -1 : 1;
	return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

int
position_promote(struct db *admin, struct err *e)
{
	PGresult *res;
	bool standby;
	bool done;

	if (db_in_recovery(admin, &standby, e) == -1)
		return err_wrap(e, "promote the database");
	if (!standby)
		return 0;
	if (db_query(admin, PROMOTE, 0, NULL, &res, e) == -1)
		return err_wrap(e, "promote the database");
	done = cell_bool(res, 0, 0);
	PQclear(res);
	if (!done)
		return err_set(e, ERR_TIMEOUT,
		    "the database has not become the primary yet");
	return 0;
}
