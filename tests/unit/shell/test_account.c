#include "shell/account.h"

#include <sys/types.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "commands/command.h"
#include "tests/fakes/testing.h"

static int
make_root(void **state)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return file_mkdir(paths_in(path, "etc"), 0755, &e);
}

static int
remove_root(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
levels_of_a_table(void **state)
{
	static const char table[] = "# accounts\n"
				    "admin 4\n"
				    "reader  0\n"
				    "\n"
				    "helper\t1\n"
				    "odd 7\n"
				    "longer 10\n"
				    "empty\n"
				    "last 1";

	(void)state;
	assert_int_equal(account_level(table, "admin"), 4);
	assert_int_equal(account_level(table, "reader"), 0);
	assert_int_equal(account_level(table, "helper"), 1);
	assert_int_equal(account_level(table, "last"), 1);
	assert_int_equal(account_level(table, "odd"), CMD_LEVEL_NONE);
	assert_int_equal(account_level(table, "longer"), CMD_LEVEL_NONE);
	assert_int_equal(account_level(table, "empty"), CMD_LEVEL_NONE);
	assert_int_equal(account_level(table, "adm"), CMD_LEVEL_NONE);
	assert_int_equal(account_level(table, "administrator"), CMD_LEVEL_NONE);
	assert_int_equal(account_level("", "x"), CMD_LEVEL_NONE);
}

static void
root_may_do_everything(void **state)
{
	struct account a;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(account_of(0, &a, &e), 0);
	assert_string_equal(a.name, "root");
	assert_int_equal(a.level, CMD_LEVEL_INSTALLER);
}

static void
others_are_looked_up(void **state)
{
	struct account a;
	struct err e = ERR_INIT;

	testing_write(*state, "etc/accounts", "nobody 1\n");
	assert_int_equal(account_of(65534, &a, &e), 0);
	assert_string_equal(a.name, "nobody");
	assert_int_equal(a.level, 1);
	testing_write(*state, "etc/accounts", "somebody 4\n");
	assert_int_equal(account_of(65534, &a, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_true(
	    str_starts(e.msg, "The account nobody has no privilege level"));
	assert_int_equal(a.level, CMD_LEVEL_NONE);
	assert_int_equal(account_of(61234, &a, &e), -1);
	assert_string_equal(e.msg,
	    "User id 61234 has no account on this node.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_of_a_table),
		cmocka_unit_test(root_may_do_everything),
		cmocka_unit_test(others_are_looked_up),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
