#include "trust/signed_header.h"

#include "trust/trustlist.h"
#include "trust/trustlist_priv.h"
#include "trust_util.h"

/* Where the elements of c01's header begin. */
enum c01 {
	AT_VERSION = 0,
	AT_LENGTH = 5,
	AT_SIGNER_ID = 10,
	AT_SIGNER_NAME = 13,
	AT_SERIAL = 73,
	AT_CA_NAME = 92,
	AT_SIGNATURE_INFO = 152,
	AT_DIGEST_ALG = 155,
	AT_ALG_INFO = 159,
	AT_ALG = 162,
	AT_MODULUS = 166,
	AT_SIGNATURE = 170,
	AT_FILENAME = 301,
	AT_TIMESTAMP = 316,
	AT_PADDING = 323,
	AT_END = 324
};

static void
reads_the_header_of_10_0(void **state)
{
	struct bytes b = load(C01);
	struct err e = ERR_INIT;
	struct signed_header h;

	(void)state;
	assert_int_equal(signed_header_parse(&h, &trustlist_form, b.p, b.n, &e),
	    0);
	assert_int_equal(h.len, 324);
	assert_int_equal(h.major, 1);
	assert_int_equal(h.minor, 2);
	assert_int_equal(h.digest, DIGEST_SHA1);
	assert_true(h.timestamp == T2014);
	assert_string_equal(h.filename, "ITLFile.tlv");
	assert_string_equal(h.signer_name,
	    "CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	assert_string_equal(h.ca_name, h.signer_name);
	assert_int_equal(h.element[HEADER_SIGNER_ID].len, 139);
	assert_int_equal(h.element[HEADER_SIGNATURE].off, AT_SIGNATURE);
	assert_false(h.element[HEADER_SIGNER_VERSION].present);
	free(b.p);
}

static void
reads_the_header_of_other_writers(void **state)
{
	struct bytes b = load(P01);
	struct err e = ERR_INIT;
	struct signed_header h;
	static const uint8_t order[] = { 1, 2, 28, 3, 4, 6, 5, 7, 8, 9, 10, 11,
		12, 14, 15 };

	(void)state;
	assert_int_equal(signed_header_parse(&h, &trustlist_form, b.p, b.n, &e),
	    0);
	assert_int_equal(h.n_order, sizeof(order));
	assert_memory_equal(h.order, order, sizeof(order));
	free(b.p);
}

/* c01 with a change: parse and expect this rule to be named. */
static void
expect(struct bytes *b, const char *rule)
{
	struct err e = ERR_INIT;
	struct signed_header h;

	if (signed_header_parse(&h, &trustlist_form, b->p, b->n, &e) == 0)
		fail_msg("accepted; expected: %s", rule);
	assert_err(e, ERR_FORMAT, rule);
	assert_true(str_starts(e.msg, "offset "));
	free(b->p);
}

/* c01 with one byte changed. */
static struct bytes
with(size_t off, unsigned v)
{
	struct bytes b = load(C01);

	b.p[off] = (uint8_t)v;
	return b;
}

/* c01 with bytes put at off; the header grows and so do containers. */
static struct bytes
with_inserted(size_t off, const void *p, size_t n)
{
	struct bytes b = load(C01);
	uint8_t *copy = mem_dup(p, n);

	splice(&b, off, 0, copy, n);
	free(copy);
	set16(&b, AT_LENGTH + 3, AT_END + n);
	return b;
}

static void
values_out_of_range(void **state)
{
	struct bytes b;

	(void)state;
	b = with(AT_VERSION + 3, 2);
	expect(&b, "VERSION is 2.2, must be 1.2");
	b = with(AT_VERSION + 4, 1);
	expect(&b, "VERSION is 1.1, must be 1.2");
	b = with(AT_DIGEST_ALG + 3, 0);
	expect(&b, "DIGESTALGORTITHM is 0, must be 1, 2 or 3");
	b = with(AT_DIGEST_ALG + 3, 4);
	expect(&b, "DIGESTALGORTITHM is 4");
	b = with(AT_ALG + 3, 1);
	expect(&b, "SIGNATUREALGORTITHM is 1, must be 0");
	b = with(AT_MODULUS + 3, 4);
	expect(&b, "SIGNATUREMODULUS is 4, must be 0 to 3");
	b = with(AT_MODULUS + 3, 2);
	expect(&b, "SIGNATURE has 128 bytes, SIGNATUREMODULUS 2 means 256");
	b = with(AT_SERIAL + 3, 0);
	expect(&b, "SERIALNUMBER is zero or begins with a zero byte");
	b = with(AT_SIGNER_NAME + 3 + 56, 'x');
	expect(&b, "SIGNERNAME must end with its only NUL");
	b = with(AT_SIGNER_NAME + 3 + 20, 0);
	expect(&b, "SIGNERNAME must end with its only NUL");
	b = with(AT_CA_NAME + 3, 0);
	expect(&b, "CANAME must end with its only NUL");
	b = with(AT_FILENAME + 3 + 4, 0);
	expect(&b, "FILENAME must end with its only NUL");
	b = with(AT_TIMESTAMP, 99);
	expect(&b, "unknown tag 99");
	b = with(AT_TIMESTAMP, HEADER_ENC_IV);
	expect(&b, "unknown tag 19");
}

static void
lengths_that_do_not_fit(void **state)
{
	static const size_t at[] = { AT_VERSION, AT_LENGTH, AT_SIGNER_ID,
		AT_SIGNER_NAME, AT_SERIAL, AT_CA_NAME, AT_SIGNATURE_INFO,
		AT_DIGEST_ALG, AT_ALG_INFO, AT_ALG, AT_MODULUS, AT_SIGNATURE,
		AT_FILENAME, AT_TIMESTAMP };
	static const int change[] = { -10000, -4, -1, 1, 4, 10000 };

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (size_t k = 0; k < sizeof(change) / sizeof(change[0]);
		     k++) {
			struct bytes b = load(C01);
			long n = (long)get16(&b, at[i] + 1) + change[k];

			set16(&b, at[i] + 1,
			    (size_t)(n < 0    ? 0 :
				    n > 65535 ? 65535 :
						n));
			expect(&b, "");
		}
}

static void
header_lengths_that_lie(void **state)
{
	static const size_t lie[] = { 0, 9, 10, 12, 170, 323, 325, 327, 328,
		324 + 5, 324 + 1115, 5302, 5303, 65535 };

	(void)state;
	for (size_t i = 0; i < sizeof(lie) / sizeof(lie[0]); i++) {
		struct bytes b = load(C01);

		set16(&b, AT_LENGTH + 3, lie[i]);
		expect(&b, "");
	}
}

static void
every_element_twice(void **state)
{
	static const size_t top[] = { AT_VERSION, AT_LENGTH, AT_SIGNER_ID,
		AT_SIGNATURE_INFO, AT_SIGNATURE, AT_FILENAME, AT_TIMESTAMP };
	static const size_t inner[][2] = { { AT_SIGNER_NAME, AT_SIGNER_ID },
		{ AT_SERIAL, AT_SIGNER_ID }, { AT_CA_NAME, AT_SIGNER_ID } };
	struct bytes c = load(C01), b;

	(void)state;
	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++) {
		b = with_inserted(AT_PADDING, c.p + top[i],
		    3 + get16(&c, top[i] + 1));
		expect(&b, "header: second");
	}
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		size_t n = 3 + get16(&c, inner[i][0] + 1);

		b = with_inserted(inner[i][0], c.p + inner[i][0], n);
		set16(&b, inner[i][1] + 1, get16(&b, inner[i][1] + 1) + n);
		expect(&b, "header: second");
	}
	/* Inside SIGNATUREINFO the lengths are fixed. */
	b = with(AT_ALG, HEADER_SIGNATURE_MODULUS);
	expect(&b, "second SIGNATUREMODULUS");
	b = with(AT_MODULUS, HEADER_SIGNATURE_ALG);
	expect(&b, "second SIGNATUREALGORTITHM");
	free(c.p);
}

