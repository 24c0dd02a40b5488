#include "tool_util.h"

#define CCM (VECTORS "pem/callmanager.pem")
#define CAPF (VECTORS "pem/capf.pem")
#define SAST (VECTORS "pem/sast2048.pem")

static void
every_vector_gets_its_verdict(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *why;
	} table[] = { { C01, TOOL_OK, "" }, { C02, TOOL_OK, "" },
		{ C14, TOOL_OK, "" }, { P01, TOOL_OK, "" },
		{ M01, TOOL_SIGNATURE, "signature invalid: " },
		{ X13, TOOL_MALFORMED, "malformed: offset 428: " },
		{ S01, TOOL_UNVERIFIABLE, "with --cert" },
		{ E01, TOOL_UNVERIFIABLE, "with --cert" } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ran r = RUN(&tool_verify, "verify", table[i].path);

		assert_int_equal(r.status, table[i].status);
		assert_non_null(strstr(r.err, table[i].why));
		assert_int_equal(*r.out != '\0', r.status == TOOL_OK);
		ran_release(&r);
	}
}

static void
with_a_certificate(void **state)
{
	(void)state;
	EXPECT(TOOL_OK, "", &tool_verify, "verify", S01, "--cert", CCM);
	EXPECT(TOOL_OK, "", &tool_verify, "verify", E01, "--cert", CCM);
	EXPECT(TOOL_SIGNATURE, "signature invalid", &tool_verify, "verify", S01,
	    "--cert", CAPF);
	EXPECT(TOOL_OK, "", &tool_verify, "verify", P01, "--cert", SAST);
	EXPECT(TOOL_SIGNATURE, "signature invalid", &tool_verify, "verify", P01,
	    "--cert", CCM);
	EXPECT(TOOL_MALFORMED, "malformed", &tool_verify, "verify", X13,
	    "--cert", CCM);
}

static void
says_who_signed(void **state)
{
	struct ran r = RUN(&tool_verify, "verify", C02);

	(void)state;
	assert_true(str_starts(r.out, C02));
	assert_string_equal(r.out + strlen(C02),
	    ": valid: ITL signed by CN=ITLRECOVERY_test10pub.joe2.lab;OU=tac;"
	    "O=cisco;L=rtp;ST=nc;C=US (record 5)\n");
	ran_release(&r);
	r = RUN(&tool_verify, "verify", "--json", M01);
	assert_int_equal(r.status, TOOL_SIGNATURE);
	assert_non_null(strstr(r.out, "\"verdict\": \"signature invalid\""));
	assert_non_null(strstr(r.out, "\"status\": 1"));
	ran_release(&r);
}

static void
files_of_no_kind(void **state)
{
	char *dir = testing_dir(), *path = mem_printf("%s/file", dir);

	(void)state;
	testing_write(dir, "file", "");
	EXPECT(TOOL_MALFORMED, "the file is empty", &tool_verify, "verify",
	    path);
	testing_write(dir, "file", "\x1b]0;hello");
	EXPECT(TOOL_MALFORMED, "offset 0", &tool_verify, "verify", path);
	testing_write(dir, "file", "hello");
	EXPECT(TOOL_MALFORMED, "offset 0: header: unknown tag 104",
	    &tool_verify, "verify", path);
	free(path);
	testing_dir_remove(dir);
}

static void
a_version_of_no_kind(void **state)
{
	struct bytes b = load(C01);
	char *dir = testing_dir(), *path = mem_printf("%s/file", dir);
	struct err e = ERR_INIT;

	(void)state;
	b.p[3] = 3;
	assert_int_equal(file_replace(path, b.p, b.n, 0600, &e), 0);
	EXPECT(TOOL_MALFORMED, "VERSION is 3.2: neither a trust list",
	    &tool_verify, "verify", path);
	free(b.p);
	free(path);
	testing_dir_remove(dir);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name one file", &tool_verify, "verify");
	EXPECT(TOOL_USAGE, "missing value", &tool_verify, "verify", C01,
	    "--cert");
	EXPECT(TOOL_NO_INPUT, "nothing.pem", &tool_verify, "verify", C01,
	    "--cert", "nothing.pem");
	EXPECT(TOOL_NO_INPUT, "no certificate", &tool_verify, "verify", C01,
	    "--cert", C01);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gets_its_verdict),
		cmocka_unit_test(with_a_certificate),
		cmocka_unit_test(says_who_signed),
		cmocka_unit_test(files_of_no_kind),
		cmocka_unit_test(a_version_of_no_kind),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
