#include "trust/password_quality.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The rule that text breaks, or "". */
static const char *
rule(const char *text, const char *name)
{
	static struct err e;
	struct secret s;
	int rc;

	err_clear(&e);
	secret_set(&s, text, strlen(text));
	rc = password_quality_check(&s, name, &e);
	secret_release(&s);
	assert_int_equal(rc, e.code == ERR_NONE ? 0 : -1);
	if (rc == -1)
		assert_int_equal(e.code, ERR_USAGE);
	return e.msg;
}

static void
good_ones_are_taken(void **state)
{
	static const char *const good[] = { "Abcdefg1", "abc-123-xyz",
		"ABC_123_", "correct horse battery staple", "a1 b2C3d",
		"aaaaaBBBB123", "~~~~Aa1b" };
	char most[128];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_string_equal(rule(good[i], "admin"), "");
	memset(most, 'x', sizeof(most));
	memcpy(most, "Ab1-e", 5);
	most[127] = '\0';
	assert_string_equal(rule(most, "admin"), "");
}

static void
length_counts(void **state)
{
	char over[129];

	(void)state;
	assert_non_null(strstr(rule("", NULL), "8 to 127"));
	assert_non_null(strstr(rule("Abcd-12", NULL), "8 to 127"));
	memset(over, 'x', sizeof(over));
	memcpy(over, "Ab1-e", 5);
	over[128] = '\0';
	assert_non_null(strstr(rule(over, NULL), "8 to 127"));
}

static void
none_is_no_password(void **state)
{
	const struct secret none = { .text = NULL };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(password_quality_check(&none, NULL, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

static void
what_cannot_be_seen_is_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(rule("Abcd\t1234", NULL), "printable"));
	assert_non_null(strstr(rule("Abcd\n1234", NULL), "printable"));
	assert_non_null(strstr(rule("Abc\xc3\xa4"
				    "1234",
				   NULL),
	    "printable"));
	assert_non_null(strstr(rule(" Abcd1234", NULL), "blank"));
	assert_non_null(strstr(rule("Abcd1234 ", NULL), "blank"));
}

static void
variety_counts(void **state)
{
	(void)state;
	assert_non_null(strstr(rule("Aa1-Aa1-Aa1-", NULL), "different"));
	assert_non_null(strstr(rule("abcdefgh12345", NULL), "three of"));
	assert_non_null(strstr(rule("12345678", NULL), "three of"));
	assert_non_null(strstr(rule("abcdefghijklmnopqrs", NULL), "three of"));
	assert_string_equal(rule("abcdefghijklmnopqrst", NULL), "");
}

static void
name_of_the_account_is_no_password(void **state)
{
	(void)state;
	assert_non_null(strstr(rule("Administrator-1", "admin"), "name"));
	assert_non_null(strstr(rule("1-xADMINx", "admin"), "name"));
	assert_non_null(strstr(rule("1-xNimDax", "admin"), "name"));
	assert_non_null(strstr(rule("xx-1A-joe", "joe"), "name"));
	assert_string_equal(rule("xx-1A-joe", "jo"), "");
	assert_string_equal(rule("xx-1A-joe", ""), "");
	assert_string_equal(rule("Short-1a", "averylongaccountname"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_taken),
		cmocka_unit_test(length_counts),
		cmocka_unit_test(none_is_no_password),
		cmocka_unit_test(what_cannot_be_seen_is_refused),
		cmocka_unit_test(variety_counts),
		cmocka_unit_test(name_of_the_account_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
