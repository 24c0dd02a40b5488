#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

static const char *const password[] = { "Secret 1", NULL };

static void
dialogue_is_the_reference_s(void **state)
{
	char *all = golden_output("cli/reset_localkey.txt");
	struct fake_answer answers[] = {
		{ .words = "itl reset localkey" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	/* The agent's part begins behind the question. */
	answers[0].text = strchr(all, '\n') + 1;
	cmd_world_init(&w, answers, password, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_itl_reset_localkey, NULL),
	    0);
	assert_string_equal(cmd_world_text(&w), all);
	assert_string_equal(w.agent.secret, "Secret 1");
	assert_null(strstr(cmd_world_text(&w), "Secret"));
	cmd_world_release(&w);
	free(all);
}

static void
nothing_is_asked_of_the_agent_without_a_password(void **state)
{
	static const char *const user[] = { "^C", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_itl_reset_localkey, NULL),
	    -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

static void
failures_are_the_agent_s(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "itl reset localkey",
		    .code = ERR_AUTH,
		    .message = "wrong password",
		    .hint = "try again" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, password, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_utils_itl_reset_localkey, NULL),
	    -1);
	assert_string_equal(w.e.msg, "wrong password");
	assert_string_equal(w.e.hint, "try again");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogue_is_the_reference_s),
		cmocka_unit_test(
		    nothing_is_asked_of_the_agent_without_a_password),
		cmocka_unit_test(failures_are_the_agent_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
