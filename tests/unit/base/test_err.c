#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"

static void
set_fills_everything(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(e.code, ERR_NONE);
	assert_string_equal(e.msg, "");
	err_hint(&e, "an old hint");
	assert_int_equal(err_set(&e, ERR_FORMAT, "record %d", 3), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_string_equal(e.msg, "record 3");
	assert_string_equal(e.hint, "");
}

static void
set_may_use_its_own_message(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_set(&e, ERR_IO, "inner");
	err_set(&e, ERR_PARTIAL, "node a: %s", e.msg);
	assert_string_equal(e.msg, "node a: inner");
}

static void
errno_becomes_code_and_text(void **state)
{
	static const struct {
		int no;
		enum err_code code;
	} cases[] = {
		{ ENOENT, ERR_NOT_FOUND },
		{ EACCES, ERR_DENIED },
		{ EPERM, ERR_DENIED },
		{ ENOSPC, ERR_NO_SPACE },
		{ EDQUOT, ERR_NO_SPACE },
		{ EEXIST, ERR_EXISTS },
		{ ETIMEDOUT, ERR_TIMEOUT },
		{ ECONNREFUSED, ERR_UNREACHABLE },
		{ EHOSTUNREACH, ERR_UNREACHABLE },
		{ ENETUNREACH, ERR_UNREACHABLE },
		{ EIO, ERR_IO },
	};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = cases[i].no;
		assert_int_equal(err_errno(&e, "open %s", "x"), -1);
		assert_int_equal(e.code, cases[i].code);
	}
	errno = ENOENT;
	err_errno(&e, "open %s", "x");
	assert_string_equal(e.msg, "open x: No such file or directory");
}

static void
wrap_goes_in_front(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_set(&e, ERR_DENIED, "put ITLFile.tlv");
	err_hint(&e, "ask %s", "root");
	assert_int_equal(err_wrap(&e, "node %s", "sub2"), -1);
	assert_string_equal(e.msg, "node sub2: put ITLFile.tlv");
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.hint, "ask root");
}

static void
long_messages_are_cut(void **state)
{
	char text[3 * ERR_MSG_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_IO, "%s", text);
	assert_int_equal(strlen(e.msg), ERR_MSG_SIZE - 1);
	err_wrap(&e, "front");
	assert_int_equal(strlen(e.msg), ERR_MSG_SIZE - 1);
	assert_memory_equal(e.msg, "front: xxx", 10);
	err_wrap(&e, "%s", text);
	assert_int_equal(strlen(e.msg), ERR_MSG_SIZE - 1);
	err_hint(&e, "%s", text);
	assert_int_equal(strlen(e.hint), ERR_HINT_SIZE - 1);
}

static void
no_err_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), -1);
	assert_int_equal(err_errno(NULL, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
	assert_int_equal(err_hint(NULL, "x"), -1);
	err_clear(NULL);
}

static void
clear_is_no_error(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_set(&e, ERR_IO, "x");
	err_hint(&e, "y");
	err_clear(&e);
	assert_int_equal(e.code, ERR_NONE);
	assert_string_equal(e.msg, "");
	assert_string_equal(e.hint, "");
}

static void
every_code_has_name_and_number(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= ERR_INTERNAL; n++) {
		enum err_code code = err_from_number(n);

		assert_int_equal(code, n);
		assert_string_not_equal(err_name(code), "unknown error");
	}
	assert_int_equal(err_from_number(ERR_INTERNAL + 1), ERR_INTERNAL);
	assert_int_equal(err_from_number(UINT32_MAX), ERR_INTERNAL);
}

static void
hit_a_bug(void)
{
	BUG("number %d", 7);
}

static void
a_bug_aborts(void **state)
{
	(void)state;
	assert_true(testing_aborts(hit_a_bug));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_everything),
		cmocka_unit_test(set_may_use_its_own_message),
		cmocka_unit_test(errno_becomes_code_and_text),
		cmocka_unit_test(wrap_goes_in_front),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(no_err_is_allowed),
		cmocka_unit_test(clear_is_no_error),
		cmocka_unit_test(every_code_has_name_and_number),
		cmocka_unit_test(a_bug_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
