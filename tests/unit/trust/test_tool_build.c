#include "tool_util.h"

/* Parentheses, lest the pieces look like a forgotten comma. */
#define PEM(name) (VECTORS "pem/" name ".pem")

static void
same_bytes(const char *path, const char *vector)
{
	struct bytes a = load(path), b = load(vector);

	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, b.n);
	free(a.p);
	free(b.p);
}

static void
c01_from_its_certificates(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);

	(void)state;
	EXPECT(TOOL_OK, "", &tool_build, "build", "--key",
	    PEM("seed_callmanager_pub"), "--out", out, "--time", "1393439067",
	    "--sast", PEM("seed_callmanager_pub"), "--tftp",
	    PEM("seed_callmanager_pub"), "--capf", PEM("seed_capf"), "--tvs",
	    PEM("seed_tvs_pub"), "--sast", PEM("seed_itlrecovery_pub"), "--tvs",
	    PEM("seed_tvs_sub"));
	same_bytes(out, C01);
	free(out);
	testing_dir_remove(dir);
}

static void
c14_from_its_certificates(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/CTLFile.tlv", dir);

	(void)state;
	EXPECT(TOOL_OK, "", &tool_build, "build", "--ctl", "--key",
	    PEM("sast1024"), "--out", out, "--time", "1393439067", "--sast",
	    PEM("sast1024"), "--host", "10.48.47.153", "--address",
	    "10.48.47.153", "--blank", "ccm+tftp", "--capf", PEM("seed_capf"),
	    "--host", "10.48.47.154", "--address", "10.48.47.154", "--blank",
	    "ccm+tftp");
	same_bytes(out, C14);
	free(out);
	testing_dir_remove(dir);
}

static void
hashes_and_whole_certificates(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);

	(void)state;
	EXPECT(TOOL_OK, "", &tool_build, "build", "--key", PEM("sast2048"),
	    "--out", out, "--full", "--sast", PEM("sast2048"), "--tvs",
	    PEM("tvs1"), "--digest", "sha512");
	EXPECT(TOOL_OK, "", &tool_verify, "verify", out);
	EXPECT(TOOL_REFUSED, "has no certificate", &tool_build, "build",
	    "--key", PEM("sast2048"), "--out", out, "--hash", "--sast",
	    PEM("sast2048"));
	free(out);
	testing_dir_remove(dir);
}

/* A key alone signs with the token that has it. */
static void
a_key_alone(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/ITLFile.tlv", dir);
	char *path = mem_printf("%s/key.pem", dir);
	struct certfile f = pair("sast2048");
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(key_save(f.key, path, 0600, &e), 0);
	EXPECT(TOOL_OK, "", &tool_build, "build", "--key", path, "--out", out,
	    "--sast", PEM("sast2048"));
	EXPECT(TOOL_REFUSED, "no --sast has its key", &tool_build, "build",
	    "--key", path, "--out", out, "--sast", PEM("sast1024"));
	EXPECT(TOOL_REFUSED, "not that of the certificate", &tool_build,
	    "build", "--key", path, "--cert", PEM("sast1024"), "--out", out,
	    "--sast", PEM("sast1024"));
	certfile_release(&f);
	free(path);
	free(out);
	testing_dir_remove(dir);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "no record is asked for", &tool_build, "build",
	    "--key", PEM("sast2048"), "--out", "x");
	EXPECT(TOOL_USAGE, "--key is missing", &tool_build, "build", "--out",
	    "x", "--sast", PEM("sast2048"));
	EXPECT(TOOL_USAGE, "stands without an option", &tool_build, "build",
	    PEM("sast2048"));
	EXPECT(TOOL_USAGE, "--blank: wrong value: boss", &tool_build, "build",
	    "--blank", "boss");
	EXPECT(TOOL_USAGE, "--address: wrong value: 1.2.3", &tool_build,
	    "build", "--address", "1.2.3");
	EXPECT(TOOL_USAGE, "unknown option", &tool_build, "build", "--boss");
	EXPECT(TOOL_NO_INPUT, "nothing.pem", &tool_build, "build", "--key",
	    PEM("sast2048"), "--out", "x", "--sast", "nothing.pem");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c01_from_its_certificates),
		cmocka_unit_test(c14_from_its_certificates),
		cmocka_unit_test(hashes_and_whole_certificates),
		cmocka_unit_test(a_key_alone),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
