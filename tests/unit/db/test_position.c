#include "db/position.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/params.h"
#include "db/replicas.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

#define WAIT_MS 30000

static struct pg_server primary;
static struct pg_server standby;
static struct db *db;

static int
start(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	pg_server_start_migrated(&primary);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "pub1", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub1", "127.0.10.2", NODE_SUBSCRIBER);
	if (replicas_slot_create(db, "sub1", &e) == -1)
		return -1;
	pg_server_start_standby(&standby, &primary, "sub1");
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

static struct position
position_of(struct pg_server *s)
{
	struct position p;
	struct err e = ERR_INIT;
	struct db *own;

	pg_server_use(s);
	own = pg_server_open(DB_RW);
	pg_server_use(&primary);
	if (position_read(own, &p, &e) == -1)
		fail_msg("%s", e.msg);
	db_close(own);
	return p;
}

static void
the_timeline_counts_before_the_log(void **state)
{
	static const struct position old = { 7, 1, 900 };
	static const struct position behind = { 7, 2, 100 };
	static const struct position ahead = { 7, 2, 101 };

	(void)state;
	assert_true(position_compare(&old, &behind) < 0);
	assert_true(position_compare(&ahead, &behind) > 0);
	assert_true(position_compare(&behind, &ahead) < 0);
	assert_int_equal(position_compare(&ahead, &ahead), 0);
}

static void
a_standby_comes_as_far_as_its_primary(void **state)
{
	int64_t deadline = clock_ticks() + WAIT_MS;
	struct position before = position_of(&primary);
	struct position goal;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(before.timeline, 1);
	assert_true(before.lsn > 0);
	assert_int_equal(params_set(db, "Cluster ID", "x", &e), 0);
	goal = position_of(&primary);
	assert_true(position_compare(&goal, &before) > 0);
	do {
		struct position p = position_of(&standby);

		/* a copy is one of the same system */
		assert_true(p.system != 0);
		assert_true(p.system == before.system);
		if (position_compare(&p, &goal) >= 0)
			return;
	} while (clock_ticks() < deadline);
	fail_msg("the standby does not come as far");
}

static void
one_that_is_cut_off_is_behind(void **state)
{
	struct position here;
	struct position there;
	struct err e = ERR_INIT;

	(void)state;
	/* started again without its primary it still knows what it had */
	pg_server_halt(&primary);
	pg_server_use(&standby);
	pg_server_halt(&standby);
	pg_server_resume(&standby);
	here = position_of(&standby);
	assert_true(here.lsn > 0);
	pg_server_use(&primary);
	pg_server_resume(&primary);
	db_close(db);
	db = pg_server_open(DB_RW);
	assert_int_equal(params_set(db, "Cluster ID", "y", &e), 0);
	there = position_of(&primary);
	assert_true(position_compare(&there, &here) > 0);
}

static void
promotion_begins_a_new_timeline(void **state)
{
	struct position before = position_of(&standby);
	struct position after;
	struct err e = ERR_INIT;
	struct db *admin;
	bool recovery = true;

	(void)state;
	pg_server_use(&standby);
	admin = pg_server_open(DB_ADMIN);
	pg_server_use(&primary);
	if (position_promote(admin, &e) == -1)
		fail_msg("%s", e.msg);
	/* twice: an interrupted run is run again */
	assert_int_equal(position_promote(admin, &e), 0);
	assert_int_equal(db_in_recovery(admin, &recovery, &e), 0);
	assert_false(recovery);
	db_close(admin);
	after = position_of(&standby);
	assert_int_equal(after.timeline, before.timeline + 1);
	assert_true(position_compare(&after, &before) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_timeline_counts_before_the_log),
		cmocka_unit_test(a_standby_comes_as_far_as_its_primary),
		cmocka_unit_test(one_that_is_cut_off_is_behind),
		cmocka_unit_test(promotion_begins_a_new_timeline),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
