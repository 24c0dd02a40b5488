#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static void
both_words_end_the_session(void **state)
{
	const struct command *const both[] = { &cmd_exit, &cmd_quit };
	struct cmd_world w;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		cmd_world_init(&w, NULL, NULL, OUT_TEXT);
		assert_int_equal(cmd_world_run(&w, both[i], NULL), 0);
		assert_true(w.session.leave);
		assert_string_equal(cmd_world_text(&w), "");
		cmd_world_release(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_words_end_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
