#include "commands/cli_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"

static int
mkdir_in(const char *name)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	return file_mkdir(paths_in(path, "%s", name), 0755, &e);
}

static int
make_root(void **state)
{
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return mkdir_in("etc");
}

static int
remove_root(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
a_missing_file_is_the_default(void **state)
{
	struct err e = ERR_INIT;
	unsigned minutes = 0;

	(void)state;
	assert_int_equal(cli_conf_timeout(&minutes, &e), 0);
	assert_int_equal(minutes, CLI_TIMEOUT_DEFAULT);
}

static void
reads_the_last_setting(void **state)
{
	struct err e = ERR_INIT;
	unsigned minutes = 0;

	testing_write(*state, "etc/cli.conf",
	    "# comment\n\nsession_timeout=5\nsession_timeout = 99999  \n");
	assert_int_equal(cli_conf_timeout(&minutes, &e), 0);
	assert_int_equal(minutes, 99999);
}

static void
wrong_files_name_the_line(void **state)
{
	static const char *const wrong[] = { "session_timeout = 4\n",
		"session_timeout\n", "timeout = 5\n",
		"session_timeout = 5 minutes\n",
		"session_timeout = 111111111111111111111111111111111111111\n" };
	unsigned minutes;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err e = ERR_INIT;

		testing_write(*state, "etc/cli.conf", wrong[i]);
		assert_int_equal(cli_conf_timeout(&minutes, &e), -1);
		assert_non_null(strstr(e.msg, "line 1"));
		assert_int_equal(minutes, CLI_TIMEOUT_DEFAULT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_file_is_the_default),
		cmocka_unit_test(reads_the_last_setting),
		cmocka_unit_test(wrong_files_name_the_line),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
