#include "trust/openssl_err_priv.h"

#include "trust/key.h"
#include "trust/openssl_priv.h"
#include "trust_util.h"

static void
the_first_reason_is_appended(void **state)
{
	struct err e = ERR_INIT;
	const unsigned char junk[] = { 0x30, 0x03, 0x02, 0x01 };
	const unsigned char *p = junk;

	(void)state;
	assert_null(d2i_X509(NULL, &p, sizeof(junk)));
	assert_int_equal(openssl_err(&e, ERR_KEY, "file %d", 7), -1);
	assert_err(e, ERR_KEY, "file 7: ");
	assert_int_equal(ERR_peek_error(), 0);
}

static void
without_a_reason_the_message_stands_alone(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	ERR_clear_error();
	assert_int_equal(openssl_err(&e, ERR_INTERNAL, "alone"), -1);
	assert_string_equal(e.msg, "alone");
	assert_int_equal(e.code, ERR_INTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_reason_is_appended),
		cmocka_unit_test(without_a_reason_the_message_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
