#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

#define WARNING                                                                \
	"\nWARNING: The database of this publisher will be replaced by that "  \
	"of the most advanced\nsubscriber of the cluster that has lost its "   \
	"publisher. The cluster security password\nmust be the same here and " \
	"there.\n\n"

static const struct command *const cmd =
    &cmd_utils_disaster_recovery_prepare_restore_pub_from_sub;

static void
the_token_goes_to_the_agent_and_nowhere_else(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "restore pub_from_sub",
		    .text = "Copying its database ...\n" },
		{ .words = NULL },
	};
	static const char *const user[] = { "yes", "ucmp1.secret", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, cmd, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    WARNING "Do you want to continue (yes/no)? yes\n"
		    "Token of \"ucm-node invite --publisher\" :\n"
		    "\n"
		    "Copying its database ...\n"
		    "\n"
		    "The publisher is restored from the subscriber. Use "
		    "\"utils itl reset remotekey\" with\n"
		    "the saved ITLRecovery.p12 so that phones trust it.\n");
	assert_string_equal(w.agent.asked.item[w.agent.asked.n - 1],
	    "ucmp1.secret");
	assert_null(strstr(cmd_world_text(&w), "ucmp1"));
	cmd_world_release(&w);
}

static void
who_says_no_changes_nothing(void **state)
{
	static const char *const user[] = { "no", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, cmd, NULL), 0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "(yes/no)? no\nNothing has been changed.\n"));
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

static void
nothing_is_asked_of_the_agent_without_a_token(void **state)
{
	static const char *const user[] = { "yes", "^C", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, cmd, NULL), -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

static void
failures_are_the_agent_s(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "restore pub_from_sub",
		    .text = "Asking the subscriber (127.0.10.2) ...\n",
		    .code = ERR_STATE,
		    .message = "the subscriber refuses: the cluster security "
			       "password is another one" },
		{ .words = NULL },
	};
	static const char *const user[] = { "yes", "ucmp1.secret", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, cmd, NULL), -1);
	assert_non_null(strstr(w.e.msg, "password is another one"));
	assert_null(strstr(cmd_world_text(&w), "is restored"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_token_goes_to_the_agent_and_nowhere_else),
		cmocka_unit_test(who_says_no_changes_nothing),
		cmocka_unit_test(nothing_is_asked_of_the_agent_without_a_token),
		cmocka_unit_test(failures_are_the_agent_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
