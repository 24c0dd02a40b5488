#include "db/users.h"

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

static void
save(const char *name, const char *hash, bool administrator)
{
	struct user_row u = { .ccm_administrator = administrator };
	struct err e = ERR_INIT;

	(void)str_copy(u.name, sizeof(u.name), name);
	(void)str_copy(u.password_hash, sizeof(u.password_hash), hash);
	if (users_save(db, &u, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
no_administrator_at_first(void **state)
{
	struct user_row u;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(users_ccm_administrator(db, &u, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.msg, "there is no CCM administrator");
	assert_int_equal(users_find(db, "x", &u, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
user_is_saved_and_found(void **state)
{
	struct user_row u;
	struct err e = ERR_INIT;

	(void)state;
	save("CCMAdministrator", "pbkdf2$1", true);
	save("other", "pbkdf2$2", false);
	assert_int_equal(users_ccm_administrator(db, &u, &e), 0);
	assert_string_equal(u.name, "CCMAdministrator");
	assert_string_equal(u.password_hash, "pbkdf2$1");
	assert_true(u.ccm_administrator);
	assert_int_equal(users_find(db, "other", &u, &e), 0);
	assert_string_equal(u.password_hash, "pbkdf2$2");
	assert_false(u.ccm_administrator);
	user_row_release(&u);
	assert_string_equal(u.password_hash, "");
}

static void
saving_again_replaces(void **state)
{
	struct user_row u;
	struct err e = ERR_INIT;

	(void)state;
	save("CCMAdministrator", "pbkdf2$3", true);
	assert_int_equal(users_ccm_administrator(db, &u, &e), 0);
	assert_string_equal(u.password_hash, "pbkdf2$3");
	/* the flag moves */
	save("other", "pbkdf2$4", true);
	assert_int_equal(users_ccm_administrator(db, &u, &e), 0);
	assert_string_equal(u.name, "other");
	assert_int_equal(users_find(db, "CCMAdministrator", &u, &e), 0);
	assert_false(u.ccm_administrator);
}

static void
user_needs_a_name(void **state)
{
	struct user_row u = { .ccm_administrator = true };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(users_save(db, &u, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(users_ccm_administrator(db, &u, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_administrator_at_first),
		cmocka_unit_test(user_is_saved_and_found),
		cmocka_unit_test(saving_again_replaces),
		cmocka_unit_test(user_needs_a_name),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
