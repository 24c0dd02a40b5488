/*
 * node/peer_command.c: the status of `ucm-node peer` is that of peer_main().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/paths.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

/* The status, with the answer's frames out of the way. */
static int
run_peer(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int out = dup(STDOUT_FILENO);
	struct err e = ERR_INIT;
	int status = 0;

	assert_int_equal(dup2(null, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(null);
	assert_int_equal(node_call_line("peer test10sub", &status, &e), 0);
	assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(out);
	return status;
}

static void
without_an_agent_it_fails(void **state)
{
	char *dir = testing_dir();

	(void)state;
	paths_set_root(dir);
	assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", "node status", 1), 0);
	assert_int_equal(run_peer(), 1);
	testing_dir_remove(dir);
}

static void
the_node_must_be_named(void **state)
{
	struct err e = ERR_INIT;
	int status = 0;

	(void)state;
	assert_int_equal(node_call_line("peer", &status, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_agent_it_fails),
		cmocka_unit_test(the_node_must_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
