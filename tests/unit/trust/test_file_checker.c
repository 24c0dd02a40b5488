#include "trust/file_checker.h"

#include "trust/digest.h"
#include "trust/file_signer.h"
#include "trust_util.h"

static struct file_checker *
checker_of(const struct cert *c)
{
	struct err e = ERR_INIT;
	struct file_checker *k = file_checker_new(c, &e);

	if (k == NULL)
		fail_msg("%s", e.msg);
	return k;
}

static struct bytes
sign(const struct certfile *f, enum digest_alg digest, const char *content)
{
	const struct signer s = { .cert = f->cert,
		.key = f->key,
		.digest = digest };
	const struct file_draft d = { .major = 1,
		.filename = "ringlist.xml.sgn",
		.timestamp = T2014,
		.content = { content, strlen(content) } };
	struct err e = ERR_INIT;
	struct file_signer *signer = file_signer_new(&s, NULL, &e);
	struct bytes b;

	if (signer == NULL ||
	    file_signer_sign(signer, &d, &b.p, &b.n, &e) == -1)
		BUG("%s", e.msg);
	file_signer_free(signer);
	return b;
}

/* What it says of the bytes, which must be what signed_file_verify() says. */
static enum err_code
verdict(struct file_checker *k, const struct cert *c, const struct bytes *b)
{
	struct err e = ERR_INIT, other = ERR_INIT;
	struct signed_file f;

	assert_int_equal(signed_file_parse(&f, b->p, b->n, &e), 0);
	(void)file_checker_check(k, &f, &e);
	(void)signed_file_verify(&f, c, &other);
	assert_int_equal(e.code, other.code);
	assert_string_equal(e.msg, other.msg);
	return e.code;
}

/* One checker, files with every digest, one after the other. */
static void
right_and_wrong(void **state)
{
	static const enum digest_alg algs[] = { DIGEST_SHA1, DIGEST_SHA512,
		DIGEST_SHA256, DIGEST_SHA1 };
	struct certfile own = pair("callmanager"), other = pair("sast2048");
	struct file_checker *k = checker_of(own.cert);

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		struct bytes mine = sign(&own, algs[i], "<device/>");
		struct bytes others = sign(&other, algs[i], "<device/>");

		assert_int_equal(verdict(k, own.cert, &mine), ERR_NONE);
		assert_int_equal(verdict(k, own.cert, &others), ERR_SIGNATURE);
		mine.p[mine.n - 1] ^= 1;
		assert_int_equal(verdict(k, own.cert, &mine), ERR_SIGNATURE);
		mine.p[mine.n - 1] ^= 1;
		assert_int_equal(verdict(k, own.cert, &mine), ERR_NONE);
		free(mine.p);
		free(others.p);
	}
	file_checker_free(k);
	certfile_release(&own);
	certfile_release(&other);
}

/* The same key under another name. */
static void
another_certificate(void **state)
{
	struct certfile own = pair("callmanager"), other = pair("callmanager");
	struct cert_spec spec = { .subject = { .cn = "another" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct file_checker *k = checker_of(own.cert);
	struct err e = ERR_INIT;
	struct bytes b;

	(void)state;
	cert_free(other.cert);
	other.cert = cert_self_sign(&spec, other.key, &e);
	assert_non_null(other.cert);
	b = sign(&other, DIGEST_SHA1, "<device/>");
	assert_int_equal(verdict(k, own.cert, &b), ERR_UNVERIFIABLE);
	free(b.p);
	file_checker_free(k);
	certfile_release(&own);
	certfile_release(&other);
}

static void
no_rsa(void **state)
{
	struct cert_spec spec = { .subject = { .cn = "ec" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert *c = cert_self_sign(&spec, k, &e);

	(void)state;
	assert_non_null(c);
	assert_null(file_checker_new(c, &e));
	assert_int_equal(e.code, ERR_KEY);
	file_checker_free(NULL);
	cert_free(c);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(another_certificate),
		cmocka_unit_test(no_rsa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
