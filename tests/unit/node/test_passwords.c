/*
 * node/passwords.c: passwords from files and descriptors.
 */
#include "node/passwords.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

static void
takes_all_kinds(void **state)
{
	struct passwords p = { 0 };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(passwords_parse(&p,
			     "# first\n\nadmin = secret 1 = 2\nccm=secret2\n"
			     "security\t= secret3 ",
			     &e),
	    0);
	assert_string_equal(p.of[PASSWORD_ADMIN].text, "secret 1 = 2");
	assert_string_equal(p.of[PASSWORD_CCM].text, "secret2");
	assert_string_equal(p.of[PASSWORD_SECURITY].text, "secret3 ");
	assert_int_equal(passwords_need(&p, PASSWORD_CCM, "x", &e), 0);
	passwords_release(&p);
	assert_null(p.of[PASSWORD_ADMIN].text);
}

static void
refused(const char *text, const char *message)
{
	struct passwords p = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(passwords_parse(&p, text, &e), -1);
	assert_string_equal(e.msg, message);
	passwords_release(&p);
}

static void
bad_lines_are_refused(void **state)
{
	(void)state;
	refused("admin secret1", "line 1: not \"KIND = PASSWORD\"");
	refused("\nroot = secret1",
	    "line 2: a kind is one of admin, ccm, security");
	refused("ccm = secret1\nccm = secret1\n", "line 2: ccm: given twice");
	refused("ccm = short",
	    "line 1: ccm: a password has 6 to 127 characters");
	refused("ccm = sec\001ret",
	    "line 1: ccm: a password has printable ASCII characters only");
	refused("ccm = sécret1",
	    "line 1: ccm: a password has printable ASCII characters only");
}

static void
the_longest_is_127(void **state)
{
	struct secret s;
	char text[129];

	(void)state;
	memset(text, 'x', sizeof(text));
	secret_set(&s, text, 127);
	assert_int_equal(passwords_check(&s, NULL), 0);
	secret_release(&s);
	secret_set(&s, text, 128);
	assert_int_equal(passwords_check(&s, NULL), -1);
	secret_release(&s);
}

static void
files_must_be_private(void **state)
{
	struct passwords p = { 0 };
	struct err e = ERR_INIT;
	char *dir = testing_dir();
	char path[256];

	(void)state;
	testing_write(dir, "pw", "admin = secret1\n");
	(void)str_printf(path, sizeof(path), "%s/pw", dir);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(passwords_load(&p, path, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_true(str_starts(e.hint, "chmod 600 "));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(passwords_load(&p, path, &e), 0);
	assert_string_equal(p.of[PASSWORD_ADMIN].text, "secret1");
	passwords_release(&p);
	(void)str_printf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(passwords_load(&p, path, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_dir_remove(dir);
}

/* A descriptor from which this text can be read. */
static int
pipe_with(const char *text, size_t n)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, n), n);
	close(fd[1]);
	return fd[0];
}

static void
one_password_from_a_descriptor(void **state)
{
	struct err e = ERR_INIT;
	struct secret s;
	int fd;

	(void)state;
	fd = pipe_with("secret1\r\nmore\n", 14);
	assert_int_equal(passwords_read_fd(&s, fd, &e), 0);
	assert_string_equal(s.text, "secret1");
	secret_release(&s);
	close(fd);
	fd = pipe_with("sec\0ret1", 8);
	assert_int_equal(passwords_read_fd(&s, fd, &e), -1);
	assert_true(str_ends(e.msg, ": not a text"));
	close(fd);
	fd = pipe_with("", 0);
	assert_int_equal(passwords_read_fd(&s, fd, &e), -1);
	assert_null(s.text);
	close(fd);
}

static void
without_a_terminal_it_says_so(void **state)
{
	struct passwords p = { 0 };
	struct err e = ERR_INIT;

	(void)state;
	if (setsid() == -1 && open("/dev/tty", O_RDWR) != -1)
		return;
	assert_int_equal(passwords_need(&p, PASSWORD_ADMIN, "Password of x",
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg,
	    "Password of x: not given, and no terminal to ask on");
	passwords_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_kinds),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(the_longest_is_127),
		cmocka_unit_test(files_must_be_private),
		cmocka_unit_test(one_password_from_a_descriptor),
		cmocka_unit_test(without_a_terminal_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
