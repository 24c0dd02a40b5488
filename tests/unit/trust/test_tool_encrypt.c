#include "tool_util.h"
#include "trust/encrypted_file.h"
#include "trust/signed_file.h"

#define CCM (VECTORS "pem/callmanager.pem")
#define PHONE (VECTORS "pem/phone_lsc2048.pem")
#define NAME "SEP58971ECC97C1.cnf.xml"
#define XML                                                           \
	"<device><sshPassword>secret</sshPassword><loadInformation>x" \
	"</loadInformation></device>"

struct fixture {
	char *dir;
	char *in; /* a configuration in it */
	struct certfile ccm, phone;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->dir = testing_dir();
	f->in = mem_printf("%s/" NAME, f->dir);
	testing_write(f->dir, NAME, XML);
	f->ccm = pair("callmanager");
	f->phone = pair("phone_lsc2048");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	testing_dir_remove(f->dir);
	free(f->in);
	certfile_release(&f->ccm);
	certfile_release(&f->phone);
	free(f);
	return 0;
}

/* The file of this name in dir, which the caller frees, read into *s. */
static struct bytes
open_signed(const struct fixture *f, const char *name, struct signed_file *s)
{
	char *path = mem_printf("%s/%s", f->dir, name);
	struct bytes b = load(path);
	struct err e = ERR_INIT;

	if (signed_file_parse(s, b.p, b.n, &e) == -1 ||
	    signed_file_verify(s, f->ccm.cert, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(s->header.filename, name);
	assert_int_equal(s->header.timestamp, T2014);
	free(path);
	return b;
}

static void
file_and_stub(void **state)
{
	const struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct signed_file s;
	struct bytes b, plain;
	char *stub;

	EXPECT(TOOL_OK, "", &tool_encrypt, "encrypt", f->in, "--key", CCM,
	    "--cert", CCM, "--phone", PHONE, "--time", "1393439067", "--digest",
	    "sha512");
	b = open_signed(f, NAME ".enc.sgn", &s);
	assert_true(s.encrypted);
	assert_int_equal(s.header.digest, DIGEST_SHA512);
	assert_int_equal(encrypted_file_decrypt(&s, f->phone.key, &plain.p,
			     &plain.n, &e),
	    0);
	assert_int_equal(plain.n, strlen(XML));
	assert_memory_equal(plain.p, XML, plain.n);
	mem_free_wiped(plain.p, plain.n);
	free(b.p);
	b = open_signed(f, NAME ".sgn", &s);
	assert_false(s.encrypted);
	stub = mem_strndup((const char *)s.content, s.content_len);
	assert_non_null(strstr(stub, "<loadInformation>x</loadInformation>"));
	assert_non_null(strstr(stub, "<encrConfig>true</encrConfig>"));
	assert_null(strstr(stub, "secret"));
	free(stub);
	free(b.p);
	/* What it was made of is left alone. */
	stub = testing_read(f->dir, NAME);
	assert_string_equal(stub, XML);
	free(stub);
	assert_int_equal(testing_count(f->dir), 3);
}

static void
each_phone_its_own(void **state)
{
	const struct fixture *f = *state;
	char *pem = mem_printf("%s/SEP58971ECC97C1.pem", f->dir);
	char *other = mem_printf("%s/SEP000000000000.cnf.xml", f->dir);
	struct err e = ERR_INIT;
	struct ran r;

	assert_int_equal(cert_save(f->phone.cert, pem, 0644, &e), 0);
	testing_write(f->dir, "SEP000000000000.cnf.xml", XML);
	r = RUN(&tool_encrypt, "encrypt", f->in, other, "--key", CCM,
	    "--phones", f->dir);
	assert_int_equal(r.status, TOOL_NO_INPUT);
	assert_string_equal(r.out, "1 file encrypted, 1 failed\n");
	assert_non_null(strstr(r.err, "SEP000000000000.pem: No such file"));
	ran_release(&r);
	assert_int_equal(testing_count(f->dir), 5);
	free(pem);
	free(other);
}

/* Without a stub, nothing but the encrypted file can be made of text. */
static void
what_is_no_configuration(void **state)
{
	const struct fixture *f = *state;

	testing_write(f->dir, NAME, "<device>");
	EXPECT(TOOL_MALFORMED,
	    "no stub can be made: offset 8: the document ends", &tool_encrypt,
	    "encrypt", f->in, "--key", CCM, "--phone", PHONE);
	assert_int_equal(testing_count(f->dir), 1);
	EXPECT(TOOL_OK, "", &tool_encrypt, "encrypt", f->in, "--key", CCM,
	    "--phone", PHONE, "--no-stub");
	assert_int_equal(testing_count(f->dir), 2);
}

static void
phones_that_cannot(void **state)
{
	const struct fixture *f = *state;
	char *path = mem_printf("%s/ec.pem", f->dir);
	struct err e = ERR_INIT;
	struct key *ec = key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "SEP000000000000" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct cert *phone = cert_self_sign(&spec, ec, &e);

	assert_int_equal(cert_save(phone, path, 0644, &e), 0);
	EXPECT(TOOL_REFUSED, "its key is not RSA", &tool_encrypt, "encrypt",
	    f->in, "--key", CCM, "--phone", path);
	EXPECT(TOOL_NO_INPUT, "no certificate", &tool_encrypt, "encrypt", f->in,
	    "--key", CCM, "--phone", f->in);
	EXPECT(TOOL_NO_INPUT, "no private key", &tool_encrypt, "encrypt", f->in,
	    "--key", path, "--phone", PHONE);
	assert_int_equal(testing_count(f->dir), 2);
	cert_free(phone);
	key_free(ec);
	free(path);
}

static void
wrong_calls(void **state)
{
	(void)state;
	EXPECT(TOOL_USAGE, "name the files", &tool_encrypt, "encrypt");
	EXPECT(TOOL_USAGE, "--key is missing", &tool_encrypt, "encrypt", "a",
	    "--phone", PHONE);
	EXPECT(TOOL_USAGE, "--phone or --phones", &tool_encrypt, "encrypt", "a",
	    "--key", CCM);
	EXPECT(TOOL_USAGE, "only one", &tool_encrypt, "encrypt", "a", "--key",
	    CCM, "--phone", PHONE, "--phones", "/tmp");
	EXPECT(TOOL_USAGE, "--digest: wrong value: sha256", &tool_encrypt,
	    "encrypt", "--digest", "sha256");
	EXPECT(TOOL_USAGE, "--time: wrong value: -1", &tool_encrypt, "encrypt",
	    "--time", "-1");
	EXPECT(TOOL_USAGE, "unknown option", &tool_encrypt, "encrypt", "--out",
	    "x");
}

int
main(void)
{
#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_DIR(file_and_stub),
		IN_DIR(each_phone_its_own),
		IN_DIR(what_is_no_configuration),
		IN_DIR(phones_that_cannot),
		cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
