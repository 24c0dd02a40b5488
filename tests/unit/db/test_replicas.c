#include "db/replicas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/db_priv.h"
#include "db/migrate.h"
#include "db/params.h"
#include "db/sql.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server primary;
static struct pg_server standby;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&primary);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "pub1", "127.0.10.1", NODE_PUBLISHER);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&standby);
	pg_server_stop(&primary);
	return 0;
}

static void
slot_name_is_lower_case(void **state)
{
	char dst[REPLICAS_SLOT_SIZE];

	(void)state;
	assert_string_equal(replicas_slot_name(dst, "Sub-2-a"), "sub_2_a");
	assert_string_equal(replicas_slot_name(dst, "test10pub"), "test10pub");
}

static void
wait_for(size_t late, size_t absent, int64_t timeout_ms)
{
	struct replica_report r;
	struct err e = ERR_INIT;

	if (replicas_wait(db, timeout_ms, &r, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(r.late.n, late);
	assert_int_equal(r.absent.n, absent);
	if (late > 0)
		assert_string_equal(r.late.item[0], "Sub-1");
	if (absent > 0)
		assert_string_equal(r.absent.item[0], "Sub-1");
	replica_report_release(&r);
}

static void
one_node_waits_for_nobody(void **state)
{
	(void)state;
	wait_for(0, 0, REPLICAS_WAIT_MS);
}

static void
slots_can_be_made_and_dropped_twice(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(replicas_slot_create(db, "Sub-1", &e), 0);
	assert_int_equal(replicas_slot_create(db, "Sub-1", &e), 0);
	assert_int_equal(replicas_slot_drop(db, "Sub-1", &e), 0);
	assert_int_equal(replicas_slot_drop(db, "Sub-1", &e), 0);
	assert_int_equal(replicas_slot_create(db, "Sub-1", &e), 0);
}

/* Its node was away for longer than the log is kept. */
static void
a_slot_that_is_lost_is_made_anew(void **state)
{
	static const char is_lost[] =
	    "do $$ begin if not exists (select from pg_replication_slots "
	    "where slot_name = 'sub_9' and wal_status = 'lost') then "
	    "raise 'it is not lost'; end if; end $$";
	static const char is_good[] =
	    "do $$ begin if not exists (select from pg_replication_slots "
	    "where slot_name = 'sub_9' and wal_status = 'reserved') then "
	    "raise 'it is not good'; end if; end $$";
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(replicas_slot_create(db, "Sub-9", &e), 0);
	pg_server_sql("alter system set max_slot_wal_keep_size = '1MB'");
	pg_server_sql("select pg_reload_conf()");
	for (int i = 0; i < 4; i++) {
		pg_server_sql(
		    "select pg_logical_emit_message(false, 'x', 'x')");
		pg_server_sql("select pg_switch_wal()");
		pg_server_sql("checkpoint");
	}
	pg_server_sql(is_lost);
	pg_server_sql("alter system reset max_slot_wal_keep_size");
	pg_server_sql("select pg_reload_conf()");
	assert_int_equal(replicas_slot_create(db, "Sub-9", &e), 0);
	pg_server_sql(is_good);
	assert_int_equal(replicas_slot_drop(db, "Sub-9", &e), 0);
}

static void
node_without_standby_is_absent(void **state)
{
	struct strlist l;
	struct err e = ERR_INIT;
	int64_t begun = clock_ticks();

	(void)state;
	db_rows_add_node(db, "Sub-1", "127.0.10.2", NODE_SUBSCRIBER);
	wait_for(0, 1, REPLICAS_WAIT_MS);
	assert_true(clock_ticks() - begun < 1500);
	assert_int_equal(replicas_streaming(db, &l, &e), 0);
	assert_int_equal(l.n, 0);
	strlist_release(&l);
}

/* Wait up to 10 s until the standby streams. */
static void
await_streaming(void)
{
	int64_t deadline = clock_ticks() + 10000;
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;

	do {
		strlist_release(&l);
		if (replicas_streaming(db, &l, &e) == -1)
			fail_msg("%s", e.msg);
	} while (l.n == 0 && clock_ticks() < deadline);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.item[0], "Sub-1");
	strlist_release(&l);
}

static void
standby_sees(const char *value)
{
	char text[PARAMS_VALUE_SIZE];
	struct err e = ERR_INIT;
	struct db *s;
	bool recovery = false;

	pg_server_use(&standby);
	s = pg_server_open(DB_RW);
	pg_server_use(&primary);
	assert_int_equal(db_in_recovery(s, &recovery, &e), 0);
	assert_true(recovery);
	assert_int_equal(params_get(s, "Cluster ID", text, &e), 0);
	assert_string_equal(text, value);
	db_close(s);
}

/* What has been waited for is there: 50 times, and quickly. */
static void
commit_is_replayed_after_the_wait(void **state)
{
	char value[16];
	struct err e = ERR_INIT;
	int64_t begun;
	int i;

	(void)state;
	pg_server_start_standby(&standby, &primary, "Sub-1");
	await_streaming();
	wait_for(0, 0, 10000);
	begun = clock_ticks();
	for (i = 0; i < 50; i++) {
		(void)str_printf(value, sizeof(value), "cluster%d", i);
		assert_int_equal(params_set(db, "Cluster ID", value, &e), 0);
		wait_for(0, 0, REPLICAS_WAIT_MS);
		standby_sees(value);
	}
	assert_true(clock_ticks() - begun < 15000);
}

static void
standby_is_read_only(void **state)
{
	struct err e = ERR_INIT;
	struct db *s;

	(void)state;
	pg_server_use(&standby);
	s = pg_server_open(DB_RW);
	assert_int_equal(params_set(s, "Cluster ID", "x", &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	db_close(s);
	s = pg_server_open(DB_ADMIN);
	assert_int_equal(migrate_run(s, 1, NULL, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	db_close(s);
	pg_server_use(&primary);
}

static int
take(void *self, const char *const *cell, size_t n)
{
	size_t *rows = self;

	(void)cell;
	(void)n;
	(*rows)++;
	return 0;
}

/* Level 1 may read there too; a change belongs to the publisher. */
static void
run_sql_reads_on_a_standby(void **state)
{
	size_t rows = 0;
	struct sql_sink sink = { .row = take, .self = &rows };
	struct sql_result res;
	struct err e = ERR_INIT;
	struct db *s;

	(void)state;
	pg_server_use(&standby);
	s = pg_server_open(DB_SQL_RW);
	assert_int_equal(sql_run(s, "select name from processnode",
			     &sql_limits_default, &sink, &res, &e),
	    0);
	assert_int_equal(res.rows, 3);
	assert_int_equal(rows, 4);
	assert_int_equal(sql_run(s, "delete from device", &sql_limits_default,
			     &sink, &res, &e),
	    -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_true(e.hint[0] != '\0');
	db_close(s);
	s = pg_server_open(DB_SQL);
	assert_int_equal(sql_run(s, "set transaction read write",
			     &sql_limits_default, &sink, &res, &e),
	    -1);
	assert_int_equal(e.code, ERR_DENIED);
	db_close(s);
	pg_server_use(&primary);
}

static void
slot_in_use_is_not_dropped(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(replicas_slot_drop(db, "Sub-1", &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_non_null(strstr(e.msg, "replication slot sub_1: "));
}

static void
late_standby_is_named(void **state)
{
	struct err e = ERR_INIT;
	int64_t begun;

	(void)state;
	pg_server_use(&standby);
	pg_server_sql("select pg_wal_replay_pause()");
	pg_server_use(&primary);
	assert_int_equal(params_set(db, "Cluster ID", "paused", &e), 0);
	begun = clock_ticks();
	wait_for(1, 0, 500);
	assert_true(clock_ticks() - begun >= 500);
	pg_server_use(&standby);
	pg_server_sql("select pg_wal_replay_resume()");
	pg_server_use(&primary);
	wait_for(0, 0, REPLICAS_WAIT_MS);
	standby_sees("paused");
}

static void
stopped_standby_is_absent_and_catches_up(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	pg_server_halt(&standby);
	assert_int_equal(params_set(db, "Cluster ID", "stopped", &e), 0);
	wait_for(0, 1, REPLICAS_WAIT_MS);
	pg_server_resume(&standby);
	await_streaming();
	wait_for(0, 0, 10000);
	standby_sees("stopped");
}

/* The publisher of a subscriber must be a primary. */
static void
standby_cannot_be_asked(void **state)
{
	struct replica_report r;
	struct nodeconf conf;
	struct err e = ERR_INIT;
	struct db *s;

	(void)state;
	pg_server_use(&standby);
	s = pg_server_open(DB_RW);
	assert_int_equal(replicas_wait(s, 100, &r, &e), -1);
	assert_int_equal(r.late.n, 0);
	db_close(s);
	conf = standby.conf;
	conf.role = NODE_PUBLISHER;
	assert_null(db_open_primary(&conf, DB_RW, &e));
	assert_int_equal(e.code, ERR_STATE);
	pg_server_use(&primary);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slot_name_is_lower_case),
		cmocka_unit_test(one_node_waits_for_nobody),
		cmocka_unit_test(slots_can_be_made_and_dropped_twice),
		cmocka_unit_test(a_slot_that_is_lost_is_made_anew),
		cmocka_unit_test(node_without_standby_is_absent),
		cmocka_unit_test(commit_is_replayed_after_the_wait),
		cmocka_unit_test(standby_is_read_only),
		cmocka_unit_test(run_sql_reads_on_a_standby),
		cmocka_unit_test(slot_in_use_is_not_dropped),
		cmocka_unit_test(late_standby_is_named),
		cmocka_unit_test(stopped_standby_is_absent_and_catches_up),
		cmocka_unit_test(standby_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
