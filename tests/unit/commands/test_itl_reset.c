#include "commands/itl_reset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/cmd_world.h"

static const char *const words[] = { "itl", "reset", "somekey", NULL };
static const char *const password[] = { "Secret 1", NULL };

static void
agent_gets_password_and_file(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "itl reset somekey", .text = "the dialogue\n" },
		{ .words = NULL },
	};
	struct cmd_world w;
	struct err e = ERR_INIT;

	(void)state;
	cmd_world_init(&w, answers, password, OUT_TEXT);
	assert_int_equal(itl_reset_ask(&w.ctx, words, "bytes", 5, &e), 0);
	assert_string_equal(cmd_world_text(&w),
	    "Enter CCM Administrator password :\nthe dialogue\n");
	assert_string_equal(w.agent.secret, "Secret 1");
	assert_int_equal(w.agent.asked.n, 2);
	assert_string_equal(w.agent.asked.item[0], "itl reset somekey");
	assert_string_equal(w.agent.asked.item[1], "bytes");
	cmd_world_release(&w);
}

static void
nothing_is_asked_of_the_agent_without_a_password(void **state)
{
	static const char *const user[] = { "^C", NULL };
	struct cmd_world w;
	struct err e = ERR_INIT;

	(void)state;
	cmd_world_init(&w, NULL, user, OUT_TEXT);
	assert_int_equal(itl_reset_ask(&w.ctx, words, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agent_gets_password_and_file),
		cmocka_unit_test(
		    nothing_is_asked_of_the_agent_without_a_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
