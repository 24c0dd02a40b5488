#include "db/replicas.h"

#include <ctype.h>
#include <postgresql/libpq-fe.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "db/db_priv.h"

#define POLL_FIRST_NS 1000000L
#define POLL_LAST_NS 16000000L
#define LSN_SIZE 32

/*
 * Each subscriber, whether its standby streams, and whether that has
 * replayed the position $1.
 */
static const char standbys[] =
    "select l.hostname, coalesce(r.streaming, false),"
    " coalesce(r.replayed, false)"
    " from processnode p join nodelink l on l.fkprocessnode = p.pkid"
    " left join (select application_name, true as streaming,"
    " bool_or(replay_lsn >= $1::pg_lsn) as replayed"
    " from pg_stat_replication where state in ('streaming', 'catchup')"
    " group by application_name) r"
    " on r.application_name = replace(lower(l.hostname), '-', '_')"
    " where p.tknodeusage = 1 order by p.nodeid";

char *
replicas_slot_name(char dst[REPLICAS_SLOT_SIZE], const char *node)
{
	char *p;

	if (str_copy(dst, REPLICAS_SLOT_SIZE, node) == -1)
		BUG("a node name of %zu characters", strlen(node));
	for (p = dst; *p != '\0'; p++) {
		if (*p == '-')
			*p = '_';
		else
			*p = (char)tolower((unsigned char)*p);
	}
	return dst;
}

void
replica_report_release(struct replica_report *r)
{
	strlist_release(&r->late);
	strlist_release(&r->absent);
}

/* How far the log of this server has been written. */
static int
position(struct db *db, char lsn[LSN_SIZE], struct err *e)
{
	PGresult *res;
	int rc;

	if (db_query(db, "select pg_current_wal_lsn()", 0, NULL, &res, e) == -1)
		return -1;
	rc = cell_copy(lsn, LSN_SIZE, res, 0, 0, e);
	PQclear(res);
	return rc;
}

static int
look(struct db *db, const char *lsn, struct replica_report *out, struct err *e)
{
	PGresult *res;
	int i;

	replica_report_release(out);
	if (db_query(db, standbys, 1, &lsn, &res, e) == -1)
		return -1;
	for (i = 0; i < PQntuples(res); i++) {
		if (!cell_bool(res, i, 1))
			strlist_add(&out->absent, cell_text(res, i, 0));
		else if (!cell_bool(res, i, 2))
			strlist_add(&out->late, cell_text(res, i, 0));
	}
	PQclear(res);
	return 0;
}

int
replicas_wait(struct db *primary, int64_t timeout_ms,
    struct replica_report *out, struct err *e)
{
	int64_t deadline = clock_ticks() + timeout_ms;
	struct timespec pause = { .tv_sec = 0, .tv_nsec = POLL_FIRST_NS };
	char lsn[LSN_SIZE];

	memset(out, 0, sizeof(*out));
	if (position(primary, lsn, e) == -1)
		return err_wrap(e, "replication");
	for (;;) {
		if (look(primary, lsn, out, e) == -1) {
			replica_report_release(out);
			return err_wrap(e, "replication");
		}
		if (out->late.n == 0 || clock_ticks() >= deadline)
			return 0;
		(void)nanosleep(&pause, NULL);
		if (pause.tv_nsec < POLL_LAST_NS)
			pause.tv_nsec *= 2;
	}
}

int
replicas_streaming(struct db *primary, struct strlist *out, struct err *e)
{
	static const char *const start[] = { "0/0" };
	PGresult *res;
	int i;

	memset(out, 0, sizeof(*out));
	if (db_query(primary, standbys, 1, start, &res, e) == -1)
		return -1;
	for (i = 0; i < PQntuples(res); i++) {
		if (cell_bool(res, i, 1))
			strlist_add(out, cell_text(res, i, 0));
	}
	PQclear(res);
	return 0;
}

int
replicas_slot_create(struct db *primary, const char *node, struct err *e)
{
	char slot[REPLICAS_SLOT_SIZE];
	const char *arg[] = { replicas_slot_name(slot, node) };

	if (db_query(primary, "select ucm_slot_create($1::name)", 1, arg, NULL,
		e) == -1)
		return err_wrap(e, "replication slot %s", slot);
	return 0;
}

int
replicas_slot_drop(struct db *primary, const char *node, struct err *e)
{
	char slot[REPLICAS_SLOT_SIZE];
	const char *arg[] = { replicas_slot_name(slot, node) };

	if (db_query(primary, "select ucm_slot_drop($1::name)", 1, arg, NULL,
		e) == -1)
		return err_wrap(e, "replication slot %s", slot);
	return 0;
}
