#include "tool_util.h"

#define RECOVERY (VECTORS "pem/seed_itlrecovery_pub.pem")

static void
c01_becomes_c02(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);
	struct bytes want = load(C02), got;

	(void)state;
	EXPECT(TOOL_OK, "", &tool_resign, "resign", C01, "--key", RECOVERY,
	    "--out", out, "--time", "1393439686");
	got = load(out);
	assert_int_equal(got.n, 5322);
	assert_memory_equal(got.p, want.p, 200);
	EXPECT(TOOL_OK, "", &tool_verify, "verify", out);
	free(got.p);
	free(want.p);
	free(out);
	testing_dir_remove(dir);
}

/* A file with a key alone: the list has its certificate. */
static void
the_certificate_may_come_from_the_list(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);
	char *path = mem_printf("%s/key.pem", dir);
	struct certfile f = pair("seed_itlrecovery_pub");
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(key_save(f.key, path, 0600, &e), 0);
	EXPECT(TOOL_OK, "", &tool_resign, "resign", C01, "--key", path, "--out",
	    out, "--digest", "sha512");
	EXPECT(TOOL_OK, "", &tool_verify, "verify", out);
	EXPECT(TOOL_REFUSED, "give the certificate with --cert", &tool_resign,
	    "resign", C14, "--key", path, "--out", out);
	certfile_release(&f);
	free(path);
	free(out);
	testing_dir_remove(dir);
}

static void
a_rebuilt_publisher(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);
	char *path = mem_printf("%s/new.pem", dir);
	struct certfile f = fresh_pair("ITLRECOVERY_new", 2048);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(certfile_write(path, f.key, f.cert, &e), 0);
	EXPECT(TOOL_REFUSED, "no security token record", &tool_resign, "resign",
	    C01, "--key", path, "--out", out);
	assert_int_equal(access(out, F_OK), -1);
	EXPECT(TOOL_OK, "", &tool_resign, "resign", C01, "--key", path, "--out",
	    out, "--replace-recovery");
	EXPECT(TOOL_OK, "", &tool_verify, "verify", out);
	certfile_release(&f);
	free(path);
	free(out);
	testing_dir_remove(dir);
}

static void
only_what_was_right_is_signed_again(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);

	(void)state;
	EXPECT(TOOL_SIGNATURE, "signature invalid", &tool_resign, "resign", M01,
	    "--key", RECOVERY, "--out", out);
	EXPECT(TOOL_MALFORMED, "malformed", &tool_resign, "resign", X13,
	    "--key", RECOVERY, "--out", out);
	assert_int_equal(testing_count(dir), 0);
	free(out);
	testing_dir_remove(dir);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name one file", &tool_resign, "resign", "--key",
	    RECOVERY, "--out", "x");
	EXPECT(TOOL_USAGE, "--key is missing", &tool_resign, "resign", C01,
	    "--out", "x");
	EXPECT(TOOL_USAGE, "--out is missing", &tool_resign, "resign", C01,
	    "--key", RECOVERY);
	EXPECT(TOOL_USAGE, "wrong value", &tool_resign, "resign", C01,
	    "--digest", "md5");
	EXPECT(TOOL_USAGE, "wrong value", &tool_resign, "resign", C01, "--time",
	    "noon");
	EXPECT(TOOL_NO_INPUT, "nothing.tlv", &tool_resign, "resign",
	    "nothing.tlv", "--key", RECOVERY, "--out", "x");
	EXPECT(TOOL_NO_OUTPUT, "/nonexistent/x", &tool_resign, "resign", C01,
	    "--key", RECOVERY, "--out", "/nonexistent/x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c01_becomes_c02),
		cmocka_unit_test(the_certificate_may_come_from_the_list),
		cmocka_unit_test(a_rebuilt_publisher),
		cmocka_unit_test(only_what_was_right_is_signed_again),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
