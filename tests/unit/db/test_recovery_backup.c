#include "db/recovery_backup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/changes.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

#define FIRST "1111111111111111111111111111111111111111111111111111111111111111"
#define SECOND \
	"abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&server);
	return 0;
}

/* Every test starts with what a new cluster has. */
static int
forget(void **state)
{
	(void)state;
	pg_server_sql("update recoverybackup set savedsha256 = '', savedat = 0,"
		      " presentsha256 = '', unsavedsince = 0");
	return 0;
}

static struct recovery_backup
state_now(void)
{
	struct recovery_backup b;
	struct err e = ERR_INIT;

	if (recovery_backup_read(db, &b, &e) == -1)
		fail_msg("%s", e.msg);
	return b;
}

static struct recovery_backup
present(const char *sha256, int64_t now)
{
	struct recovery_backup b;
	struct err e = ERR_INIT;

	if (recovery_backup_present(db, sha256, now, &b, &e) == -1)
		fail_msg("%s", e.msg);
	return b;
}

static void
saved(const char *sha256, int64_t now)
{
	struct err e = ERR_INIT;

	if (recovery_backup_saved(db, sha256, now, &e) == -1)
		fail_msg("%s", e.msg);
}

static uint64_t
counter(void)
{
	uint64_t value = 0;
	struct err e = ERR_INIT;

	if (changes_read(db, &value, &e) == -1)
		fail_msg("%s", e.msg);
	return value;
}

static void
new_cluster_has_neither(void **state)
{
	struct recovery_backup b = state_now();

	(void)state;
	assert_string_equal(b.saved, "");
	assert_string_equal(b.present, "");
	assert_int_equal(b.saved_at, 0);
	assert_int_equal(b.unsaved_since, 0);
	assert_false(recovery_backup_due(&b));
}

static void
key_is_unsaved_until_it_is_proven_saved(void **state)
{
	struct recovery_backup b = present(FIRST, 100);

	(void)state;
	assert_true(recovery_backup_due(&b));
	assert_string_equal(b.present, FIRST);
	assert_int_equal(b.unsaved_since, 100);
	/* seen again: still since then */
	b = present(FIRST, 200);
	assert_int_equal(b.unsaved_since, 100);
	saved(FIRST, 300);
	b = state_now();
	assert_false(recovery_backup_due(&b));
	assert_string_equal(b.saved, FIRST);
	assert_int_equal(b.saved_at, 300);
	assert_int_equal(b.unsaved_since, 0);
	b = present(FIRST, 400);
	assert_false(recovery_backup_due(&b));
	assert_int_equal(b.unsaved_since, 0);
}

static void
another_file_is_unsaved_again(void **state)
{
	struct recovery_backup b;

	(void)state;
	saved(FIRST, 300);
	b = present(SECOND, 500);
	assert_true(recovery_backup_due(&b));
	assert_int_equal(b.unsaved_since, 500);
	assert_string_equal(b.saved, FIRST);
	assert_int_equal(b.saved_at, 300);
	/* the saved one is back: nothing to do */
	b = present(FIRST, 600);
	assert_false(recovery_backup_due(&b));
	assert_int_equal(b.unsaved_since, 0);
}

/* Services follow the counter; what changes nothing must not move it. */
static void
only_changes_count(void **state)
{
	uint64_t before = counter();

	(void)state;
	(void)present(FIRST, 100);
	assert_true(counter() > before);
	before = counter();
	(void)present(FIRST, 200);
	assert_int_equal(counter(), before);
	saved(FIRST, 300);
	assert_true(counter() > before);
}

static void
what_is_no_checksum_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "11", FIRST "1",
		"ABCDEFabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"
	};
	struct recovery_backup b;
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(recovery_backup_present(db, bad[i], 1, &b, &e),
		    -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_int_equal(recovery_backup_saved(db, bad[i], 1, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
	b = state_now();
	assert_string_equal(b.present, "");
}

/* Nobody calls the key saved by a statement of his own. */
static void
run_sql_may_look_and_not_touch(void **state)
{
	static const enum db_role role[] = { DB_SQL, DB_SQL_RW };
	struct recovery_backup b;
	struct err e = ERR_INIT;

	(void)state;
	(void)present(FIRST, 100);
	for (size_t i = 0; i < 2; i++) {
		struct db *sql = pg_server_open(role[i]);

		assert_int_equal(recovery_backup_read(sql, &b, &e), 0);
		assert_string_equal(b.present, FIRST);
		assert_int_equal(recovery_backup_saved(sql, FIRST, 1, &e), -1);
		db_close(sql);
	}
	b = state_now();
	assert_true(recovery_backup_due(&b));
	assert_int_equal(e.code, ERR_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(new_cluster_has_neither, forget),
		cmocka_unit_test_setup(key_is_unsaved_until_it_is_proven_saved,
		    forget),
		cmocka_unit_test_setup(another_file_is_unsaved_again, forget),
		cmocka_unit_test_setup(only_changes_count, forget),
		cmocka_unit_test_setup(what_is_no_checksum_is_refused, forget),
		cmocka_unit_test_setup(run_sql_may_look_and_not_touch, forget),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
