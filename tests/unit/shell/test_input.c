#include "shell/input.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/signals.h"

static int fds[2];

static int
open_pipe(void **state)
{
	(void)state;
	signals_install();
	return pipe(fds);
}

static int
close_pipe(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void
type(const char *s)
{
	assert_int_equal(write(fds[1], s, strlen(s)), strlen(s));
}

static void
each_kind_of_enter_counts_once(void **state)
{
	static const char expected[] = "a\nb\nc\n\nd\n\n";
	struct input in;
	size_t i;

	(void)state;
	input_init(&in, fds[0], 1000);
	type("a\rb\nc\r\n\r\nd\n\n");
	for (i = 0; expected[i] != '\0'; i++)
		assert_int_equal(input_key(&in), expected[i]);
	assert_false(input_ready(&in));
}

static void
the_two_halves_may_come_apart(void **state)
{
	struct input in;

	(void)state;
	input_init(&in, fds[0], 50);
	type("\r");
	assert_int_equal(input_key(&in), '\n');
	type("\nx");
	assert_true(input_ready(&in));
	assert_int_equal(input_key(&in), 'x');
	assert_int_equal(input_key(&in), INPUT_IDLE);
	/* Long after the CR, an LF is an Enter of its own. */
	type("\r");
	assert_int_equal(input_key(&in), '\n');
	(void)usleep(150000);
	type("\n");
	assert_int_equal(input_key(&in), '\n');
}

static void
bytes_do_not_stay_behind(void **state)
{
	struct input in;
	size_t i;

	(void)state;
	input_init(&in, fds[0], 1000);
	type("secret");
	for (i = 0; i < 6; i++)
		(void)input_key(&in);
	for (i = 0; i < 6; i++)
		assert_int_equal(in.buf[i], 0);
}

static void
ctrl_c_drops_what_was_typed(void **state)
{
	struct input in;

	(void)state;
	input_init(&in, fds[0], 50);
	type("abc");
	assert_int_equal(input_key(&in), 'a');
	(void)kill(getpid(), SIGINT);
	assert_int_equal(input_key(&in), INPUT_INTERRUPT);
	assert_int_equal(input_key(&in), INPUT_IDLE);
	assert_false(signals_interrupted());
}

static void
count_pause(void *self)
{
	++*(int *)self;
}

static void
a_long_wait_is_told_once(void **state)
{
	struct input in;
	int pauses = 0;

	(void)state;
	input_init(&in, fds[0], 1300);
	in.pause = count_pause;
	in.pause_self = &pauses;
	type("ab");
	assert_int_equal(input_peek(&in), -1);
	assert_int_equal(input_key(&in), 'a');
	assert_int_equal(input_peek(&in), 'b');
	assert_int_equal(input_key(&in), 'b');
	assert_int_equal(pauses, 0);
	assert_int_equal(input_key(&in), INPUT_IDLE);
	assert_int_equal(pauses, 1);
}

static void
ends_are_told_apart(void **state)
{
	struct input in;

	(void)state;
	input_init(&in, fds[0], 0);
	type("x");
	close(fds[1]);
	assert_int_equal(input_key(&in), 'x');
	assert_int_equal(input_key(&in), INPUT_END);
	(void)kill(getpid(), SIGTERM);
	assert_int_equal(input_key(&in), INPUT_HANGUP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_kind_of_enter_counts_once,
		    open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(the_two_halves_may_come_apart,
		    open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(bytes_do_not_stay_behind,
		    open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(ctrl_c_drops_what_was_typed,
		    open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(a_long_wait_is_told_once,
		    open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(ends_are_told_apart, open_pipe,
		    close_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
