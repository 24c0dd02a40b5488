/*
 * node/account.c: the account table.
 */
#include "node/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

struct world {
	char *dir;
	struct account_table t;
};

static int
setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	char path[PATH_SIZE];

	w->dir = testing_dir();
	paths_set_root(w->dir);
	assert_int_equal(file_mkdir(paths_in(path, "etc"), 0755, NULL), 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	testing_dir_remove(w->dir);
	free(w);
	return 0;
}

static void
names_and_levels(void **state)
{
	(void)state;
	assert_true(account_valid_name("admin"));
	assert_true(account_valid_name("_a-9"));
	assert_true(account_valid_name("abcdefghijklmnopqrstuvwxyz012345"));
	assert_false(account_valid_name("abcdefghijklmnopqrstuvwxyz0123456"));
	assert_false(account_valid_name(""));
	assert_false(account_valid_name("Admin"));
	assert_false(account_valid_name("9a"));
	assert_false(account_valid_name("-a"));
	assert_false(account_valid_name("a:b"));
	assert_false(account_valid_name("a b"));
	assert_false(account_valid_name("a\n"));
	assert_true(account_valid_level(0));
	assert_true(account_valid_level(1));
	assert_true(account_valid_level(4));
	assert_false(account_valid_level(2));
	assert_false(account_valid_level(-1));
}

static void
a_table_comes_back(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(account_load(&w->t, &e), 0);
	assert_int_equal(w->t.n, 0);
	assert_int_equal(account_set(&w->t, "admin", 4, &e), 0);
	assert_int_equal(account_set(&w->t, "reader", 1, &e), 0);
	assert_int_equal(account_set(&w->t, "reader", 0, &e), 0);
	assert_int_equal(account_save(&w->t, &e), 0);
	text = testing_read(w->dir, "etc/accounts");
	assert_string_equal(text, "admin 4\nreader 0\n");
	free(text);
	assert_int_equal(account_load(&w->t, &e), 0);
	assert_int_equal(w->t.n, 2);
	assert_int_equal(account_find(&w->t, "reader")->level, 0);
	assert_null(account_find(&w->t, "nobody"));
}

static void
comments_are_skipped(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;

	assert_int_equal(account_parse(&w->t, "# x\n\nadmin 4\n", &e), 0);
	assert_int_equal(w->t.n, 1);
	assert_int_equal(account_parse(&w->t, "admin 4", &e), 0);
	assert_int_equal(w->t.n, 1);
}

static void
bad_lines_are_refused(void **state)
{
	static const char *const bad[] = { "admin", "admin 2", "admin 5",
		"admin x", "admin  4", "admin 4 4", "Admin 4", "a 4\na 4",
		" a 4", "a -1",
		"abcdefghijklmnopqrstuvwxyz012345678901234567890 1" };
	struct world *w = *state;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(account_parse(&w->t, bad[i], &e), -1);
		assert_true(str_starts(e.msg, "line "));
	}
	testing_write(w->dir, "etc/accounts", "ok 4\nbad\n");
	assert_int_equal(account_load(&w->t, &e), -1);
	assert_true(
	    str_ends(e.msg, "etc/accounts: line 2: not \"NAME LEVEL\""));
}

static void
one_of_level_4_stays(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;

	assert_int_equal(account_set(&w->t, "a", 4, &e), 0);
	assert_int_equal(account_set(&w->t, "b", 1, &e), 0);
	assert_int_equal(account_drop(&w->t, "a", &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(account_set(&w->t, "a", 0, &e), -1);
	assert_string_equal(e.msg, "a is the last account of level 4");
	assert_int_equal(account_set(&w->t, "b", 4, &e), 0);
	assert_int_equal(account_drop(&w->t, "a", &e), 0);
	assert_int_equal(w->t.n, 1);
	assert_string_equal(w->t.item[0].name, "b");
	assert_int_equal(account_drop(&w->t, "a", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
a_full_table_says_so(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;
	char name[ACCOUNT_NAME_SIZE];

	for (int i = 0; i < ACCOUNT_MAX; i++) {
		(void)str_printf(name, sizeof(name), "a%d", i);
		assert_int_equal(account_set(&w->t, name, 4, &e), 0);
	}
	assert_int_equal(account_set(&w->t, "b", 4, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(account_set(&w->t, "a0", 1, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_levels),
		cmocka_unit_test_setup_teardown(a_table_comes_back, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(comments_are_skipped, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(bad_lines_are_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(one_of_level_4_stays, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_full_table_says_so, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
