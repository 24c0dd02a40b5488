/*
 * node/init.c: what init refuses.  What it makes is seen in
 * tests/system/node_life.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/nodeconf.h"
#include "base/str.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/testing.h"

#define GOOD "init --address 127.0.10.1 --domain joemar2.lab --name pub"

static void
arguments_are_checked(void **state)
{
	(void)state;
	node_call_refused("init extra", ERR_USAGE, "unexpected argument extra");
	node_call_refused("init --name a_b", ERR_USAGE,
	    "--name: not a host name");
	node_call_refused("init --name pub", ERR_USAGE, "--domain is missing");
	node_call_refused("init --name pub --domain x", ERR_USAGE,
	    "--address is missing");
	node_call_refused(GOOD " --admin Root", ERR_USAGE,
	    "--admin: a lower-case letter, then lower-case letters, digits, "
	    "- and _");
	node_call_refused(GOOD " --ssh-port 0", ERR_USAGE,
	    "--ssh-port: not a port");
	node_call_refused(GOOD " --key-bits 8192", ERR_USAGE,
	    "--key-bits: not a number up to 4096");
	node_call_refused(GOOD " --password x", ERR_USAGE,
	    "unknown option --password");
}

static void
an_existing_node_is_left_alone(void **state)
{
	testing_write(*state, "etc/finished", "");
	node_call_refused(GOOD, ERR_EXISTS,
	    "this host is node (unknown) already");
}

static void
another_node_s_rest_is_left_alone(void **state)
{
	struct nodeconf n;
	struct err e = ERR_INIT;

	(void)state;
	nodeconf_defaults(&n);
	(void)str_copy(n.name, sizeof(n.name), "other");
	(void)str_copy(n.domain, sizeof(n.domain), "joemar2.lab");
	(void)str_copy(n.address, sizeof(n.address), "127.0.10.1");
	(void)str_copy(n.publisher_name, sizeof(n.publisher_name), "other");
	(void)str_copy(n.publisher_address, sizeof(n.publisher_address),
	    "127.0.10.1");
	assert_int_equal(nodeconf_save(&n, NULL, &e), 0);
	node_call_refused(GOOD, ERR_STATE,
	    "making node other.joemar2.lab (127.0.10.1) was interrupted here");
}

static void
passwords_come_from_a_private_file(void **state)
{
	struct err e = ERR_INIT;
	char line[512];

	testing_write(*state, "pw", "admin = secret\n");
	(void)str_printf(line, sizeof(line), GOOD " --passwords-file %s/pw",
	    (const char *)*state);
	assert_int_equal(node_call_line(line, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(testing_count(*state), 2); /* nothing was made */
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, node_call_host, node_call_host_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(arguments_are_checked),
		TEST(an_existing_node_is_left_alone),
		TEST(another_node_s_rest_is_left_alone),
		TEST(passwords_come_from_a_private_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
