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
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
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
tells_what_new_sessions_get(void **state)
{
	struct cmd_world w;

	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	testing_write(*state, "etc/cli.conf", "session_timeout = 45\n");
	assert_int_equal(cmd_world_run(&w, &cmd_show_cli_session_timeout, NULL),
	    0);
	assert_string_equal(cmd_world_text(&w),
	    "CLI session-timeout is set to 45 minutes for new CLI "
	    "sessions.\n");
	testing_write(*state, "etc/cli.conf", "nonsense\n");
	assert_int_equal(cmd_world_run(&w, &cmd_show_cli_session_timeout, NULL),
	    -1);
	assert_non_null(strstr(w.e.msg, "cli.conf: line 1"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_new_sessions_get),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
