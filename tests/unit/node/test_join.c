/*
 * node/join.c: what join refuses before it changes anything.  Joining
 * itself is seen in tests/system/node_life.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/command.h"
#include "node/token.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

static void
arguments_are_checked(void **state)
{
	(void)state;
	node_call_refused("join", ERR_USAGE, "a token, or - to read it");
	node_call_refused("join a b", ERR_USAGE, "a token, or - to read it");
	node_call_refused("join - --admin A", ERR_USAGE,
	    "--admin: a lower-case letter, then lower-case letters, digits, "
	    "- and _");
	node_call_refused("join - --passwords-file -", ERR_USAGE,
	    "token and passwords cannot both be standard input");
}

static void
a_bad_token_is_refused_at_once(void **state)
{
	char line[512];
	char path[PATH_SIZE];

	testing_write(*state, "pw", "admin = secret1\n");
	assert_int_equal(file_replace(paths_in(path, "pw"), "admin = secret1\n",
			     16, 0600, NULL),
	    0);
	(void)str_printf(line, sizeof(line),
	    "join nonsense --passwords-file %s", path);
	node_call_refused(line, ERR_FORMAT, "not a token of ucm-node invite");
	assert_int_equal(testing_count(*state), 2);
}

/* Everybody may read the arguments of a process, also while it asks. */
static void
a_token_does_not_stay_in_the_arguments(void **state)
{
	char word[] = "join";
	char token[] = "ucm1.secret";
	char *argv[] = { word, token, NULL };
	struct node_call call = { .argc = 2, .argv = argv };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(node_command_find("join")->run(&call, &e), -1);
	for (size_t i = 0; i < sizeof(token); i++)
		assert_int_equal(token[i], 0);
}

static void
a_publisher_s_token_is_not_for_joining(void **state)
{
	struct token t = { .publisher = true, .node_port = 22, .port = 22 };
	char *text;
	char *line;

	(void)str_copy(t.name, sizeof(t.name), "pub");
	text = token_encode(&t);
	line = mem_printf("join %s", text);
	node_call_refused(line, ERR_USAGE, "this token is for the publisher");
	assert_int_equal(testing_count(*state), 1);
	free(line);
	free(text);
}

static void
existing_nodes_are_left_alone(void **state)
{
	node_call_begun();
	node_call_refused("join -", ERR_STATE,
	    "making publisher pub was interrupted here");
	testing_write(*state, "etc/finished", "");
	node_call_refused("join -", ERR_EXISTS,
	    "this host is node pub already");
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, node_call_host, node_call_host_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(arguments_are_checked),
		TEST(a_bad_token_is_refused_at_once),
		TEST(a_token_does_not_stay_in_the_arguments),
		TEST(a_publisher_s_token_is_not_for_joining),
		TEST(existing_nodes_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
