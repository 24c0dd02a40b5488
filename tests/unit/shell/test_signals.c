#include "shell/signals.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
ctrl_c_is_a_flag(void **state)
{
	(void)state;
	signals_install();
	assert_false(signals_interrupted());
	(void)kill(getpid(), SIGINT);
	assert_true(signals_interrupted());
	assert_false(signals_ended());
	signals_clear();
	assert_false(signals_interrupted());
}

static void
stopping_keys_do_nothing(void **state)
{
	(void)state;
	(void)kill(getpid(), SIGTSTP);
	(void)kill(getpid(), SIGQUIT);
	(void)kill(getpid(), SIGPIPE);
	assert_false(signals_interrupted());
	assert_false(signals_ended());
}

static void
hang_up_is_for_good(void **state)
{
	(void)state;
	signals_watch(NULL);
	(void)kill(getpid(), SIGHUP);
	assert_true(signals_ended());
	signals_clear();
	assert_true(signals_ended());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ctrl_c_is_a_flag),
		cmocka_unit_test(stopping_keys_do_nothing),
		cmocka_unit_test(hang_up_is_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
