/*
 * node/agent.c: locks that wait, and the state its threads share.
 */
#include "node/agent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

static struct agent agent;
static struct nodeconf conf;

static int
set_up(void **state)
{
	int fd[2];

	(void)state;
	nodeconf_defaults(&conf);
	if (pipe(fd) == -1)
		return -1;
	(void)close(fd[1]);
	agent_init(&agent, &conf, fd[0]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	agent_release(&agent);
	return 0;
}

static void
a_lock_has_one_holder(void **state)
{
	struct err e = ERR_INIT;
	int64_t before;

	(void)state;
	assert_int_equal(agent_lock_take(&agent.job, 0, &e), 0);
	before = clock_ticks();
	assert_int_equal(agent_lock_take(&agent.job, 100, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_true(clock_ticks() - before >= 90);
	/* another lock is another matter */
	assert_int_equal(agent_lock_take(&agent.service, 0, &e), 0);
	agent_lock_give(&agent.service);
	agent_lock_give(&agent.job);
	assert_int_equal(agent_lock_take(&agent.job, 0, &e), 0);
	agent_lock_give(&agent.job);
}

static void *
give_share_later(void *arg)
{
	(void)usleep(100000);
	agent_share_give(arg, 1001);
	return NULL;
}

static void
an_account_has_its_share(void **state)
{
	struct agent_shares *s = &agent.shares;
	struct err e = ERR_INIT;
	pthread_t thread;
	int i;

	(void)state;
	for (i = 0; i < AGENT_SHARE; i++)
		assert_int_equal(agent_share_take(s, 1001, 0, &e), 0);
	assert_int_equal(agent_share_take(s, 1001, 50, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	/* others have theirs */
	assert_int_equal(agent_share_take(s, 1002, 0, &e), 0);
	agent_share_give(s, 1002);
	/* who waits gets the next one */
	assert_int_equal(pthread_create(&thread, NULL, give_share_later, s), 0);
	assert_int_equal(agent_share_take(s, 1001, 5000, &e), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (i = 0; i < AGENT_SHARE; i++)
		agent_share_give(s, 1001);
	assert_int_equal(s->n, 0);
}

static void *
hold_for_a_while(void *arg)
{
	(void)usleep(100000);
	agent_lock_give(arg);
	return NULL;
}

static void
the_second_waits_for_the_first(void **state)
{
	struct err e = ERR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(agent_lock_take(&agent.job, 0, &e), 0);
	assert_int_equal(pthread_create(&thread, NULL, hold_for_a_while,
			     &agent.job),
	    0);
	assert_int_equal(agent_lock_take(&agent.job, 5000, &e), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	agent_lock_give(&agent.job);
}

static void *
repair_later(void *arg)
{
	(void)usleep(50000);
	agent_set_repaired(arg, true);
	return NULL;
}

static void
waits_for_the_repair(void **state)
{
	struct err e = ERR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(agent_repaired(&agent, 20, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_true(e.hint[0] != '\0');
	assert_int_equal(pthread_create(&thread, NULL, repair_later, &agent),
	    0);
	assert_int_equal(agent_repaired(&agent, 5000, &e), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	agent_set_repaired(&agent, false);
	assert_int_equal(agent_repaired(&agent, 0, &e), -1);
}

static void
keys_are_rendered_at_first_and_when_told(void **state)
{
	(void)state;
	assert_true(agent_take_keys_changed(&agent));
	assert_false(agent_take_keys_changed(&agent));
	agent_keys_changed(&agent);
	assert_true(agent_take_keys_changed(&agent));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lock_has_one_holder),
		TEST(the_second_waits_for_the_first),
		TEST(an_account_has_its_share),
		TEST(waits_for_the_repair),
		TEST(keys_are_rendered_at_first_and_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
