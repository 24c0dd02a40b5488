/*
 * node/enrol.c: what a one-time key may ask for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

#define ENROL "enrol sub1 127.0.10.2 22"
#define READMIT "readmit pub"

static void
anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", "sh", "begin x", "end x",
		"BEGIN", "peer" };

	(void)state;
	node_call_refused("enrol", ERR_USAGE, "a name, an address and a port");
	(void)unsetenv("SSH_ORIGINAL_COMMAND");
	node_call_refused(ENROL, ERR_USAGE, "this key is for joining only");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", bad[i], 1), 0);
		node_call_refused(ENROL, ERR_USAGE,
		    "this key is for joining only");
	}
}

static void
a_publisher_s_key_has_its_own_words(void **state)
{
	static const char *const bad[] = { "", "sh", "begin", "facts x",
		"nodes x", "end x", "look", "adopt", "relay look x",
		"lookx sub1", "peer", "node status" };
	char longest[4096];

	(void)state;
	node_call_refused("readmit", ERR_USAGE, "a name");
	(void)unsetenv("SSH_ORIGINAL_COMMAND");
	node_call_refused(READMIT, ERR_USAGE,
	    "this key is for rebuilding the publisher only");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", bad[i], 1), 0);
		node_call_refused(READMIT, ERR_USAGE,
		    "this key is for rebuilding the publisher only");
	}
	memset(longest, 'x', sizeof(longest) - 1);
	memcpy(longest, "look ", 5);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", longest, 1), 0);
	node_call_refused(READMIT, ERR_USAGE,
	    "this key is for rebuilding the publisher only");
}

static void
without_an_agent_it_says_so(void **state)
{
	static const char *const good[] = { "facts", "nodes", "look sub1",
		"adopt sub1", "end" };
	char *dir = testing_dir();
	struct err e = ERR_INIT;
	int old = dup(STDIN_FILENO);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	paths_set_root(dir);
	(void)dup2(null, STDIN_FILENO);
	assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", "begin", 1), 0);
	assert_int_equal(node_call_line(ENROL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", "end", 1), 0);
	assert_int_equal(node_call_line(ENROL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", good[i], 1), 0);
		assert_int_equal(node_call_line(READMIT, NULL, &e), -1);
		assert_int_equal(e.code, ERR_UNREACHABLE);
	}
	(void)dup2(old, STDIN_FILENO);
	close(old);
	close(null);
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_publisher_s_key_has_its_own_words),
		cmocka_unit_test(without_an_agent_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
