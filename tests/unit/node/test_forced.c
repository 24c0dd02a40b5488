/*
 * node/forced.c: what the login shell of ucmnode may be asked for.
 */
#include "node/forced.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
split(const char *command, char *words[FORCED_WORDS_MAX + 1])
{
	static char copy[256]; /* words point into it */

	assert_true(strlen(command) < sizeof(copy));
	(void)memcpy(copy, command, strlen(command) + 1);
	return forced_split(copy, words);
}

static void
takes_the_three_commands(void **state)
{
	char *words[FORCED_WORDS_MAX + 1];

	(void)state;
	assert_int_equal(split("/usr/bin/ucm-node peer sub1", words), 3);
	assert_string_equal(words[1], "peer");
	assert_string_equal(words[2], "sub1");
	assert_null(words[3]);
	assert_int_equal(split("/usr/bin/ucm-node enrol sub1 127.0.10.2 2222",
			     words),
	    5);
	assert_string_equal(words[1], "enrol");
	assert_string_equal(words[4], "2222");
	assert_null(words[5]);
	assert_int_equal(split("/usr/bin/ucm-node readmit pub", words), 3);
	assert_string_equal(words[1], "readmit");
	assert_string_equal(words[2], "pub");
}

static void
refuses_everything_else(void **state)
{
	static const char *const bad[] = { "", " ", "/bin/sh",
		"/usr/bin/ucm-node", "/usr/bin/ucm-node destroy",
		"/usr/bin/ucm-node destroy --yes", "/usr/bin/ucm-node  peer",
		"/usr/bin/ucm-node peer", "/usr/bin/ucm-node peer ",
		"/usr/bin/ucm-node peer a b", "/usr/bin/ucm-node enrol",
		"/usr/bin/ucm-node enrol a b",
		"/usr/bin/ucm-node enrol a b c d", "/usr/bin/ucm-node readmit",
		"/usr/bin/ucm-node readmit a b",
		"/usr/bin/ucm-node enrol a b c d e f g", "ucm-node peer a",
		"internal-sftp", "/usr/bin/ucm-node;peer" };
	char *words[FORCED_WORDS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(split(bad[i], words), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_three_commands),
		cmocka_unit_test(refuses_everything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
