/*
 * node/destroy.c: it asks, and it knows what is a node.  Removing one is
 * seen in tests/system/node_life.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

static void
nothing_happens_without_a_word(void **state)
{
	char *dir = testing_dir();
	char path[PATH_SIZE];
	int old = dup(STDIN_FILENO);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	paths_set_root(dir);
	(void)dup2(null, STDIN_FILENO);
	node_call_refused("destroy", ERR_STATE, "this host is no node");
	node_call_refused("destroy --yes", ERR_STATE, "this host is no node");
	node_call_refused("destroy it", ERR_USAGE, "unexpected argument it");
	assert_int_equal(file_mkdir(paths_in(path, "etc"), 0755, NULL), 0);
	node_call_refused("destroy", ERR_USAGE,
	    "no terminal to ask on; nothing is changed");
	assert_int_equal(testing_count(dir), 1);
	(void)dup2(old, STDIN_FILENO);
	close(old);
	close(null);
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happens_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
