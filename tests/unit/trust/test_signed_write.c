#include "trust/signed_file.h"
#include "trust_util.h"

static const struct signed_draft draft = { .major = 1,
	.minor = 0,
	.filename = "SEP58971ECC97C1.cnf.xml.sgn" };

static void
written_files_verify(void **state)
{
	static const enum digest_alg algs[] = { DIGEST_SHA1, DIGEST_SHA256,
		DIGEST_SHA512 };
	struct certfile f = pair("callmanager");
	struct key_piece content = { "<device/>", 9 };
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		struct signer s = { .cert = f.cert,
			.key = f.key,
			.digest = algs[i],
			.timestamp = T2014 };
		struct signed_file file;
		uint8_t *data;
		size_t n;

		assert_int_equal(signed_file_write(&draft, &s, &content, &data,
				     &n, &e),
		    0);
		assert_int_equal(signed_file_parse(&file, data, n, &e), 0);
		assert_int_equal(file.header.len % 4, 0);
		assert_int_equal(file.header.digest, algs[i]);
		assert_true(file.header.timestamp == T2014);
		assert_string_equal(file.header.filename, draft.filename);
		assert_int_equal(file.content_len, 9);
		assert_memory_equal(file.content, "<device/>", 9);
		assert_int_equal(signed_file_verify(&file, f.cert, &e), 0);
		free(data);
	}
	certfile_release(&f);
}

static void
unfit_signers(void **state)
{
	struct certfile odd = fresh_pair("three thousand", 3072);
	struct certfile a = pair("sast1024"), b = pair("seed_capf");
	struct key_piece content = { "", 0 };
	struct signer s = { .cert = odd.cert,
		.key = odd.key,
		.digest = DIGEST_SHA1 };
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t n;

	(void)state;
	assert_int_equal(signed_file_write(&draft, &s, &content, &data, &n, &e),
	    -1);
	assert_err(e, ERR_KEY, "3072 bits: only RSA keys of 512, 1024, 2048");
	s.cert = a.cert;
	s.key = b.key;
	assert_int_equal(signed_file_write(&draft, &s, &content, &data, &n, &e),
	    -1);
	assert_err(e, ERR_KEY, "not that of the certificate");
	s.key = a.key;
	s.digest = DIGEST_MD5;
	assert_int_equal(signed_file_write(&draft, &s, &content, &data, &n, &e),
	    -1);
	assert_err(e, ERR_USAGE, "MD5");
	s.digest = DIGEST_SHA1;
	s.timestamp = -1;
	assert_int_equal(signed_file_write(&draft, &s, &content, &data, &n, &e),
	    -1);
	assert_err(e, ERR_USAGE, "out of range");
	certfile_release(&odd);
	certfile_release(&a);
	certfile_release(&b);
}

static void
an_ec_key_cannot_sign(void **state)
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "x" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct cert *c = cert_self_sign(&spec, k, &e);
	struct signer s = { .cert = c, .key = k, .digest = DIGEST_SHA1 };
	struct key_piece content = { "", 0 };
	uint8_t *data;
	size_t n;

	(void)state;
	assert_int_equal(signed_file_write(&draft, &s, &content, &data, &n, &e),
	    -1);
	assert_err(e, ERR_KEY, "is not RSA");
	cert_free(c);
	key_free(k);
}

static void
a_header_too_long(void **state)
{
	struct certfile a = pair("sast1024");
	struct signer s = { .cert = a.cert,
		.key = a.key,
		.digest = DIGEST_SHA1 };
	struct key_piece content = { "", 0 };
	struct signed_draft long_name = draft;
	struct err e = ERR_INIT;
	char *name = mem_alloc(70000);
	uint8_t *data;
	size_t n;

	(void)state;
	memset(name, 'x', 65500);
	long_name.filename = name;
	assert_int_equal(signed_file_write(&long_name, &s, &content, &data, &n,
			     &e),
	    -1);
	assert_err(e, ERR_TOO_BIG, "the header would pass");
	memset(name, 'x', 69999);
	assert_int_equal(signed_file_write(&long_name, &s, &content, &data, &n,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	free(name);
	certfile_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_files_verify),
		cmocka_unit_test(unfit_signers),
		cmocka_unit_test(an_ec_key_cannot_sign),
		cmocka_unit_test(a_header_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
