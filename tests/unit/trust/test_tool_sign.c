#include "tool_util.h"
#include "trust/signed_file.h"

#define CCM (VECTORS "pem/callmanager.pem")
#define SAST (VECTORS "pem/sast2048.pem")

struct fixture {
	char *dir;
	char *in; /* a configuration in it */
	char *out; /* its signed file */
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->dir = testing_dir();
	f->in = mem_printf("%s/SEP58971ECC97C1.cnf.xml", f->dir);
	f->out = mem_printf("%s.sgn", f->in);
	testing_write(f->dir, "SEP58971ECC97C1.cnf.xml", "<device/>");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	testing_dir_remove(f->dir);
	free(f->in);
	free(f->out);
	free(f);
	return 0;
}

/* The file at path is signed with this digest and under this name. */
static void
is_signed(const char *path, enum digest_alg digest, const char *name)
{
	struct bytes b = load(path);
	struct certfile ccm = pair("callmanager");
	struct err e = ERR_INIT;
	struct signed_file f;

	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	assert_int_equal(signed_file_verify(&f, ccm.cert, &e), 0);
	assert_int_equal(f.header.digest, digest);
	assert_string_equal(f.header.filename, name);
	assert_int_equal(f.header.timestamp, T2014);
	assert_int_equal(f.content_len, 9);
	assert_memory_equal(f.content, "<device/>", 9);
	certfile_release(&ccm);
	free(b.p);
}

static void
signs(void **state)
{
	const struct fixture *f = *state;
	char *other = mem_printf("%s.sha512", f->in);

	EXPECT(TOOL_OK, "", &tool_sign, "sign", f->in, "--key", CCM, "--time",
	    "1393439067");
	is_signed(f->out, DIGEST_SHA1, "SEP58971ECC97C1.cnf.xml.sgn");
	EXPECT(TOOL_OK, "", &tool_sign, "sign", f->in, "--key", CCM, "--cert",
	    CCM, "--time", "1393439067", "--digest", "sha512", "--name",
	    "a/b.sgn");
	is_signed(f->out, DIGEST_SHA512, "a/b.sgn");
	EXPECT(TOOL_OK, "", &tool_sign, "sign", f->in, "--key", CCM, "--time",
	    "1393439067", "--suffix", "sha512", "--root", "/tmp");
	is_signed(other, DIGEST_SHA512, other + strlen("/tmp/"));
	free(other);
}

static void
keys_that_cannot(void **state)
{
	const struct fixture *f = *state;
	char *key = mem_printf("%s/key.pem", f->dir);
	struct certfile ccm = pair("callmanager");
	struct err e = ERR_INIT;

	assert_int_equal(key_save(ccm.key, key, 0600, &e), 0);
	EXPECT(TOOL_REFUSED, "key.pem holds no certificate", &tool_sign, "sign",
	    f->in, "--key", key);
	EXPECT(TOOL_REFUSED, "not that of the certificate", &tool_sign, "sign",
	    f->in, "--key", key, "--cert", SAST);
	EXPECT(TOOL_NO_INPUT, "no private key", &tool_sign, "sign", f->in,
	    "--key", f->in);
	EXPECT(TOOL_OK, "", &tool_sign, "sign", f->in, "--key", key, "--cert",
	    CCM);
	EXPECT(TOOL_REFUSED, "would replace what is read", &tool_sign, "sign",
	    f->in, "--key", key, "--cert", CCM, "--out", key);
	EXPECT(TOOL_REFUSED, "needs a name", &tool_sign, "sign", f->in, "--key",
	    CCM, "--name", "");
	certfile_release(&ccm);
	free(key);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name the files", &tool_sign, "sign", "--key", CCM);
	EXPECT(TOOL_USAGE, "--key is missing", &tool_sign, "sign", S01);
	EXPECT(TOOL_USAGE, "--digest: wrong value: sha256", &tool_sign, "sign",
	    "--digest", "sha256");
	EXPECT(TOOL_USAGE, "--digest: wrong value: md5", &tool_sign, "sign",
	    "--digest", "md5");
	EXPECT(TOOL_USAGE, "--time: wrong value: now", &tool_sign, "sign",
	    "--time", "now");
	EXPECT(TOOL_USAGE, "--suffix: wrong value: tlv", &tool_sign, "sign",
	    "--suffix", "tlv");
	EXPECT(TOOL_USAGE, "--name is for one file", &tool_sign, "sign", "a",
	    "b", "--key", CCM, "--name", "c");
	EXPECT(TOOL_USAGE, "has that digest", &tool_sign, "sign", "a", "--key",
	    CCM, "--suffix", "sha512", "--digest", "sha1");
	EXPECT(TOOL_USAGE, "unknown option", &tool_sign, "sign", "--boss");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signs, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_that_cannot, setup,
		    teardown),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
