#include <time.h>

#include "trust/render.h"
#include "trust_util.h"

static void
text(void **state)
{
	struct err e = ERR_INIT;
	struct cert *c = cert_load(VECTORS "pem/seed_callmanager_pub.pem", &e);
	struct out *o = out_new_mem(OUT_TEXT);
	const char *s;

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	render_cert(o, c);
	s = out_text(o);
	assert_true(str_starts(s, "[\n  Version: V3\n"));
	assert_non_null(
	    strstr(s, "  Serial Number: 614052E91EE97C779B7B5E810AB146A5\n"));
	assert_non_null(strstr(s, "SignatureAlgorithm: SHA"));
	assert_non_null(strstr(s, "withRSA (1.2.840.113549.1.1."));
	assert_non_null(strstr(s,
	    "Issuer Name: CN=test10pub.joemar2.lab, OU=tac, O=cisco, L=rtp, "
	    "ST=nc, C=US\n"));
	assert_non_null(strstr(s, "Subject Name: CN=test10pub.joemar2.lab, "));
	assert_non_null(strstr(s, "From: "));
	assert_non_null(strstr(s, "To:   "));
	assert_non_null(strstr(s, " UTC 20"));
	assert_non_null(strstr(s,
	    "Key: RSA (1024 bits)\n]\n"
	    "-----BEGIN CERTIFICATE-----\n"));
	assert_true(str_ends(s, "\n-----END CERTIFICATE-----\n"));
	out_free(o);
	cert_free(c);
}

static void
json(void **state)
{
	struct err e = ERR_INIT;
	struct cert *c = cert_load(VECTORS "pem/tvs1.pem", &e);
	struct out *o = out_new_mem(OUT_JSON);

	(void)state;
	render_cert(o, c);
	assert_int_equal(out_finish(o), 0);
	assert_non_null(strstr(out_text(o), "\"key_bits\": 2048"));
	assert_non_null(strstr(out_text(o), "BEGIN CERTIFICATE"));
	out_free(o);
	cert_free(c);
}

/* A separator inside a value is not one. */
static void
odd_names(void **state)
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "a;b", .o = "c" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct cert *c = cert_self_sign(&spec, k, &e);
	struct out *o = out_new_mem(OUT_TEXT);

	(void)state;
	render_cert(o, c);
	assert_non_null(strstr(out_text(o), "Subject Name: CN=a;b, O=c\n"));
	assert_non_null(strstr(out_text(o), "Key: EC (256 bits)\n"));
	assert_non_null(strstr(out_text(o), "SHA256withECDSA"));
	out_free(o);
	cert_free(c);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(json),
		cmocka_unit_test(odd_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
