/* posix_openpt() and its kin. */
#define _GNU_SOURCE

#include "shell/tty.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int
open_pty(int *master)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	*master = fd;
	return open(ptsname(fd), O_RDWR | O_NOCTTY);
}

static void
mode_is_set_and_put_back(void **state)
{
	struct termios before, inside, after;
	struct tty t;
	int master, slave = open_pty(&master);

	(void)state;
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &before), 0);
	assert_int_equal(tty_enter(&t, slave), 0);
	assert_int_equal(tcgetattr(slave, &inside), 0);
	assert_int_equal(inside.c_lflag & (tcflag_t)(ICANON | ECHO), 0);
	assert_int_equal(inside.c_iflag & (tcflag_t)ICRNL, 0);
	assert_true((inside.c_lflag & (tcflag_t)ISIG) != 0);
	assert_true((inside.c_oflag & (tcflag_t)ONLCR) != 0);
	assert_int_equal(inside.c_cc[VSUSP], _POSIX_VDISABLE);
	tty_leave(&t);
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	close(slave);
	close(master);
}

static void
a_pipe_is_no_terminal(void **state)
{
	struct tty t;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(tty_enter(&t, fds[0]), -1);
	tty_leave(&t);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode_is_set_and_put_back),
		cmocka_unit_test(a_pipe_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
