#include <sys/stat.h>

#include "tool_util.h"

#define CCM (VECTORS "pem/callmanager.pem")
#define CAPF (VECTORS "pem/capf.pem")
#define PHONE (VECTORS "pem/phone_lsc2048.pem")
#define PLAIN (VECTORS "payload_e01_SEP58971ECC97C1.cnf.xml")

/* The file at path holds the vector's text, for its owner alone. */
static void
is_plain(const char *path)
{
	struct bytes a = load(path), b = load(PLAIN);
	struct stat st;

	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, b.n);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	free(a.p);
	free(b.p);
}

static void
plain_text(void **state)
{
	char *dir = testing_dir(), *out = mem_printf("%s/out", dir);
	char *named = mem_printf("%s/e01_SEP58971ECC97C1.cnf.xml", dir);
	char *pem = mem_printf("%s/e01_SEP58971ECC97C1.pem", dir);
	struct bytes b = load(PHONE);
	struct err e = ERR_INIT;

	(void)state;
	EXPECT(TOOL_OK, "", &tool_decrypt, "decrypt", E01, "--phone", PHONE,
	    "--cert", CCM, "-o", dir);
	is_plain(named);
	EXPECT(TOOL_OK, "", &tool_decrypt, "decrypt", E01, "--phone", PHONE,
	    "--no-verify", "--out", out);
	is_plain(out);
	/* Also in the place of one that everybody could read. */
	assert_int_equal(chmod(out, 0644), 0);
	assert_int_equal(file_replace(pem, b.p, b.n, 0600, &e), 0);
	EXPECT(TOOL_OK, "", &tool_decrypt, "decrypt", E01, "--phones", dir,
	    "--cert", CCM, "--out", out);
	is_plain(out);
	free(b.p);
	free(pem);
	free(out);
	free(named);
	testing_dir_remove(dir);
}

static void
verdicts(void **state)
{
	char *dir = testing_dir(), *odd = mem_printf("%s/odd", dir);
	char *out = mem_printf("%s/out", dir);
	struct bytes b = load(E01);
	struct err e = ERR_INIT;

	(void)state;
	EXPECT(TOOL_UNVERIFIABLE, "or --no-verify", &tool_decrypt, "decrypt",
	    E01, "--phone", PHONE, "-o", dir);
	EXPECT(TOOL_SIGNATURE, "signature invalid", &tool_decrypt, "decrypt",
	    E01, "--phone", PHONE, "--cert", CAPF, "-o", dir);
	EXPECT(TOOL_MALFORMED, "malformed", &tool_decrypt, "decrypt", C01,
	    "--phone", PHONE, "--cert", CCM, "-o", dir);
	EXPECT(TOOL_REFUSED, "not encrypted: ucm-trust unsign", &tool_decrypt,
	    "decrypt", S01, "--phone", PHONE, "--cert", CCM, "-o", dir);
	EXPECT(TOOL_REFUSED, "for another phone", &tool_decrypt, "decrypt", E01,
	    "--phone", CAPF, "--cert", CCM, "-o", dir);
	EXPECT(TOOL_NO_INPUT, "e01_SEP58971ECC97C1.pem: No such file",
	    &tool_decrypt, "decrypt", E01, "--phones", dir, "--cert", CCM, "-o",
	    dir);
	assert_int_equal(testing_count(dir), 0);
	assert_int_equal(file_replace(odd, b.p, b.n, 0600, &e), 0);
	EXPECT(TOOL_REFUSED, "does not end in .enc.sgn", &tool_decrypt,
	    "decrypt", odd, "--phone", PHONE, "--cert", CCM);
	EXPECT(TOOL_OK, "", &tool_decrypt, "decrypt", odd, "--phone", PHONE,
	    "--cert", CCM, "--out", out);
	is_plain(out);
	free(b.p);
	free(odd);
	free(out);
	testing_dir_remove(dir);
}

/* A file called so that its text would get the name of a phone's key. */
static void
keys_of_phones_stay(void **state)
{
	char *dir = testing_dir(), *file = mem_printf("%s/p.pem.enc.sgn", dir);
	char *other = mem_printf("%s/q.pem", dir);
	char *pem = mem_printf("%s/p.pem", dir);
	struct bytes e01 = load(E01), key = load(PHONE), after;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_replace(file, e01.p, e01.n, 0600, &e), 0);
	assert_int_equal(file_replace(pem, key.p, key.n, 0600, &e), 0);
	assert_int_equal(file_replace(other, key.p, key.n, 0600, &e), 0);
	EXPECT(TOOL_REFUSED, "would replace what is read", &tool_decrypt,
	    "decrypt", file, "--phones", dir, "--cert", CCM);
	EXPECT(TOOL_REFUSED, "would replace what is read", &tool_decrypt,
	    "decrypt", file, "--phones", dir, "--cert", CCM, "--out", other);
	after = load(pem);
	assert_int_equal(after.n, key.n);
	assert_memory_equal(after.p, key.p, key.n);
	free(after.p);
	free(key.p);
	free(e01.p);
	free(other);
	free(pem);
	free(file);
	testing_dir_remove(dir);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name the files", &tool_decrypt, "decrypt");
	EXPECT(TOOL_USAGE, "--phone or --phones", &tool_decrypt, "decrypt",
	    E01);
	EXPECT(TOOL_USAGE, "only one", &tool_decrypt, "decrypt", E01, "--phone",
	    PHONE, "--phones", "/tmp");
	EXPECT(TOOL_USAGE, "unknown option", &tool_decrypt, "decrypt", "--key",
	    CCM);
	EXPECT(TOOL_NO_INPUT, "nothing.pem", &tool_decrypt, "decrypt", E01,
	    "--phone", PHONE, "--cert", "nothing.pem");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(keys_of_phones_stay),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
