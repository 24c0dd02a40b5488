/*
 * node/start.c: what start refuses.  Starting is seen in
 * tests/system/node_life.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

static void
only_finished_nodes_start(void **state)
{
	char *dir = testing_dir();
	char path[PATH_SIZE];

	(void)state;
	paths_set_root(dir);
	node_call_refused("start", ERR_STATE, "this host is no node");
	node_call_refused("start --foreground", ERR_STATE,
	    "this host is no node");
	assert_int_equal(file_mkdir(paths_in(path, "etc"), 0755, NULL), 0);
	node_call_refused("start", ERR_STATE,
	    "making the node was interrupted");
	testing_dir_remove(dir);
}

static void
arguments_are_checked(void **state)
{
	(void)state;
	node_call_refused("start x", ERR_USAGE, "unexpected argument x");
	node_call_refused("start --timeout 3601", ERR_USAGE,
	    "--timeout: not a number up to 3600");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_finished_nodes_start),
		cmocka_unit_test(arguments_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
