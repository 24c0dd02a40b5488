#include "db/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/db_rows.h"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "sub-b", "127.0.10.3", NODE_SUBSCRIBER);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub-a", "127.0.10.2", NODE_SUBSCRIBER);
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

#define SECONDS 300

#define BOOT_A "aaaaaaaa-0000-0000-0000-000000000000"
#define BOOT_B "bbbbbbbb-0000-0000-0000-000000000000"

/* Times of the last regeneration and of now, and what is left. */
static const struct {
	const char *what;
	struct hold_time at;
	struct hold_time now;
	unsigned seconds;
	int64_t left;
} cases[] = {
	{ "same moment", { 1000, 50, BOOT_A }, { 1000, 50, BOOT_A }, 300, 300 },
	{ "one second before the end", { 1000, 50, BOOT_A },
	    { 1299, 349, BOOT_A }, 300, 1 },
	{ "the end", { 1000, 50, BOOT_A }, { 1300, 350, BOOT_A }, 300, 0 },
	{ "long after", { 1000, 50, BOOT_A }, { 9000, 8050, BOOT_A }, 300, 0 },
	{ "clock set forward", { 1000, 50, BOOT_A }, { 99000, 60, BOOT_A }, 300,
	    290 },
	{ "clock set back", { 1000, 50, BOOT_A }, { 10, 60, BOOT_A }, 300,
	    290 },
	{ "clock set back, over", { 1000, 50, BOOT_A }, { 10, 350, BOOT_A },
	    300, 0 },
	{ "boot time went back", { 1000, 500, BOOT_A }, { 1001, 100, BOOT_A },
	    300, 300 },
	{ "rebooted, soon", { 1000, 5000, BOOT_A }, { 1100, 20, BOOT_B }, 300,
	    200 },
	{ "rebooted, at the end", { 1000, 5000, BOOT_A }, { 1300, 20, BOOT_B },
	    300, 0 },
	{ "rebooted, boot time does not count", { 1000, 50, BOOT_A },
	    { 1010, 9000, BOOT_B }, 300, 290 },
	{ "rebooted, from the future, just up", { 5000, 50, BOOT_A },
	    { 1000, 10, BOOT_B }, 300, 290 },
	{ "rebooted, from the future, up long enough", { 5000, 50, BOOT_A },
	    { 1300, 300, BOOT_B }, 300, 0 },
	{ "no boot id known", { 1000, 50, "" }, { 1100, 5000, "" }, 300, 200 },
	{ "other span", { 1000, 50, BOOT_A }, { 1010, 60, BOOT_A }, 60, 50 },
	{ "no hold at all", { 1000, 50, BOOT_A }, { 1000, 50, BOOT_A }, 0, 0 },
};

static void
rules_of_the_hold(void **state)
{
	struct hold h = { .unit = "CallManager" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t left;

		h.at = cases[i].at;
		left = hold_left(&h, &cases[i].now, cases[i].seconds);
		if (left != cases[i].left)
			fail_msg("%s: %jd seconds left", cases[i].what,
			    (intmax_t)left);
	}
	h.unit[0] = '\0';
	h.at = cases[0].at;
	assert_int_equal(hold_left(&h, &cases[0].now, SECONDS), 0);
}

static void
now_is_of_this_boot(void **state)
{
	struct hold_time now;
	struct hold_time again;

	(void)state;
	hold_now(&now);
	hold_now(&again);
	assert_int_equal(strlen(now.boot_id), CLOCK_BOOT_ID_SIZE - 1);
	assert_string_equal(now.boot_id, again.boot_id);
	assert_in_range(again.boot - now.boot, 0, 60);
}

static int
regenerate(struct db *on, const char *node, const char *unit, unsigned number,
    int64_t boot, struct err *e)
{
	struct hold_time now = { .wall = 1000,
		.boot = boot,
		.boot_id = BOOT_A };
	struct cert_row row;
	int rc;

	db_rows_cert(&row, node, unit, number);
	rc = hold_replace_certificate(on, &row, &now, SECONDS, e);
	cert_row_release(&row);
	return rc;
}