static void
every_element_missing(void **state)
{
	static const size_t at[] = { AT_VERSION, AT_SIGNER_ID, AT_SIGNER_NAME,
		AT_SERIAL, AT_CA_NAME, AT_SIGNATURE_INFO, AT_SIGNATURE,
		AT_FILENAME, AT_TIMESTAMP };

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct bytes b = load(C01);
		size_t n = 3 + get16(&b, at[i] + 1);

		splice(&b, at[i], n, NULL, 0);
		if (at[i] != AT_VERSION)
			set16(&b, AT_LENGTH + 3, AT_END - n);
		else
			set16(&b, 3, AT_END - n);
		if (at[i] >= AT_SIGNER_NAME && at[i] <= AT_CA_NAME)
			set16(&b, AT_SIGNER_ID + 1, 139 - n);
		expect(&b,
		    at[i] == AT_VERSION ? "" : "the header ends without");
	}
}

static void
elements_in_the_wrong_place(void **state)
{
	struct bytes c = load(C01), b;

	(void)state;
	b = with_inserted(AT_PADDING, c.p + AT_MODULUS, 4);
	expect(&b, "SIGNATUREMODULUS (tag 11) does not belong outside of");
	b = with_inserted(AT_SERIAL, c.p + AT_TIMESTAMP, 7);
	set16(&b, AT_SIGNER_ID + 1, 139 + 7);
	expect(&b, "TIMESTAMP (tag 15) does not belong inside SIGNERID");
	b = with_inserted(AT_SERIAL, "\x0d\x0d\x0d\x0d", 4);
	set16(&b, AT_SIGNER_ID + 1, 139 + 4);
	expect(&b, "padding (tag 13) does not belong inside SIGNERID");
	free(c.p);
}

