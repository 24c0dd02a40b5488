#include "trust/csr.h"

#include "trust_util.h"

static void
the_ca_decides(void **state)
{
	struct certfile ca = fresh_pair("cluster CA", 1024);
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert_spec wish = { .subject = { .cn = "dbadmin" },
		.uses = CERT_USE_CA };
	struct cert_spec spec = { .subject = { .cn = "ucm_rw" },
		.not_before = T2014,
		.not_after = cert_years(T2014, 1),
		.uses = CERT_USE_CLIENT };
	char *pem = csr_make(&wish, k, &e), *cn;
	struct cert *c;

	(void)state;
	assert_non_null(pem);
	cn = csr_common_name(pem, &e);
	assert_string_equal(cn, "dbadmin");
	c = csr_issue(pem, &spec, ca.cert, ca.key, &e);
	if (c == NULL) {
		fail_msg("%s", e.msg);
		return;
	}
	assert_string_equal(c->common_name, "ucm_rw");
	assert_string_equal(c->issuer_common_name, "cluster CA");
	assert_false(c->self_issued);
	assert_true(cert_matches_key(c, k));
	assert_int_equal(cert_check_issued(c, ca.cert, &e), 0);
	cert_free(c);
	free(cn);
	free(pem);
	key_free(k);
	certfile_release(&ca);
}

static void
a_key_at_hand(void **state)
{
	struct certfile ca = fresh_pair("cluster CA", 1024);
	struct certfile other = fresh_pair("cluster CA", 1024);
	struct err e = ERR_INIT;
	struct cert_spec spec = { .subject = { .cn = "test10pub" },
		.not_before = T2014,
		.not_after = T2014 + 86400,
		.uses = CERT_USE_SERVER };
	struct cert *c =
	    csr_issue_for_key(other.key, &spec, ca.cert, ca.key, &e);

	(void)state;
	assert_non_null(c);
	assert_int_equal(cert_check_issued(c, ca.cert, &e), 0);
	/* The same name, but another key. */
	assert_int_equal(cert_check_issued(c, other.cert, &e), -1);
	assert_err(e, ERR_SIGNATURE, "was not signed by");
	cert_free(c);
	assert_null(
	    csr_issue_for_key(other.key, &spec, ca.cert, other.key, &e));
	assert_err(e, ERR_KEY, "the key is not that of");
	certfile_release(&other);
	certfile_release(&ca);
}

/* Change a byte of the request's own signature. */
static void
a_request_signed_by_another(void **state)
{
	struct certfile ca = fresh_pair("CA", 1024);
	struct err e = ERR_INIT;
	struct key *k = key_generate_rsa(1024, &e);
	struct cert_spec spec = { .subject = { .cn = "x" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	char *pem = csr_make(&spec, k, &e), *at;

	(void)state;
	at = strstr(pem, "\n-----END");
	assert_non_null(at);
	at -= 20;
	*at = *at == 'A' ? 'B' : 'A';
	assert_null(csr_issue(pem, &spec, ca.cert, ca.key, &e));
	assert_err(e, ERR_SIGNATURE, "not signed with its own key");
	free(pem);
	key_free(k);
	certfile_release(&ca);
}

static void
what_is_no_request(void **state)
{
	struct certfile ca = fresh_pair("CA", 1024);
	struct err e = ERR_INIT;
	struct cert_spec spec = { .subject = { .cn = "x" },
		.not_before = T2014,
		.not_after = T2014 + 1 };

	(void)state;
	assert_null(csr_issue("hello", &spec, ca.cert, ca.key, &e));
	assert_err(e, ERR_FORMAT, "not a certificate request");
	assert_null(csr_common_name("", &e));
	assert_int_equal(e.code, ERR_FORMAT);
	certfile_release(&ca);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ca_decides),
		cmocka_unit_test(a_key_at_hand),
		cmocka_unit_test(a_request_signed_by_another),
		cmocka_unit_test(what_is_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
