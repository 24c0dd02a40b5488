#include "base/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct listener {
	char text[100];
	int answer;
};

static int
take(void *self, const char *text)
{
	struct listener *l = self;

	(void)strncat(l->text, text, sizeof(l->text) - strlen(l->text) - 1);
	return l->answer;
}

static void
text_arrives_as_it_is(void **state)
{
	struct listener l = { .text = "" };
	struct progress p = { .text = take, .self = &l };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(progress_printf(&p, &e, "node %d\n", 1), 0);
	assert_int_equal(progress_printf(&p, &e, "done"), 0);
	assert_string_equal(l.text, "node 1\ndone");
	assert_int_equal(e.code, ERR_NONE);
}

static void
a_refusal_calls_the_work_off(void **state)
{
	struct listener l = { .text = "", .answer = -1 };
	struct progress p = { .text = take, .self = &l };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(progress_printf(&p, &e, "x"), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_string_equal(l.text, "x");
}

static void
nobody_needs_to_listen(void **state)
{
	struct progress p = { .text = NULL, .self = NULL };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(progress_printf(NULL, &e, "x"), 0);
	assert_int_equal(progress_printf(&p, &e, "x"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_arrives_as_it_is),
		cmocka_unit_test(a_refusal_calls_the_work_off),
		cmocka_unit_test(nobody_needs_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
