#include "base/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"

static void
the_root_is_fixed(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	assert_string_equal(paths_root(), "/var/lib/ucmsh");
	assert_string_equal(paths_in(path, "certs/%s.pem", "TVS"),
	    "/var/lib/ucmsh/certs/TVS.pem");
}

static void
the_root_can_be_moved(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	paths_set_root("/tmp/n1//");
	assert_string_equal(paths_root(), "/tmp/n1");
	assert_string_equal(paths_in(path, "run"), "/tmp/n1/run");
	paths_set_root("/");
	assert_string_equal(paths_root(), "/");
}

static void
too_long_a_path(void)
{
	char path[PATH_SIZE];
	char name[PATH_SIZE];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	paths_in(path, "%s", name);
}

static void
too_long_a_root(void)
{
	char name[PATH_SIZE + 1];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	paths_set_root(name);
}

static void
too_long_is_a_bug(void **state)
{
	(void)state;
	assert_true(testing_aborts(too_long_a_path));
	assert_true(testing_aborts(too_long_a_root));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_is_fixed),
		cmocka_unit_test(the_root_can_be_moved),
		cmocka_unit_test(too_long_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