static void
padding(void **state)
{
	struct bytes b = with_inserted(AT_PADDING, "\x0d\x0d\x0d\x0d", 4);

	(void)state;
	expect(&b, "5 bytes of padding, at most 3");
	b = with_inserted(AT_PADDING, "\x0d", 1);
	expect(&b, "HEADERLENGTH is 325, not a multiple of 4");
	b = load(C01);
	splice(&b, AT_PADDING, 1, NULL, 0);
	set16(&b, AT_LENGTH + 3, AT_END - 1);
	expect(&b, "not a multiple of 4");
}

/* The top-level elements of c01 in another order. */
static void
any_order_is_legal(void **state)
{
	static const size_t at[] = { AT_TIMESTAMP, AT_FILENAME, AT_SIGNATURE,
		AT_SIGNATURE_INFO, AT_SIGNER_ID, AT_LENGTH, AT_VERSION };
	struct bytes c = load(C01), b = { NULL, 0 };
	struct err e = ERR_INIT;
	struct signed_header h;

	(void)state;
	b.p = mem_alloc(0);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		splice(&b, b.n, 0, c.p + at[i], 3 + get16(&c, at[i] + 1));
	splice(&b, b.n, 0, c.p + AT_PADDING, c.n - AT_PADDING);
	if (signed_header_parse(&h, &trustlist_form, b.p, b.n, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(h.len, 324);
	assert_int_equal(h.order[0], HEADER_TIMESTAMP);
	free(b.p);
	free(c.p);
}

static void
truncated_at_every_byte(void **state)
{
	struct bytes c = load(C01);

	(void)state;
	for (size_t n = 0; n < AT_END; n++) {
		struct bytes b = { mem_dup(c.p, n), n };

		expect(&b, "");
	}
	free(c.p);
}

static void
version_alone(void **state)
{
	struct bytes b = load(S01);
	struct err e = ERR_INIT;
	uint8_t major, minor;

	(void)state;
	assert_int_equal(signed_header_version(b.p, b.n, &major, &minor, &e),
	    0);
	assert_int_equal(major, 1);
	assert_int_equal(minor, 0);
	assert_int_equal(signed_header_version(b.p, 0, &major, &minor, &e), -1);
	assert_err(e, ERR_FORMAT, "the file is empty");
	assert_int_equal(signed_header_version((const uint8_t *)"GIF89a", 6,
			     &major, &minor, &e),
	    -1);
	assert_err(e, ERR_FORMAT, "offset 0: header: unknown tag 71");
	assert_int_equal(signed_header_version((const uint8_t *)"\x0d\x0d", 2,
			     &major, &minor, &e),
	    -1);
	assert_err(e, ERR_FORMAT, "offset 2: the file ends before VERSION");
	free(b.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_header_of_10_0),
		cmocka_unit_test(reads_the_header_of_other_writers),
		cmocka_unit_test(values_out_of_range),
		cmocka_unit_test(lengths_that_do_not_fit),
		cmocka_unit_test(header_lengths_that_lie),
		cmocka_unit_test(every_element_twice),
		cmocka_unit_test(every_element_missing),
		cmocka_unit_test(elements_in_the_wrong_place),
		cmocka_unit_test(padding),
		cmocka_unit_test(any_order_is_legal),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(version_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
