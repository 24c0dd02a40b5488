/*
 * node/hostuser.c: accounts on a host of their own.
 */
#include "node/hostuser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <grp.h>
#include <pwd.h>
#include <shadow.h>

#include "node/spawn.h"
#include "tests/fakes/private_host.h"

static int
setup(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	private_host_enter();
	return hostuser_make_system(&e);
}

static void
the_system_accounts(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(getgrnam("ucmadm"));
	assert_string_equal(getpwnam("ucm")->pw_shell, "/usr/sbin/nologin");
	assert_string_equal(getpwnam("ucmnode")->pw_shell, "/usr/bin/ucm-peer");
	assert_string_equal(getgrgid(getpwnam("ucm")->pw_gid)->gr_name, "ucm");
	/* locked: no password is right */
	assert_int_equal(getspnam("ucm")->sp_pwdp[0], '!');
	assert_int_equal(getspnam("ucmnode")->sp_pwdp[0], '!');
	assert_int_equal(hostuser_make_system(&e), 0);
}

/* Earlier versions gave other nodes another program. */
static void
a_login_shell_of_an_earlier_version(void **state)
{
	static const char *const usermod[] = { "/usr/sbin/usermod", "--shell",
		"/usr/bin/ucm-node", "ucmnode", NULL };
	const struct spawn change = { .argv = usermod };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spawn_run(&change, NULL, &e), 0);
	assert_string_equal(getpwnam("ucmnode")->pw_shell, "/usr/bin/ucm-node");
	assert_int_equal(hostuser_make_system(&e), 0);
	assert_string_equal(getpwnam("ucmnode")->pw_shell, "/usr/bin/ucm-peer");
}

static void
an_administrator(void **state)
{
	struct secret password;
	struct err e = ERR_INIT;
	const struct spwd *sp;

	(void)state;
	assert_int_equal(hostuser_add_admin("tester1", &e), 0);
	assert_true(hostuser_is_admin("tester1"));
	assert_string_equal(getpwnam("tester1")->pw_shell, "/usr/bin/ucmsh");
	secret_set(&password, "pass:word 1", 11);
	assert_int_equal(hostuser_set_password("tester1", &password, &e), 0);
	secret_release(&password);
	sp = getspnam("tester1");
	assert_int_equal(strncmp(sp->sp_pwdp, "$y$", 3), 0);
	assert_int_equal(hostuser_add_admin("tester1", &e), 0);
	assert_int_equal(hostuser_remove_admin("tester1", &e), 0);
	assert_null(getpwnam("tester1"));
	assert_int_equal(hostuser_remove_admin("tester1", &e), 0);
}

static void
other_accounts_are_left_alone(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_false(hostuser_is_admin("root"));
	assert_int_equal(hostuser_add_admin("root", &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_int_equal(hostuser_remove_admin("root", &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_non_null(getpwnam("root"));
	assert_false(hostuser_is_admin("no-such-user"));
}

static void
all_of_them_can_be_removed(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(hostuser_remove_system(&e), 0);
	assert_null(getpwnam("ucm"));
	assert_null(getpwnam("ucmnode"));
	assert_null(getgrnam("ucmadm"));
	assert_int_equal(hostuser_remove_system(&e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_system_accounts),
		cmocka_unit_test(a_login_shell_of_an_earlier_version),
		cmocka_unit_test(an_administrator),
		cmocka_unit_test(other_accounts_are_left_alone),
		cmocka_unit_test(all_of_them_can_be_removed),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
