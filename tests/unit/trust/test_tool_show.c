#include "tool_util.h"

static void
prints_and_tells_the_verdict(void **state)
{
	struct ran r = RUN(&tool_show, "show", C01);

	(void)state;
	assert_int_equal(r.status, TOOL_OK);
	assert_true(str_starts(r.out, "The checksum value of the ITL file:\n"));
	assert_true(
	    str_ends(r.out, "The ITL file was verified successfully.\n"));
	assert_string_equal(r.err, "");
	ran_release(&r);
	r = RUN(&tool_show, "show", M01);
	assert_int_equal(r.status, TOOL_SIGNATURE);
	assert_true(str_ends(r.out, "Error parsing the ITL file!!\n"));
	assert_non_null(strstr(r.err,
	    "m01_sig_last_byte_flipped.tlv: "
	    "signature invalid: "));
	ran_release(&r);
	r = RUN(&tool_show, "show", X13);
	assert_int_equal(r.status, TOOL_MALFORMED);
	assert_non_null(strstr(r.err, "malformed: offset 428: record 1: "));
	ran_release(&r);
}

static void
json(void **state)
{
	struct ran r = RUN(&tool_show, "show", "--json", C02);

	(void)state;
	assert_int_equal(r.status, TOOL_OK);
	assert_true(str_starts(r.out, "{"));
	assert_non_null(strstr(r.out, "\"verified\": true"));
	ran_release(&r);
}

/* A signed file: its header, in the form of a list's. */
static void
signed_files(void **state)
{
	char *broken = mem_printf("/tmp/test_tool_show.%ld", (long)getpid());
	struct ran r = RUN(&tool_show, "show", S01);

	(void)state;
	assert_int_equal(r.status, TOOL_OK);
	assert_true(
	    str_starts(r.out, "The checksum value of the signed file:\n"));
	assert_non_null(strstr(r.out, "\nVersion:\t1.0\nHeaderLength:\t480 "));
	assert_non_null(strstr(r.out, "\n14\tFILENAME\t32\n"));
	assert_true(str_ends(r.out,
	    "Name of the file when it was signed: "
	    "s01_SEP58971ECC97C1.cnf.xml.sgn\nLength of content: 190\n"
	    "The signature was not checked: the signer's certificate is not in "
	    "the file.\n"));
	assert_string_equal(r.err, "");
	ran_release(&r);
	r = RUN(&tool_show, "show", E01);
	assert_int_equal(r.status, TOOL_OK);
	assert_non_null(strstr(r.out, "\n25\tWRAPPEDKEY\t"));
	ran_release(&r);
	r = RUN(&tool_show, "show", "--json", S01);
	assert_int_equal(r.status, TOOL_OK);
	assert_non_null(strstr(r.out, "\"kind\": \"signed\""));
	assert_non_null(strstr(r.out, "\"content_length\": 190"));
	ran_release(&r);
	/* its first bytes alone */
	testing_write("/tmp", strrchr(broken, '/') + 1, "\001");
	r = RUN(&tool_show, "show", broken);
	assert_int_equal(r.status, TOOL_MALFORMED);
	ran_release(&r);
	assert_int_equal(unlink(broken), 0);
	free(broken);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name one file", &tool_show, "show");
	EXPECT(TOOL_USAGE, "name one file", &tool_show, "show", C01, C02);
	EXPECT(TOOL_USAGE, "unknown option", &tool_show, "show", "--xml", C01);
	EXPECT(TOOL_NO_INPUT, "/nonexistent", &tool_show, "show",
	    "/nonexistent");
	EXPECT(TOOL_NO_INPUT, "not a regular file", &tool_show, "show", "/tmp");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_and_tells_the_verdict),
		cmocka_unit_test(json),
		cmocka_unit_test(signed_files),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
