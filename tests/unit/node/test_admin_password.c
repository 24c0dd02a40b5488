/*
 * node/admin_password.c: the texts of a request, and accounts on a host of
 * their own.
 */
#include "node/admin_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <shadow.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/paths.h"
#include "node/hostuser.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

#define OLD "old:word 1"
#define NEW "New-Word-1"

static int
set_up_group(void **state)
{
	char path[PATH_SIZE];
	struct secret s;
	struct err e = ERR_INIT;

	private_host_enter();
	*state = private_host_root();
	if (mkdir(paths_in(path, "etc"), 0755) == -1 ||
	    hostuser_make_system(&e) == -1 ||
	    hostuser_add_admin("tester1", &e) == -1 ||
	    hostuser_add_admin("tester2", &e) == -1)
		return -1;
	testing_write(*state, "etc/accounts", "tester1 4\nroot 4\ntester2 1\n");
	secret_set(&s, OLD, strlen(OLD));
	if (hostuser_set_password("tester1", &s, &e) == -1)
		fail_msg("%s", e.msg);
	secret_release(&s);
	return 0;
}

static int
tear_down_group(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static int
change(const char *name, const char *old, const char *fresh, struct err *e)
{
	struct admin_password p = { .name = name };
	int rc;

	secret_set(&p.old, old, strlen(old));
	secret_set(&p.fresh, fresh, strlen(fresh));
	rc = admin_password_change(&p, e);
	admin_password_release(&p);
	return rc;
}

static void
texts_come_back(void **state)
{
	uint8_t bytes[ADMIN_PASSWORD_BYTES];
	struct admin_password p;
	struct secret old, fresh;
	struct err e = ERR_INIT;
	long n;

	(void)state;
	secret_set(&old, OLD, strlen(OLD));
	secret_set(&fresh, NEW, strlen(NEW));
	n = admin_password_encode(bytes, "tester1", &old, &fresh, &e);
	assert_int_equal(n, 8 + 11 + 11);
	assert_int_equal(admin_password_decode(&p, bytes, (size_t)n), 0);
	assert_string_equal(p.name, "tester1");
	assert_true(secret_equal(&p.old, &old));
	assert_true(secret_equal(&p.fresh, &fresh));
	admin_password_release(&p);
	secret_release(&old);
	secret_release(&fresh);
}

static void
longest_texts_fit(void **state)
{
	uint8_t bytes[ADMIN_PASSWORD_BYTES];
	char most[127];
	struct secret s;
	struct err e = ERR_INIT;

	(void)state;
	memset(most, 'x', sizeof(most));
	secret_set(&s, most, sizeof(most));
	assert_int_equal(admin_password_encode(bytes,
			     "abcdefghijklmnopqrstuvwxyz123456", &s, &s, &e),
	    33 + 128 + 128);
	secret_release(&s);
}

static void
what_encode_never_writes_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = { { "", 0 }, { "a", 1 }, { "a\0b\0Cdefgh1", 11 },
		{ "a\0b\0Cdefgh1\0x", 13 }, { "a\0b\0Cdefgh1\0x\0", 14 },
		{ "a\0\0Cdefgh1\0", 11 }, { "a\0b\0\0", 5 },
		{ "A\0b\0Cdefgh1\0", 12 }, { "\0b\0Cdefgh1\0", 11 },
		{ "a\0b\0Cdef\ngh1\0", 13 } };
	static const char good[] = "a\0b\0Cdefgh1";
	struct admin_password p;

	(void)state;
	assert_int_equal(admin_password_decode(&p, (const uint8_t *)good,
			     sizeof(good)),
	    0);
	admin_password_release(&p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(admin_password_decode(&p,
				     (const uint8_t *)bad[i].bytes, bad[i].n),
		    -1);
}

static void
own_password_is_changed(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (change("tester1", OLD, NEW, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(change("tester1", OLD, "Other-Word-1", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.msg, "The old password is wrong.");
	assert_int_equal(change("tester1", NEW, OLD, &e), 0);
}

static void
wrong_old_password_changes_nothing(void **state)
{
	static const char *const wrong[] = { "old:word 2", "old:word", "",
		"old:word 1 " };
	char before[256];
	struct err e = ERR_INIT;

	(void)state;
	strncpy(before, getspnam("tester1")->sp_pwdp, sizeof(before) - 1);
	before[sizeof(before) - 1] = '\0';
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(change("tester1", wrong[i], NEW, &e), -1);
		assert_int_equal(e.code, ERR_AUTH);
		assert_null(strstr(e.msg, "old:"));
	}
	assert_string_equal(before, getspnam("tester1")->sp_pwdp);
}

static void
only_administrators_accounts(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	/* in the table, but not of our making; then the other way round */
	assert_int_equal(change("root", "x", NEW, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(change("ucm", "x", NEW, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(change("nobody", "x", NEW, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
}

/* Locked, or made without one: no old password is right. */
static void
account_without_a_password_stays_so(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(change("tester2", "!", NEW, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_not_equal(getspnam("tester2")->sp_pwdp[0], '$');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(longest_texts_fit),
		cmocka_unit_test(what_encode_never_writes_is_refused),
		cmocka_unit_test(own_password_is_changed),
		cmocka_unit_test(wrong_old_password_changes_nothing),
		cmocka_unit_test(only_administrators_accounts),
		cmocka_unit_test(account_without_a_password_stays_so),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
