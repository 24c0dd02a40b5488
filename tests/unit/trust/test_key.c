#include "trust/key.h"

#include <sys/stat.h>

#include "tests/fakes/testing.h"
#include "trust_util.h"

static void
rsa_sizes(void **state)
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_rsa(1024, &e);

	(void)state;
	assert_non_null(k);
	assert_int_equal(key_type(k), KEY_RSA);
	assert_int_equal(key_bits(k), 1024);
	key_free(k);
	assert_null(key_generate_rsa(1000, &e));
	assert_err(e, ERR_USAGE, "1000 bits");
	key_free(NULL);
}

static void
pem_round_trip(void **state)
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e), *again;
	char *pem;
	size_t n, a_len, b_len;
	uint8_t *a, *b;

	(void)state;
	assert_non_null(k);
	assert_int_equal(key_bits(k), 256);
	assert_int_equal(key_to_pem(k, &pem, &n, &e), 0);
	assert_true(str_starts(pem, "-----BEGIN PRIVATE KEY-----\n"));
	assert_int_equal(strlen(pem), n);
	again = key_from_pem(pem, n, &e);
	assert_non_null(again);
	assert_int_equal(key_public(k, &a, &a_len, &e), 0);
	assert_int_equal(key_public(again, &b, &b_len, &e), 0);
	assert_int_equal(a_len, 65);
	assert_int_equal(a_len, b_len);
	assert_memory_equal(a, b, a_len);
	free(a);
	free(b);
	key_free(again);
	key_free(k);
	mem_free_wiped(pem, n);
}

static void
a_saved_key_has_its_mode(void **state)
{
	char *dir = testing_dir(), *path = mem_printf("%s/peer.pem", dir);
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e), *again;
	struct stat st;

	(void)state;
	assert_int_equal(key_save(k, path, 0600, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	again = key_load(path, &e);
	assert_non_null(again);
	key_free(again);
	key_free(k);
	free(path);
	testing_dir_remove(dir);
}

static void
what_is_no_key_is_refused(void **state)
{
	static const char locked[] =
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	    "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjjjSP3AAAAAAICCAAw\n"
	    "-----END ENCRYPTED PRIVATE KEY-----\n";
	struct err e = ERR_INIT;

	(void)state;
	assert_null(key_from_pem("", 0, &e));
	assert_err(e, ERR_KEY, "no private key");
	assert_null(key_from_pem(locked, strlen(locked), &e));
	assert_err(e, ERR_KEY, "no private key");
	assert_null(key_load("/nonexistent/key.pem", &e));
	assert_err(e, ERR_NOT_FOUND, "/nonexistent/key.pem");
}

/* What ssh-keygen -y and -l print for a key that it made. */
static const char fixed_key[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIPeknRJRdbAZ1zApfWo2s7cjd/bNoTUOYJH7n1bdsaDzoAoGCCqGSM49\n"
    "AwEHoUQDQgAEg4c0i8koAXYsSWMwgYSZ6Vyo3qt+Mb7st/I7LYo47zbb8CUNTuGY\n"
    "DtKuzVMDwLnba5UWU+jl76wD3q+uWdi2Cw==\n"
    "-----END EC PRIVATE KEY-----\n";
static const char fixed_line[] =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB"
    "BIOHNIvJKAF2LEljMIGEmelcqN6rfjG+7LfyOy2KOO822/AlDU7hmA7Srs1TA8C522uVFlPo"
    "5e+sA96vrlnYtgs=";

static void
ssh_lines(void **state)
{
	struct err e = ERR_INIT;
	struct key *ec = key_from_pem(fixed_key, strlen(fixed_key), &e);
	struct key *rsa = key_load(VECTORS "pem/sast2048.pem", &e);
	char *line, *print, *commented;

	(void)state;
	line = key_ssh_public(ec, &e);
	assert_non_null(line);
	assert_string_equal(line, fixed_line);
	commented = mem_printf("%s root@test10pub\n", line);
	print = key_ssh_fingerprint(commented, &e);
	assert_non_null(print);
	assert_string_equal(print,
	    "SHA256:hGGkYrL3i+p2Z60rR/r/sq+8eAlTshl5Uz3SJGPAFLI");
	free(print);
	free(commented);
	free(line);
	line = key_ssh_public(rsa, &e);
	assert_non_null(line);
	assert_true(str_starts(line, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"));
	free(line);
	key_free(rsa);
	key_free(ec);
}

static void
fingerprints_of_no_key(void **state)
{
	static const char *const bad[] = { "", "ssh-rsa", "ssh-rsa ",
		"ssh-rsa A", "ssh-rsa ****", "ssh-rsa ====" };
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(key_ssh_fingerprint(bad[i], &e));
		assert_int_equal(e.code, ERR_FORMAT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_sizes),
		cmocka_unit_test(pem_round_trip),
		cmocka_unit_test(a_saved_key_has_its_mode),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(ssh_lines),
		cmocka_unit_test(fingerprints_of_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
