#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

static int
record(void *self, struct out *out, const char *words, struct err *e)
{
	(void)self;
	(void)e;
	out_printf(out, "help of <%s>", words == NULL ? "all" : words);
	return 0;
}

static void
hands_the_words_to_the_shell(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.ctx.help = record;
	assert_int_equal(cmd_world_run(&w, &cmd_help, "show itl"), 0);
	assert_int_equal(cmd_world_run(&w, &cmd_help, NULL), 0);
	assert_string_equal(cmd_world_text(&w),
	    "help of <show itl>help of <all>");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_the_words_to_the_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
