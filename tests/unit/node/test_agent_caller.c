/*
 * node/agent_caller.c: what a user id may.
 */
#include "node/agent_caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "node/agent.h"
#include "tests/fakes/testing.h"

static const struct agent agent = { .ucm_uid = 901, .peer_uid = 902 };
static struct account_table table;

static int
set_up(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	return account_parse(&table,
	    "admin 4\noperator 1\nreader 0\nucmnode 4\n", &e);
}

static void
root_and_the_service_user_may_everything(void **state)
{
	struct verb_caller who;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(agent_caller_decide(&who, 0, NULL, &agent, &table, &e),
	    0);
	assert_true(who.all);
	assert_string_equal(who.name, "root");
	assert_int_equal(who.level, VERB_LEVEL_MAX);
	assert_int_equal(agent_caller_decide(&who, 901, "ucm", &agent, &table,
			     &e),
	    0);
	assert_true(who.all);
}

/* Even if the table should name it. */
static void
the_peer_account_is_a_peer_only(void **state)
{
	struct verb_caller who;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(agent_caller_decide(&who, 902, "ucmnode", &agent,
			     &table, &e),
	    0);
	assert_true(who.peer);
	assert_false(who.all);
	assert_int_equal(who.level, -1);
}

static void
accounts_have_the_level_of_the_table(void **state)
{
	static const struct {
		const char *name;
		int level;
	} want[] = { { "admin", 4 }, { "operator", 1 }, { "reader", 0 } };
	struct verb_caller who;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(agent_caller_decide(&who, 2000, want[i].name,
				     &agent, &table, &e),
		    0);
		assert_int_equal(who.level, want[i].level);
		assert_string_equal(who.name, want[i].name);
		assert_false(who.all);
		assert_false(who.peer);
	}
}

static void
strangers_are_refused(void **state)
{
	struct verb_caller who;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(agent_caller_decide(&who, 2000, "nobody", &agent,
			     &table, &e),
	    -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(who.level, -1);
	assert_int_equal(agent_caller_decide(&who, 2000, NULL, &agent, &table,
			     &e),
	    -1);
	assert_int_equal(agent_caller_decide(&who, 2000, "root", &agent, &table,
			     &e),
	    -1);
}

static void
asks_the_kernel(void **state)
{
	char *dir = testing_dir();
	struct verb_caller who;
	struct err e = ERR_INIT;
	uid_t uid;
	int fd[2];

	(void)state;
	paths_set_root(dir);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(agent_caller_uid(fd[0], &uid, &e), 0);
	assert_int_equal(uid, getuid());
	/* root needs no account table */
	if (getuid() == 0)
		assert_int_equal(agent_caller_of(&who, fd[0], &agent, &e), 0);
	else
		assert_int_equal(agent_caller_of(&who, fd[0], &agent, &e), -1);
	(void)close(fd[0]);
	(void)close(fd[1]);
	assert_int_equal(agent_caller_uid(fd[0], &uid, &e), -1);
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_and_the_service_user_may_everything),
		cmocka_unit_test(the_peer_account_is_a_peer_only),
		cmocka_unit_test(accounts_have_the_level_of_the_table),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(asks_the_kernel),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
