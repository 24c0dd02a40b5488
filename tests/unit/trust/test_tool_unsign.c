#include <sys/stat.h>

#include "tool_util.h"

#define CCM (VECTORS "pem/callmanager.pem")
#define CAPF (VECTORS "pem/capf.pem")
#define PLAIN (VECTORS "payload_s01_SEP58971ECC97C1.cnf.xml")
#define NAME "s01_SEP58971ECC97C1.cnf.xml"

/* dir/name holds what a file of the vectors holds. */
static void
same_as(const char *dir, const char *name, const char *vector)
{
	char *path = mem_printf("%s/%s", dir, name);
	struct bytes a = load(path), b = load(vector);

	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, b.n);
	free(a.p);
	free(b.p);
	free(path);
}

static void
content(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/out", dir);
	char *odd = mem_printf("%s/odd", dir);
	char *long_name = mem_printf("%s/firmware.sha512", dir);
	struct bytes b = load(S01);
	struct err e = ERR_INIT;

	(void)state;
	EXPECT(TOOL_OK, "", &tool_unsign, "unsign", S01, "--cert", CCM, "-o",
	    dir);
	same_as(dir, NAME, PLAIN);
	EXPECT(TOOL_OK, "", &tool_unsign, "unsign", S01, "--no-verify", "--out",
	    out);
	same_as(dir, "out", PLAIN);
	assert_int_equal(file_replace(odd, b.p, b.n, 0600, &e), 0);
	EXPECT(TOOL_REFUSED, "ends neither in .sgn nor in .sha512",
	    &tool_unsign, "unsign", odd, "--cert", CCM);
	EXPECT(TOOL_OK, "", &tool_unsign, "unsign", odd, "--cert", CCM, "--out",
	    out);
	assert_int_equal(file_replace(long_name, b.p, b.n, 0600, &e), 0);
	EXPECT(TOOL_OK, "", &tool_unsign, "unsign", long_name, "--cert", CCM);
	same_as(dir, "firmware", PLAIN);
	free(b.p);
	free(out);
	free(odd);
	free(long_name);
	testing_dir_remove(dir);
}

/* Without a right signature there is no file. */
static void
verdicts(void **state)
{
	char *dir = testing_dir(), *bad = mem_printf("%s/bad.sgn", dir);
	struct bytes b = load(S01);
	struct err e = ERR_INIT;

	(void)state;
	EXPECT(TOOL_UNVERIFIABLE, "or --no-verify", &tool_unsign, "unsign", S01,
	    "-o", dir);
	EXPECT(TOOL_SIGNATURE, "signature invalid", &tool_unsign, "unsign", S01,
	    "--cert", CAPF, "-o", dir);
	EXPECT(TOOL_MALFORMED, "VERSION is 1.2, must be 1.0", &tool_unsign,
	    "unsign", C01, "--cert", CCM, "-o", dir);
	EXPECT(TOOL_REFUSED, "is encrypted: ucm-trust decrypt", &tool_unsign,
	    "unsign", E01, "--cert", CCM, "-o", dir);
	assert_int_equal(testing_count(dir), 0);
	b.p[b.n - 1] ^= 1;
	assert_int_equal(file_replace(bad, b.p, b.n, 0600, &e), 0);
	EXPECT(TOOL_SIGNATURE, "bad.sgn: signature invalid", &tool_unsign,
	    "unsign", bad, "--cert", CCM);
	assert_int_equal(testing_count(dir), 1);
	free(b.p);
	free(bad);
	testing_dir_remove(dir);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name the files", &tool_unsign, "unsign");
	EXPECT(TOOL_USAGE, "unknown option", &tool_unsign, "unsign", "--key",
	    CCM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
