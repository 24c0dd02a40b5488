#include "trust/digest.h"

#include "tests/fakes/testing.h"
#include "trust_util.h"

static void
known_answers(void **state)
{
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	digest_hex(DIGEST_MD5, "abc", 3, hex);
	assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
	digest_hex(DIGEST_SHA1, "abc", 3, hex);
	assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
	digest_hex(DIGEST_SHA256, "abc", 3, hex);
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_hex(DIGEST_SHA512, "abc", 3, hex);
	assert_memory_equal(hex, "ddaf35a193617abacc417349ae204131", 32);
	assert_int_equal(strlen(hex), 128);
}

static void
nothing_has_a_digest_too(void **state)
{
	uint8_t sum[DIGEST_MAX];

	(void)state;
	digest_bytes(DIGEST_SHA1, "", 0, sum);
	assert_int_equal(sum[0], 0xda);
	assert_int_equal(sum[19], 0x09);
}

static void
names_and_sizes(void **state)
{
	(void)state;
	assert_string_equal(digest_name(DIGEST_MD5), "MD5");
	assert_string_equal(digest_name(DIGEST_SHA1), "SHA-1");
	assert_string_equal(digest_name(DIGEST_SHA256), "SHA-256");
	assert_string_equal(digest_name(DIGEST_SHA512), "SHA-512");
	assert_int_equal(digest_size(DIGEST_MD5), 16);
	assert_int_equal(digest_size(DIGEST_SHA1), 20);
	assert_int_equal(digest_size(DIGEST_SHA256), 32);
	assert_int_equal(digest_size(DIGEST_SHA512), 64);
}

static void
files_have_one(void **state)
{
	char hex[DIGEST_HEX_SIZE];
	char path[128];
	struct err e = ERR_INIT;
	char *dir = testing_dir();

	(void)state;
	testing_write(dir, "abc", "abc");
	assert_int_equal(str_printf(path, sizeof(path), "%s/abc", dir), 0);
	assert_int_equal(digest_file_hex(DIGEST_MD5, path, 3, hex, &e), 0);
	assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
	assert_int_equal(digest_file_hex(DIGEST_MD5, path, 2, hex, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(digest_file_hex(DIGEST_MD5, dir, 3, hex, &e), -1);
	testing_dir_remove(dir);
	assert_int_equal(digest_file_hex(DIGEST_MD5, path, 3, hex, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(nothing_has_a_digest_too),
		cmocka_unit_test(names_and_sizes),
		cmocka_unit_test(files_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
