#include <stdio.h>

#include "trust_util.h"

/* The text of our own DER in a certificate's DER. */
static bool
holds(const struct cert *c, const void *p, size_t n)
{
	for (size_t i = 0; i + n <= c->der_len; i++)
		if (memcmp(c->der + i, p, n) == 0)
			return true;
	return false;
}

static void
self_signed_as_the_node_says(void **state)
{
	struct nodeconf conf;
	struct err e = ERR_INIT;
	struct key *k = key_generate_rsa(1024, &e);
	struct cert_spec spec = { .not_before = T2014,
		.not_after = cert_years(T2014, 5),
		.uses = CERT_USE_SERVER | CERT_USE_CLIENT | CERT_USE_IPSEC };
	struct cert *c;

	(void)state;
	nodeconf_defaults(&conf);
	(void)str_copy(conf.unit, sizeof(conf.unit), "tac");
	(void)str_copy(conf.organization, sizeof(conf.organization), "cisco");
	(void)str_copy(conf.locality, sizeof(conf.locality), "rtp");
	(void)str_copy(conf.state, sizeof(conf.state), "nc");
	(void)str_copy(conf.country, sizeof(conf.country), "US");
	spec.subject = cert_name_of(&conf, "test10pub.joemar2.lab");
	c = cert_self_sign(&spec, k, &e);
	if (c == NULL) {
		fail_msg("%s", e.msg);
		return;
	}
	assert_string_equal(c->subject,
	    "CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	assert_true(c->self_issued);
	assert_int_equal(c->serial_len, 16);
	assert_true(c->serial[0] >= 0x40 && c->serial[0] < 0x80);
	assert_true(c->not_before == T2014);
	assert_true(c->not_after == spec.not_after);
	assert_string_equal(c->signature_oid, "1.2.840.113549.1.1.11");
	assert_true(cert_matches_key(c, k));
	assert_int_equal(cert_check_issued(c, c, &e), 0);
	/* serverAuth, clientAuth, ipsecEndSystem */
	assert_true(holds(c, "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01", 10));
	assert_true(holds(c, "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02", 10));
	assert_true(holds(c, "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x05", 10));
	cert_free(c);
	key_free(k);
}

static void
parts_left_out(void **state)
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "a;b\\c", .o = "" },
		.not_before = T2014,
		.not_after = T2014 + 1,
		.uses = CERT_USE_CA };
	struct cert *c = cert_self_sign(&spec, k, &e);

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->subject, "CN=a\\;b\\\\c");
	assert_int_equal(c->key_type, KEY_EC);
	cert_free(c);
	spec.subject.cn = NULL;
	assert_null(cert_self_sign(&spec, k, &e));
	assert_err(e, ERR_USAGE, "without a name");
	spec.subject.cn = "x";
	spec.subject.c = "USA";
	assert_null(cert_self_sign(&spec, k, &e));
	assert_err(e, ERR_USAGE, "USA");
	spec.subject.c = "US";
	spec.not_after = T2014;
	assert_null(cert_self_sign(&spec, k, &e));
	assert_err(e, ERR_USAGE, "never valid");
	key_free(k);
}

static void
alternative_names(void **state)
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "x" },
		.not_before = T2014,
		.not_after = T2014 + 1,
		.uses = CERT_USE_SERVER };
	struct cert *c;

	(void)state;
	strlist_add(&spec.dns, "test10pub.joemar2.lab");
	strlist_add(&spec.addresses, "127.0.10.1");
	c = cert_self_sign(&spec, k, &e);
	assert_non_null(c);
	assert_true(holds(c, "\x82\x15test10pub.joemar2.lab", 23));
	assert_true(holds(c, "\x87\x04\x7f\x00\x0a\x01", 6));
	cert_free(c);
	strlist_add(&spec.dns, "a,IP:1.2.3.4");
	assert_null(cert_self_sign(&spec, k, &e));
	assert_err(e, ERR_USAGE, "not a host name");
	strlist_release(&spec.dns);
	strlist_add(&spec.addresses, "300.1.1.1");
	assert_null(cert_self_sign(&spec, k, &e));
	assert_err(e, ERR_USAGE, "not an IPv4 address");
	strlist_release(&spec.addresses);
	key_free(k);
}

static void
calendar_years(void **state)
{
	(void)state;
	/* 2014-02-26 18:24:27 to 2019-02-26 18:24:26 */
	assert_true(cert_years(T2014, 5) == INT64_C(1551205466));
	/* 2012-02-29 00:00:00 to 2017-02-27 23:59:59 */
	assert_true(cert_years(INT64_C(1330473600), 5) == INT64_C(1488239999));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(self_signed_as_the_node_says),
		cmocka_unit_test(parts_left_out),
		cmocka_unit_test(alternative_names),
		cmocka_unit_test(calendar_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
