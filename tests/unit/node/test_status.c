/*
 * node/status.c: a stopped node in both forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mount.h>

#include "base/nodeconf.h"
#include "base/str.h"
#include "node/command.h"
#include "node/hostuser.h"
#include "node/tree.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	struct nodeconf n;
	struct err e = ERR_INIT;

	private_host_enter();
	if (mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == -1)
		return -1;
	*state = private_host_root();
	nodeconf_defaults(&n);
	(void)str_copy(n.name, sizeof(n.name), "pub");
	(void)str_copy(n.domain, sizeof(n.domain), "joemar2.lab");
	(void)str_copy(n.address, sizeof(n.address), "127.0.10.1");
	(void)str_copy(n.publisher_name, sizeof(n.publisher_name), "pub");
	(void)str_copy(n.publisher_address, sizeof(n.publisher_address),
	    "127.0.10.1");
	if (hostuser_make_system(&e) == -1 || tree_make(&e) == -1 ||
	    nodeconf_save(&n, NULL, &e) == -1)
		return -1;
	return tree_finish(&e);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return umount("/run");
}

static void
as_text(void **state)
{
	struct err e = ERR_INIT;
	char text[2048];
	int status;

	(void)state;
	assert_int_equal(node_call_output("status", text, sizeof(text), &e), 0);
	assert_string_equal(text,
	    "Node pub.joemar2.lab (127.0.10.1), publisher: stopped\n"
	    "  System SSH                        down\n"
	    "  A Cisco DB                        down\n"
	    "  Cluster Manager                   down\n"
	    "  Cisco Tftp                        down\n"
	    "  Cisco Certificate Expiry Monitor  down\n"
	    "  Cisco Trust Verification Service  down\n");
	assert_int_equal(node_call_line("status", &status, &e), 0);
	assert_int_equal(status, NODE_NOT_RUNNING);
}

static void
as_json(void **state)
{
	struct err e = ERR_INIT;
	char text[4096];

	(void)state;
	assert_int_equal(node_call_output("status --json", text, sizeof(text),
			     &e),
	    0);
	assert_non_null(strstr(text, "\"state\": \"stopped\""));
	assert_non_null(strstr(text, "\"service\": \"postgresql\""));
	assert_non_null(strstr(text, "\"pid\": null"));
}

static void
no_node_no_status(void **state)
{
	char *dir = private_host_root();

	(void)state;
	node_call_refused("status", ERR_STATE, "this host is no node");
	node_call_refused("status --jason", ERR_USAGE,
	    "unknown option --jason");
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_text, setup, teardown),
		cmocka_unit_test_setup_teardown(as_json, setup, teardown),
		cmocka_unit_test_setup_teardown(no_node_no_status, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
