/*
 * node/verb_hostkey.c: keys are added, found and forgotten, in
 * certs/sftp_known_hosts.
 */
#include "node/verb.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/paths.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"

#define KEY                                                  \
	"ssh-ed25519 "                                       \
	"AAAAC3NzaC1lZDI1NTE5AAAAICXxG1teeLWGyAupact5rePeVO" \
	"MzqEQkBcQyrG8opKVZ"
#define OTHER                                                \
	"ecdsa-sha2-nistp256 "                               \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAA" \
	"BBBAG2284bmh3exFd8+gVl2jXivwm8uDJWV87DMY48L83HyEeB" \
	"JOcOcLT6Q1pRqn+AcL5iMJzCODL7rHSOsUjr9tk="

static char *dir;
static struct verb_call c;

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	return mkdir(paths_in(path, "certs"), 0700);
}

static int
tear_down(void **state)
{
	(void)state;
	verb_call_release(&c);
	testing_dir_remove(dir);
	return 0;
}

static void
test_add_and_find(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,find,h,22"), 0);
	assert_string_equal(c.rows, "");
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,add,h,22," KEY), 0);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,find,H,22"), 0);
	assert_string_equal(c.rows, KEY "\n");
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,find,h,23"), 0);
	assert_string_equal(c.rows, "");
	verb_call_release(&c);
	/* Nobody replaces a key that is known. */
	assert_int_equal(verb_call(&c, NULL, 4, "hostkey,add,h,22," OTHER), -1);
	assert_int_equal(c.e.code, ERR_EXISTS);
	text = testing_read(dir, "certs/sftp_known_hosts");
	assert_string_equal(text, "h " KEY "\n");
	free(text);
}

static void
test_forget(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,add,h,22," KEY), 0);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, NULL, 1, "hostkey,forget,h,2222"), -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, NULL, 1, "hostkey,forget,H,22"), 0);
	verb_call_release(&c);
	/* Another key can be accepted now. */
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,add,h,22," OTHER), 0);
}

static void
test_wrong(void **state)
{
	static const char *const wrong[] = { "hostkey,forget,h,0",
		"hostkey,forget,*,22", "hostkey,add,h,0," KEY,
		"hostkey,add,h,65536," KEY, "hostkey,add,*,22," KEY,
		"hostkey,find,h,x", "hostkey,find,a b,22", "hostkey,find,h" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(verb_call(&c, NULL, 1, wrong[i]), -1);
		assert_int_equal(c.e.code, ERR_USAGE);
		verb_call_release(&c);
	}
	assert_int_equal(verb_call(&c, NULL, 0, "hostkey,add,h,22,nonsense"),
	    -1);
	assert_int_equal(c.e.code, ERR_KEY);
	verb_call_release(&c);
	/* The account of other nodes has no business here. */
	assert_int_equal(verb_call(&c, NULL, VERB_CALL_PEER,
			     "hostkey,find,h,22"),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_add_and_find, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_forget, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
