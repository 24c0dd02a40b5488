#include "trust/signed_file.h"

#include "trust_util.h"

static void
a_file_of_the_open_tools(void **state)
{
	struct bytes b = load(S01);
	struct bytes want = load(VECTORS "payload_s01_SEP58971ECC97C1.cnf.xml");
	struct certfile right = pair("callmanager"), other = pair("capf");
	struct err e = ERR_INIT;
	struct signed_file f;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	assert_false(f.encrypted);
	assert_int_equal(f.content_len, want.n);
	assert_memory_equal(f.content, want.p, want.n);
	assert_int_equal(signed_file_verify(&f, right.cert, &e), 0);
	assert_int_equal(signed_file_verify(&f, other.cert, &e), -1);
	assert_err(e, ERR_SIGNATURE, "not by the key of CN=capf");
	certfile_release(&right);
	certfile_release(&other);
	free(want.p);
	free(b.p);
}

static void
an_encrypted_file_of_the_open_tools(void **state)
{
	struct bytes b = load(E01);
	struct certfile right = pair("callmanager");
	struct err e = ERR_INIT;
	struct signed_file f;
	size_t at;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	assert_true(f.encrypted);
	at = (size_t)(f.header.element[HEADER_ENC_PADDING].value - b.p);
	assert_int_equal(f.header.element[HEADER_ENC_IV].len, 16);
	assert_int_equal(signed_file_verify(&f, right.cert, &e), 0);
	b.p[522 + 4] ^= 1; /* KEYBITS */
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), -1);
	assert_err(e, ERR_FORMAT, "KEYBITS is");
	b.p[522 + 4] ^= 1;
	for (unsigned i = 0; i <= 18; i++) {
		uint8_t was = b.p[at + 1];

		b.p[at + 1] = (uint8_t)i;
		assert_int_equal(signed_file_parse(&f, b.p, b.n, &e),
		    i >= 1 && i <= 16 ? 0 : -1);
		b.p[at + 1] = was;
	}
	assert_err(e, ERR_FORMAT, "CIPHERPADDING is 18, must be 1 to 16");
	b.p[790 + 3] = 3; /* PLAINDIGEST */
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), -1);
	assert_err(e, ERR_FORMAT, "PLAINHASH has 20 bytes, SHA-512 has 64");
	b.p[790 + 3] = 1;
	assert_int_equal(signed_file_parse(&f, b.p, b.n - 1, &e), -1);
	assert_err(e, ERR_FORMAT, "not a multiple of 16");
	assert_int_equal(signed_file_parse(&f, b.p, f.header.len, &e), -1);
	assert_err(e, ERR_FORMAT, ": 0 bytes of cipher text");
	certfile_release(&right);
	free(b.p);
}

/* A header may name SHA-256, but no phone knows it for the plain text. */
static void
plain_text_has_no_sha256(void **state)
{
	static const uint8_t twelve[12];
	struct bytes b = load(E01);
	struct err e = ERR_INIT;
	struct signed_file f;

	(void)state;
	splice(&b, 794 + 3, 0, twelve, sizeof(twelve));
	b.p[790 + 3] = 2; /* PLAINDIGEST */
	b.p[794 + 2] = 32;
	set16(&b, 8, 820 + 12);
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), -1);
	assert_err(e, ERR_FORMAT,
	    "offset 790: header: PLAINDIGEST is 2, must be 1 or 3");
	free(b.p);
}

/* The same key in another certificate proves nothing. */
static void
another_certificate_of_the_same_key(void **state)
{
	struct bytes b = load(S01);
	struct certfile right = pair("callmanager");
	struct cert_spec spec = { .subject = { .cn = "callmanager" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct err e = ERR_INIT;
	struct cert *c = cert_self_sign(&spec, right.key, &e);
	struct signed_file f;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	assert_int_equal(signed_file_verify(&f, c, &e), -1);
	assert_err(e, ERR_UNVERIFIABLE, "names another certificate");
	cert_free(c);
	certfile_release(&right);
	free(b.p);
}

static void
every_changed_byte_is_noticed(void **state)
{
	struct bytes b = load(S01);
	struct certfile right = pair("callmanager");
	struct signed_file f;

	(void)state;
	for (size_t i = 0; i < b.n; i++) {
		struct err e = ERR_INIT;

		b.p[i] ^= 0x10;
		if (signed_file_parse(&f, b.p, b.n, &e) == 0)
			assert_int_equal(signed_file_verify(&f, right.cert, &e),
			    -1);
		b.p[i] ^= 0x10;
	}
	for (size_t n = 0; n < b.n; n++) {
		struct err e = ERR_INIT;
		uint8_t *exact = mem_dup(b.p, n);

		if (signed_file_parse(&f, exact, n, &e) == 0)
			assert_int_equal(signed_file_verify(&f, right.cert, &e),
			    -1);
		free(exact);
	}
	certfile_release(&right);
	free(b.p);
}

static void
trust_lists_are_no_signed_files(void **state)
{
	struct bytes b = load(C01);
	struct err e = ERR_INIT;
	struct signed_file f;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), -1);
	assert_err(e, ERR_FORMAT, "VERSION is 1.2, must be 1.0");
	free(b.p);
	b = load(P01);
	b.p[4] = 0; /* tag 28 is for trust lists */
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), -1);
	assert_err(e, ERR_FORMAT, "offset 10: header: unknown tag 28");
	free(b.p);
}

static void
content_may_be_empty_or_binary(void **state)
{
	struct certfile s = pair("sast1024");
	struct signer signer = { .cert = s.cert,
		.key = s.key,
		.digest = DIGEST_SHA1,
		.timestamp = T2014 };
	struct signed_draft draft = { .major = 1,
		.minor = 0,
		.filename = "a/b.xml.sgn" };
	static const uint8_t all[] = { 0x00, 0x0d, 0xff, 0x0c, 0x00 };
	struct err e = ERR_INIT;

	(void)state;
	for (size_t n = 0; n <= sizeof(all); n++) {
		struct key_piece content = { all, n };
		struct signed_file f;
		uint8_t *data;
		size_t len;

		assert_int_equal(signed_file_write(&draft, &signer, &content,
				     &data, &len, &e),
		    0);
		assert_int_equal(signed_file_parse(&f, data, len, &e), 0);
		assert_int_equal(f.content_len, n);
		assert_memory_equal(f.content, all, n);
		assert_int_equal(signed_file_verify(&f, s.cert, &e), 0);
		free(data);
	}
	certfile_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_the_open_tools),
		cmocka_unit_test(an_encrypted_file_of_the_open_tools),
		cmocka_unit_test(plain_text_has_no_sha256),
		cmocka_unit_test(another_certificate_of_the_same_key),
		cmocka_unit_test(every_changed_byte_is_noticed),
		cmocka_unit_test(trust_lists_are_no_signed_files),
		cmocka_unit_test(content_may_be_empty_or_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
