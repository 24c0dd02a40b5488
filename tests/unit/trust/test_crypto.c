#include "trust/crypto.h"

#include "trust/digest.h"
#include "trust_util.h"

/* A configuration file of the host that would break everything is not read. */
static void
starts_without_a_configuration_file(void **state)
{
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(setenv("OPENSSL_CONF", "/proc/self/mem", 1), 0);
	crypto_init();
	crypto_init();
	digest_hex(DIGEST_MD5, "", 0, hex);
	assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_without_a_configuration_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
