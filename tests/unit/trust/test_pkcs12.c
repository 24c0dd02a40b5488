#include "trust/pkcs12.h"

#include "tests/fakes/testing.h"
#include "trust_util.h"

#define OLD "tests/data/pkcs12/"

static struct secret
password(const char *text)
{
	struct secret s;

	secret_set(&s, text, strlen(text));
	return s;
}

static void
round_trip(void **state)
{
	struct certfile f = pair("sast2048");
	struct secret right = password("C1sco!23"), wrong = password("x");
	struct err e = ERR_INIT;
	struct key *k = NULL;
	struct cert *c = NULL;
	uint8_t *data;
	size_t n;

	(void)state;
	assert_int_equal(pkcs12_encode(f.key, f.cert, &right, &data, &n, &e),
	    0);
	assert_int_equal(pkcs12_decode(data, n, &wrong, &k, &c, &e), -1);
	assert_err(e, ERR_AUTH, "does not open");
	assert_null(k);
	assert_int_equal(pkcs12_decode(data, n, &right, &k, &c, &e), 0);
	assert_true(cert_equal(c, f.cert));
	assert_true(cert_matches_key(c, k));
	key_free(k);
	cert_free(c);
	free(data);
	secret_release(&right);
	secret_release(&wrong);
	certfile_release(&f);
}

/* The number of iterations stands in the file three times, as an INTEGER. */
static void
strong_enough(void **state)
{
	static const uint8_t iterations[] = { 0x02, 0x03, 0x09, 0x27, 0xc0 };
	static const uint8_t aes256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
		0x04, 0x01, 0x2a };
	struct certfile f = pair("sast1024");
	struct secret s = password("C1sco!23");
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t n, rounds = 0, ciphers = 0;

	(void)state;
	assert_int_equal(pkcs12_encode(f.key, f.cert, &s, &data, &n, &e), 0);
	for (size_t i = 0; i + sizeof(aes256) <= n; i++) {
		if (memcmp(data + i, iterations, sizeof(iterations)) == 0)
			rounds++;
		if (memcmp(data + i, aes256, sizeof(aes256)) == 0)
			ciphers++;
	}
	/* The certificate's bag and the MAC; the key's bag is encrypted. */
	assert_true(rounds >= 2);
	assert_true(ciphers >= 1);
	free(data);
	secret_release(&s);
	certfile_release(&f);
}

/* Files of openssl pkcs12 -export, with -legacy and with 3DES. */
static void
old_files_open(void **state)
{
	static const char *const names[] = { OLD "rc2.p12", OLD "3des.p12",
		OLD "aes.p12" };
	struct secret s = password("C1sco!23");
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct key *k = NULL;
		struct cert *c = NULL;

		if (pkcs12_load(names[i], &s, &k, &c, &e) == -1)
			fail_msg("%s", e.msg);
		assert_string_equal(c->common_name, "SAST1024");
		/* The key works outside of the library context it came in. */
		assert_true(cert_matches_key(c, k));
		key_free(k);
		cert_free(c);
	}
	secret_release(&s);
}

static void
what_is_no_pair_is_refused(void **state)
{
	struct secret s = password("C1sco!23");
	struct certfile a = pair("sast1024"), b = pair("seed_capf");
	struct err e = ERR_INIT;
	struct key *k = NULL;
	struct cert *c = NULL;
	uint8_t *data, big[PKCS12_MAX_SIZE + 1] = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(pkcs12_encode(a.key, b.cert, &s, &data, &n, &e), -1);
	assert_err(e, ERR_KEY, "not that of the certificate");
	assert_int_equal(pkcs12_load(OLD "certificate_only.p12", &s, &k, &c,
			     &e),
	    -1);
	assert_err(e, ERR_KEY, "no private key");
	assert_int_equal(pkcs12_load(OLD "key_only.p12", &s, &k, &c, &e), -1);
	assert_err(e, ERR_KEY, "no certificate");
	assert_int_equal(pkcs12_load(OLD "no_mac.p12", &s, &k, &c, &e), -1);
	assert_err(e, ERR_FORMAT, "no MAC");
	assert_int_equal(pkcs12_decode("", 0, &s, &k, &c, &e), -1);
	assert_err(e, ERR_FORMAT, "not a PKCS#12 file");
	assert_int_equal(pkcs12_decode(big, sizeof(big), &s, &k, &c, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	certfile_release(&a);
	certfile_release(&b);
	secret_release(&s);
}

static void
damaged_files_are_refused(void **state)
{
	struct secret s = password("C1sco!23");
	struct bytes b = load(OLD "3des.p12");
	struct err e = ERR_INIT;
	struct key *k = NULL;
	struct cert *c = NULL;

	(void)state;
	for (size_t n = 0; n < b.n; n += 7)
		assert_int_equal(pkcs12_decode(b.p, n, &s, &k, &c, &e), -1);
	splice(&b, b.n, 0, "x", 1);
	assert_int_equal(pkcs12_decode(b.p, b.n, &s, &k, &c, &e), -1);
	assert_err(e, ERR_FORMAT, "behind a PKCS#12 file");
	assert_null(k);
	assert_null(c);
	free(b.p);
	secret_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(strong_enough),
		cmocka_unit_test(old_files_open),
		cmocka_unit_test(what_is_no_pair_is_refused),
		cmocka_unit_test(damaged_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
