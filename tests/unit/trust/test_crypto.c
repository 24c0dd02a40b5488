#include "trust/crypto.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "trust/digest.h"
#include "trust/openssl_priv.h"
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

/*
 * Freed memory as it is: the sanitizer keeps it for a while, but for a few
 * bytes at its beginning.
 */
__attribute__((no_sanitize("address"))) static bool
is_wiped(uintptr_t at, size_t n)
{
	const volatile uint8_t *p = (const volatile uint8_t *)at;
	size_t i;

	for (i = 16; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void
what_is_freed_is_wiped(void **state)
{
	uintptr_t at, before;
	uint8_t *p;

	(void)state;
	p = OPENSSL_malloc(64);
	assert_non_null(p);
	memset(p, 's', 64);
	before = (uintptr_t)p;
	assert_false(is_wiped(before, 64));
	p = OPENSSL_realloc(p, 1000);
	assert_non_null(p);
	assert_true(is_wiped(before, 64));
	assert_int_equal(p[63], 's');
	at = (uintptr_t)p;
	OPENSSL_free(p);
	assert_true(is_wiped(at, 64));
}

static void
nothing_is_memory_too(void **state)
{
	void *p;

	(void)state;
	OPENSSL_free(NULL);
	assert_null(OPENSSL_malloc(0));
	p = OPENSSL_realloc(NULL, 10);
	assert_non_null(p);
	assert_ptr_equal(OPENSSL_realloc(p, 5), p);
	assert_null(OPENSSL_realloc(p, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_without_a_configuration_file),
		cmocka_unit_test(what_is_freed_is_wiped),
		cmocka_unit_test(nothing_is_memory_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
