/*
 * node/restore_init.c: what is refused before anything is changed.
 * Restoring itself is seen in tests/system/restore.sh.
 */
#include "node/restore_init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "node/command.h"
#include "node/token.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

static void
arguments_are_checked(void **state)
{
	(void)state;
	node_call_refused("init --restore-from", ERR_USAGE,
	    "--restore-from: value missing");
	node_call_refused("init --restore-from x --ccm-user other", ERR_USAGE,
	    "--ccm-user: the cluster has its own");
	node_call_refused("init --restore-from x --db-port 5433", ERR_USAGE,
	    "--restore-from: ports and names of certificates are those of the "
	    "cluster");
	node_call_refused("init --restore-from x --organization other",
	    ERR_USAGE,
	    "--restore-from: ports and names of certificates are those of the "
	    "cluster");
	node_call_refused("init --restore-from - --passwords-file -", ERR_USAGE,
	    "token and passwords cannot both be standard input");
	assert_int_equal(testing_count(*state), 1);
}

static void
only_the_right_token_is_taken(void **state)
{
	struct token t = { .node_port = 22, .port = 22 };
	char *text;
	char *line;

	(void)str_copy(t.name, sizeof(t.name), "sub1");
	text = token_encode(&t);
	line = mem_printf("init --restore-from %s", text);
	node_call_refused("init --restore-from nonsense", ERR_FORMAT,
	    "not a token of ucm-node invite");
	node_call_refused(line, ERR_USAGE,
	    "this token is for a node that joins");
	assert_int_equal(testing_count(*state), 1);
	free(line);
	free(text);
}

/* Everybody may read the arguments of a process, also while it asks. */
static void
a_token_does_not_stay_in_the_arguments(void **state)
{
	char word[] = "init";
	char option[] = "--restore-from";
	char token[] = "ucmp1.secret";
	char *argv[] = { word, option, token, NULL };
	struct node_call call = { .argc = 3, .argv = argv };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(node_command_find("init")->run(&call, &e), -1);
	for (size_t i = 0; i < sizeof(token); i++)
		assert_int_equal(token[i], 0);
}

/* The data of one kind of making a node is not mixed with that of another. */
static void
other_rests_are_left_alone(void **state)
{
	assert_false(restore_init_begun());
	node_call_begun();
	node_call_refused("init --restore-from x", ERR_STATE,
	    "making node pub was interrupted here");
	testing_write(*state, "etc/restoring", "");
	assert_true(restore_init_begun());
	node_call_refused("init --restore-from x", ERR_FORMAT,
	    "not a token of ucm-node invite");
	node_call_refused(
	    "init --name pub --domain joemar2.lab --address 127.0.10.1",
	    ERR_STATE, "rebuilding publisher pub was interrupted here");
	testing_write(*state, "etc/finished", "");
	node_call_refused("init --restore-from x", ERR_EXISTS,
	    "this host is node pub already");
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, node_call_host, node_call_host_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(arguments_are_checked),
		TEST(only_the_right_token_is_taken),
		TEST(a_token_does_not_stay_in_the_arguments),
		TEST(other_rests_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
