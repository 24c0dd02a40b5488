#include "commands/ctx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/cmd_world.h"

static void
requests_hold_their_words(void **state)
{
	static const char *const words[] = { "cert", "hold", "TVS", NULL };
	struct link_request rq;

	(void)state;
	cmd_request(&rq, words);
	assert_int_equal(rq.words.n, 3);
	assert_string_equal(rq.words.item[2], "TVS");
	assert_null(rq.payload);
	assert_null(rq.secret);
	cmd_request_release(&rq);
	assert_int_equal(rq.words.n, 0);
}

static void
text_of_the_agent_cannot_act_on_the_terminal(void **state)
{
	struct out *out = out_new_mem(OUT_TEXT);
	struct link_sink sink;
	static const char text[] = "one\n\ttwo\033[2J\r\nthree";

	(void)state;
	cmd_text_sink(&sink, out);
	assert_int_equal(sink.text(sink.self, text, strlen(text)), 0);
	assert_string_equal(out_text(out), "one\n\ttwo\\x1b[2J\\x0d\nthree");
	out_free(out);
}

static void
asks_until_it_is_yes_or_no(void **state)
{
	static const char *const user[] = { "", "maybe", "YES", "yes", "n",
		"^C", NULL };
	struct cmd_world w;
	struct err e = ERR_INIT;
	bool yes = false;

	(void)state;
	cmd_world_init(&w, NULL, user, OUT_TEXT);
	assert_int_equal(cmd_confirm(&w.ctx, "Go? ", &yes, &e), 0);
	assert_true(yes);
	assert_string_equal(cmd_world_text(&w),
	    "Go? \nPlease answer \"yes\" or \"no\".\n"
	    "Go? maybe\nPlease answer \"yes\" or \"no\".\n"
	    "Go? YES\nPlease answer \"yes\" or \"no\".\n"
	    "Go? yes\n");
	assert_int_equal(cmd_confirm(&w.ctx, "Go? ", &yes, &e), 0);
	assert_false(yes);
	assert_int_equal(cmd_confirm(&w.ctx, "Go? ", &yes, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(cmd_confirm(&w.ctx, "Go? ", &yes, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	cmd_world_release(&w);
}

static void
knows_the_publisher(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_true(cmd_on_publisher(&w.ctx));
	w.conf.role = NODE_SUBSCRIBER;
	assert_false(cmd_on_publisher(&w.ctx));
	w.ctx.conf = NULL;
	assert_false(cmd_on_publisher(&w.ctx));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_hold_their_words),
		cmocka_unit_test(text_of_the_agent_cannot_act_on_the_terminal),
		cmocka_unit_test(asks_until_it_is_yes_or_no),
		cmocka_unit_test(knows_the_publisher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