static void
second_regeneration_is_held(void **state)
{
	static const char sentence[] =
	    "CallManager certificate was modified in the last 5 minutes. "
	    "Please re-try regnerating TVS certificate at a later time";
	struct hold_time now = { .wall = 0, .boot = 1100, .boot_id = BOOT_A };
	struct hold h;
	struct cert_row row;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(hold_read(db, "pub", &h, &e), 0);
	assert_string_equal(h.unit, "");
	assert_int_equal(hold_check(db, "pub", "TVS", &now, SECONDS, &e), 0);
	assert_int_equal(regenerate(db, "pub", "CallManager", 1, 1000, &e), 0);
	assert_int_equal(hold_read(db, "PUB", &h, &e), 0);
	assert_string_equal(h.unit, "CallManager");
	assert_int_equal(h.at.wall, 1000);
	assert_int_equal(h.at.boot, 1000);
	assert_string_equal(h.at.boot_id, BOOT_A);
	assert_int_equal(hold_check(db, "pub", "TVS", &now, SECONDS, &e), -1);
	assert_int_equal(e.code, ERR_HELD);
	assert_string_equal(e.msg, sentence);
	assert_int_equal(regenerate(db, "pub", "TVS", 2, 1299, &e), -1);
	assert_int_equal(e.code, ERR_HELD);
	assert_string_equal(e.msg, sentence);
	/* nothing has changed */
	assert_int_equal(certs_find(db, "pub", "TVS", &row, &e), -1);
	assert_int_equal(hold_read(db, "pub", &h, &e), 0);
	assert_string_equal(h.unit, "CallManager");
	assert_int_equal(h.at.boot, 1000);
	/* another node is free, and this one is after 5 minutes */
	assert_int_equal(regenerate(db, "sub-a", "TVS", 3, 1100, &e), 0);
	assert_int_equal(regenerate(db, "pub", "TVS", 4, 1300, &e), 0);
	assert_int_equal(certs_find(db, "pub", "TVS", &row, &e), 0);
	assert_string_equal(row.serial, "00000004");
	cert_row_release(&row);
}

static void
span_is_named(void **state)
{
	struct hold_time now = { .wall = 0, .boot = 1300, .boot_id = BOOT_A };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(hold_check(db, "pub", "CAPF", &now, 90, &e), -1);
	assert_non_null(strstr(e.msg, "in the last 90 seconds."));
	assert_int_equal(hold_check(db, "pub", "CAPF", &now, 60, &e), -1);
	assert_non_null(strstr(e.msg, "in the last 1 minute. Please"));
	assert_int_equal(hold_check(db, "pub", "CAPF", &now, 600, &e), -1);
	assert_non_null(strstr(e.msg, "in the last 10 minutes."));
}

static void
refused_certificate_sets_no_hold(void **state)
{
	struct hold h;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(regenerate(db, "sub-b", "nonsense", 5, 1000, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(hold_read(db, "sub-b", &h, &e), 0);
	assert_string_equal(h.unit, "");
	assert_int_equal(regenerate(db, "nope", "TVS", 5, 1000, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(hold_read(db, "nope", &h, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
hold_can_be_cleared(void **state)
{
	struct hold h;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(hold_clear(db, "pub", &e), 0);
	assert_int_equal(hold_read(db, "pub", &h, &e), 0);
	assert_string_equal(h.unit, "");
	assert_int_equal(hold_clear(db, "pub", &e), 0);
	assert_int_equal(hold_clear(db, "nope", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

/*
 * In the child: connect and say so, wait for the starting shot, regenerate,
 * end with 0 (done), 1 (held) or 2.
 */
static _Noreturn void
contend(int ready, int shot, unsigned number)
{
	struct db *own = pg_server_open(DB_RW);
	struct err e = ERR_INIT;
	char c;
	int rc;

	(void)!write(ready, "", 1);
	(void)!read(shot, &c, 1);
	rc = regenerate(own, "sub-b", number % 2 == 0 ? "TVS" : "CallManager",
	    number, 1000, &e);
	db_close(own);
	_exit(rc == 0 ? 0 : e.code == ERR_HELD ? 1 : 2);
}

/* Whatever the units and however many: exactly one of them wins. */
static void
of_callers_at_the_same_moment_one_wins(void **state)
{
	pid_t child[6];
	int ready[2];
	int shot[2];
	char c;
	int won = 0;
	int held = 0;
	int status;
	unsigned i;

	(void)state;
	assert_int_equal(pipe(shot), 0);
	for (i = 0; i < 6; i++) {
		assert_int_equal(pipe(ready), 0);
		child[i] = fork();
		assert_int_not_equal(child[i], -1);
		if (child[i] == 0) {
			(void)close(shot[1]);
			contend(ready[1], shot[0], 20 + i);
		}
		(void)close(ready[1]);
		assert_int_equal(read(ready[0], &c, 1), 1);
		(void)close(ready[0]);
	}
	(void)close(shot[0]);
	(void)close(shot[1]);
	for (i = 0; i < 6; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFEXITED(status));
		won += WEXITSTATUS(status) == 0 ? 1 : 0;
		held += WEXITSTATUS(status) == 1 ? 1 : 0;
	}
	assert_int_equal(won, 1);
	assert_int_equal(held, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_the_hold),
		cmocka_unit_test(now_is_of_this_boot),
		cmocka_unit_test(second_regeneration_is_held),
		cmocka_unit_test(span_is_named),
		cmocka_unit_test(refused_certificate_sets_no_hold),
		cmocka_unit_test(hold_can_be_cleared),
		cmocka_unit_test(of_callers_at_the_same_moment_one_wins),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
