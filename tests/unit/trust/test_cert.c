#include "trust/cert.h"

#include <sys/stat.h>

#include "tests/fakes/testing.h"
#include "trust_util.h"

static void
reads_what_it_says(void **state)
{
	struct err e = ERR_INIT;
	struct cert *c = cert_load(VECTORS "pem/seed_callmanager_pub.pem", &e);
	char hex[CERT_SERIAL_HEX_SIZE], fingerprint[CERT_FINGERPRINT_SIZE];

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->version, 3);
	assert_int_equal(c->der_len, 684);
	assert_string_equal(c->subject,
	    "CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	assert_string_equal(c->issuer, c->subject);
	assert_string_equal(c->common_name, "test10pub.joemar2.lab");
	assert_string_equal(c->issuer_common_name, "test10pub.joemar2.lab");
	assert_true(c->self_issued);
	assert_int_equal(c->key_type, KEY_RSA);
	assert_int_equal(c->key_bits, 1024);
	assert_int_equal(c->public_key_len, 140);
	assert_int_equal(c->signature_len, 128);
	assert_int_equal(c->serial_len, 16);
	cert_serial_hex(c, hex);
	assert_string_equal(hex, "614052E91EE97C779B7B5E810AB146A5");
	cert_fingerprint(c, fingerprint);
	assert_int_equal(strlen(fingerprint), 64);
	assert_int_equal(c->sha1[0], 0x34); /* openssl x509 -fingerprint */
	assert_int_equal(c->sha1[19], 0x27);
	cert_free(c);
}

static void
pem_round_trip(void **state)
{
	char *dir = testing_dir(), *path = mem_printf("%s/c.pem", dir);
	struct err e = ERR_INIT;
	struct cert *c = cert_load(VECTORS "pem/tvs1.pem", &e), *d;
	struct stat st;

	(void)state;
	assert_int_equal(cert_save(c, path, 0644, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	d = cert_load(path, &e);
	assert_non_null(d);
	assert_true(cert_equal(c, d));
	cert_free(d);
	d = cert_dup(c);
	assert_true(cert_equal(c, d));
	cert_free(d);
	cert_free(c);
	free(path);
	testing_dir_remove(dir);
}

static void
what_is_no_certificate_is_refused(void **state)
{
	struct err e = ERR_INIT;
	uint8_t *big = mem_alloc(CERT_MAX_SIZE + 1);

	(void)state;
	assert_null(cert_from_pem("", 0, &e));
	assert_err(e, ERR_FORMAT, "no certificate");
	assert_null(cert_from_der("", 0, &e));
	assert_err(e, ERR_FORMAT, "not a certificate");
	assert_null(cert_from_der(big, CERT_MAX_SIZE + 1, &e));
	assert_err(e, ERR_FORMAT, "at most");
	assert_null(cert_load("/nonexistent", &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	free(big);
	cert_free(NULL);
}

static void
pairs_and_strangers(void **state)
{
	struct certfile a = pair("sast2048"), b = pair("callmanager");

	(void)state;
	assert_true(cert_matches_key(a.cert, a.key));
	assert_false(cert_matches_key(a.cert, b.key));
	assert_false(cert_equal(a.cert, b.cert));
	certfile_release(&a);
	certfile_release(&b);
}

static void
issued_by(void **state)
{
	struct certfile a = pair("sast2048"), b = pair("callmanager");
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(cert_check_issued(a.cert, a.cert, &e), 0);
	assert_int_equal(cert_check_issued(a.cert, b.cert, &e), -1);
	assert_err(e, ERR_SIGNATURE, "was issued by");
	certfile_release(&a);
	certfile_release(&b);
}

/* Any changed byte is an error or leaves a certificate that can be freed. */
static void
damaged_certificates(void **state)
{
	struct err e = ERR_INIT;
	struct cert *c = cert_load(VECTORS "pem/sast1024.pem", &e);
	uint8_t *der = mem_dup(c->der, c->der_len);

	(void)state;
	for (size_t i = 0; i < c->der_len; i++) {
		struct cert *d;

		der[i] ^= 0x55;
		d = cert_from_der(der, c->der_len, &e);
		if (d == NULL)
			assert_int_equal(e.code, ERR_FORMAT);
		cert_free(d);
		der[i] = c->der[i];
	}
	for (size_t n = 0; n < c->der_len; n++)
		assert_null(cert_from_der(der, n, &e));
	free(der);
	cert_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_says),
		cmocka_unit_test(pem_round_trip),
		cmocka_unit_test(what_is_no_certificate_is_refused),
		cmocka_unit_test(pairs_and_strangers),
		cmocka_unit_test(issued_by),
		cmocka_unit_test(damaged_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
