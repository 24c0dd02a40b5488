#include "trust/trustlist.h"

#include "trust_util.h"

#define RECORD_1 324 /* where c01's first record begins */
#define RECORD_3 2554
#define LAST 4589

static void
lengths_of_the_seed(void **state)
{
	static const size_t want[] = { 1115, 1115, 439, 455, 1141, 713 };
	static const unsigned roles[] = { ROLE_SAST, ROLE_TFTP, ROLE_CAPF,
		ROLE_TVS, ROLE_SAST, ROLE_TVS };
	struct bytes b = load(C01);
	struct err e = ERR_INIT;
	struct trustlist l;

	(void)state;
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	free(b.p); /* the list has its own copy */
	assert_int_equal(l.kind, TRUSTLIST_ITL);
	assert_int_equal(l.header.len, 324);
	assert_int_equal(l.n_records, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(l.record[i].len, want[i]);
		assert_int_equal(l.record[i].role, roles[i]);
		assert_string_equal(l.record[i].dns_name, " ");
	}
	assert_int_equal(l.record[2].hash_alg, DIGEST_SHA1);
	assert_string_equal(l.record[2].subject,
	    "CN=CAPF-75638ad9;OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	trustlist_release(&l);
	trustlist_release(NULL);
}

static void
blank_records_and_kinds(void **state)
{
	struct bytes b = load(C14);
	struct err e = ERR_INIT;
	struct trustlist l;

	(void)state;
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	assert_int_equal(l.kind, TRUSTLIST_CTL);
	assert_int_equal(l.record[1].len, 33);
	assert_string_equal(l.record[1].dns_name, "10.48.47.153");
	assert_string_equal(l.record[1].subject, "");
	assert_int_equal(l.record[1].role, ROLE_CCM_TFTP);
	trustlist_release(&l);
	free(b.p);
	/* Other writers' names say nothing; then addresses make it a CTL. */
	b = load(P01);
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	assert_int_equal(l.kind, TRUSTLIST_ITL);
	trustlist_release(&l);
	free(b.p);
	b = load(C14);
	b.p[275 + 3] = 'X';
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	assert_int_equal(l.kind, TRUSTLIST_CTL);
	trustlist_release(&l);
	free(b.p);
}

static void
expect(struct bytes *b, const char *rule)
{
	struct err e = ERR_INIT;
	struct trustlist l;

	if (trustlist_parse(&l, b->p, b->n, &e) == 0)
		fail_msg("accepted; expected: %s", rule);
	assert_err(e, ERR_FORMAT, rule);
	assert_null(l.data);
	assert_int_equal(l.n_records, 0);
	free(b->p);
}

static struct bytes
with(size_t off, unsigned v)
{
	struct bytes b = load(C01);

	b.p[off] = (uint8_t)v;
	return b;
}

/* The offset of an element of a record of c01. */
static size_t
element_at(size_t record, unsigned tag)
{
	struct bytes b = load(C01);
	size_t at = record;

	while (b.p[at] != tag)
		at += 3 + get16(&b, at + 1);
	free(b.p);
	return at;
}

static void
values_out_of_range(void **state)
{
	struct bytes b;

	(void)state;
	b = with(element_at(RECORD_1, RECORD_SERIAL) + 3, 0);
	expect(&b, "record 1: SERIALNUMBER is zero or begins");
	b = with(element_at(RECORD_1, RECORD_SUBJECT) + 3 + 56, 'x');
	expect(&b, "record 1: SUBJECTNAME must end with its only NUL");
	b = with(element_at(RECORD_1, RECORD_SUBJECT) + 3 + 5, 0);
	expect(&b, "record 1: SUBJECTNAME must end with its only NUL");
	b = with(element_at(RECORD_1, RECORD_ISSUER) + 3, 0);
	expect(&b, "record 1: ISSUERNAME must end with its only NUL");
	b = with(element_at(RECORD_1, RECORD_DNS_NAME) + 3, 0);
	expect(&b, "record 1: DNSNAME must end with its only NUL");
	b = with(element_at(RECORD_3, RECORD_HASH_ALG) + 3, 3);
	expect(&b, "record 3: CERTHASH has 20 bytes, SHA-512 has 64");
	b = with(element_at(RECORD_3, RECORD_HASH_ALG) + 3, 0);
	expect(&b, "record 3: HASH ALGORITHM is 0, must be 1, 2 or 3");
	b = with(element_at(RECORD_1, RECORD_SIGNATURE), 13);
	expect(&b, "record 1: unknown tag 13");
	b = with(element_at(RECORD_1, RECORD_SIGNATURE), 0);
	expect(&b, "record 1: unknown tag 0");
	b = with(RECORD_1, RECORD_DNS_NAME);
	expect(&b, "record 1 does not begin with RECORDLENGTH");
}

static void
record_lengths_that_lie(void **state)
{
	static const size_t lie[] = { 0, 1, 4, 5, 9, 1114, 1116, 5302 - 324,
		65535 };
	struct bytes b;

	(void)state;
	for (size_t i = 0; i < sizeof(lie) / sizeof(lie[0]); i++) {
		b = load(C01);
		set16(&b, RECORD_1 + 3, lie[i]);
		expect(&b, lie[i] < 10 ? "at least 10" : "record 1");
	}
	b = load(C01);
	set16(&b, LAST + 3, 714);
	expect(&b,
	    "offset 4589: record 6: RECORDLENGTH is 714, the file ends "
	    "after 713 bytes");
	b = load(X13);
	expect(&b, "offset 428: record 1: RECORDLENGTH is 65535");
}

static void
element_lengths_that_lie(void **state)
{
	static const int change[] = { -10000, -1, 1, 3, 10000 };

	(void)state;
	for (unsigned tag = RECORD_LENGTH; tag <= RECORD_CERTIFICATE; tag++)
		for (size_t k = 0; k < sizeof(change) / sizeof(change[0]);
		     k++) {
			struct bytes b = load(C01);
			size_t at = element_at(RECORD_1, tag);
			long n = (long)get16(&b, at + 1) + change[k];

			set16(&b, at + 1, (size_t)(n < 0 ? 0 : n));
			expect(&b, "record 1");
		}
}

static void
every_element_twice(void **state)
{
	static const struct {
		size_t record;
		unsigned tag;
	} table[] = { { RECORD_1, 1 }, { RECORD_1, 2 }, { RECORD_1, 3 },
		{ RECORD_1, 4 }, { RECORD_1, 5 }, { RECORD_1, 6 },
		{ RECORD_1, 7 }, { RECORD_1, 8 }, { RECORD_1, 9 },
		{ RECORD_3, 11 }, { RECORD_3, 12 } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes b = load(C01);
		size_t at = element_at(table[i].record, table[i].tag);
		size_t n = 3 + get16(&b, at + 1);
		uint8_t *copy = mem_dup(b.p + at, n);
		size_t whole = get16(&b, table[i].record + 3);

		splice(&b, at + n, 0, copy, n);
		set16(&b, table[i].record + 3, whole + n);
		expect(&b, ": second ");
		free(copy);
	}
}

/* Take an element out of a record. */
static struct bytes
without(size_t record, unsigned tag)
{
	struct bytes b = load(C01);
	size_t at = element_at(record, tag), n = 3 + get16(&b, at + 1);
	size_t whole = get16(&b, record + 3);

	splice(&b, at, n, NULL, 0);
	set16(&b, record + 3, whole - n);
	return b;
}

static void
elements_that_belong_together(void **state)
{
	struct bytes b = without(RECORD_1, RECORD_FUNCTION);

	(void)state;
	expect(&b, "record 1 has no FUNCTION (tag 4)");
	b = without(RECORD_3, RECORD_HASH);
	expect(&b, "record 3: HASH ALGORITHM without CERTHASH");
	b = without(RECORD_3, RECORD_HASH_ALG);
	expect(&b, "record 3: CERTHASH without HASH ALGORITHM");
	b = load(C01);
	splice(&b, RECORD_3 + 439, 0, "\x09\x00\x01\x30", 4);
	set16(&b, RECORD_3 + 3, 443);
	expect(&b, "record 3: CERTHASH beside CERTIFICATE");
}

static void
elements_nobody_needs(void **state)
{
	static const unsigned tags[] = { RECORD_DNS_NAME, RECORD_SUBJECT,
		RECORD_ISSUER, RECORD_SERIAL, RECORD_PUBLIC_KEY,
		RECORD_SIGNATURE, RECORD_CERTIFICATE };

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct bytes b = without(RECORD_1, tags[i]);
		struct err e = ERR_INIT;
		struct trustlist l;

		if (trustlist_parse(&l, b.p, b.n, &e) == -1)
			fail_msg("%s", e.msg);
		trustlist_release(&l);
		free(b.p);
	}
}

static void
bytes_behind_the_last_record(void **state)
{
	struct bytes b = load(C01);

	(void)state;
	splice(&b, b.n, 0, "\x00\x00\x00\x00", 4);
	expect(&b, "offset 5302: 4 bytes behind the last record");
	b = load(C01);
	splice(&b, b.n, 0, "\x0d", 1);
	expect(&b, "offset 5302: 1 bytes behind the last record");
}

static void
nothing_and_too_much(void **state)
{
	struct bytes b = { mem_alloc(1), 0 };

	(void)state;
	expect(&b, "offset 0: the file is empty");
	b = load(C01);
	b.p = mem_resize(b.p, TRUSTLIST_MAX_SIZE + 1, 1);
	memset(b.p + b.n, 0, TRUSTLIST_MAX_SIZE + 1 - b.n);
	b.n = TRUSTLIST_MAX_SIZE + 1;
	expect(&b, "a trust list of 65537 bytes: phones load at most 65536");
	b = load(S01);
	expect(&b, "VERSION is 1.0, must be 1.2");
}

/* The size of the file is the only limit. */
static void
as_many_records_as_fit(void **state)
{
	static const uint8_t blank[] = { 1, 0, 2, 0, 10, 4, 0, 2, 0, 3 };
	struct bytes b = load(C01);
	struct err e = ERR_INIT;
	struct trustlist l;
	size_t more = (TRUSTLIST_MAX_SIZE - b.n) / sizeof(blank);

	(void)state;
	b.p = mem_resize(b.p, b.n + more * sizeof(blank), 1);
	for (size_t i = 0; i < more; i++) {
		memcpy(b.p + b.n, blank, sizeof(blank));
		b.n += sizeof(blank);
	}
	if (trustlist_parse(&l, b.p, b.n, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(l.n_records, 6 + more);
	trustlist_release(&l);
	free(b.p);
}

static void
roles_have_names(void **state)
{
	(void)state;
	assert_string_equal(trust_role_name(ROLE_SAST),
	    "System Administrator Security Token");
	assert_string_equal(trust_role_name(ROLE_CCM), "CCM");
	assert_string_equal(trust_role_name(ROLE_CCM_TFTP), "CCM+TFTP");
	assert_string_equal(trust_role_name(ROLE_TFTP), "TFTP");
	assert_string_equal(trust_role_name(ROLE_CAPF), "CAPF");
	assert_string_equal(trust_role_name(ROLE_APP_SERVER), "APP-SERVER");
	assert_string_equal(trust_role_name(ROLE_TVS), "TVS");
	assert_null(trust_role_name(5));
	assert_string_equal(trustlist_kind_name(TRUSTLIST_CTL), "CTL");
}

static void
finds_certificates(void **state)
{
	struct certfile ccm = pair("seed_callmanager_pub");
	struct certfile capf = pair("seed_capf"), other = pair("capf");
	struct bytes b = load(C01);
	struct err e = ERR_INIT;
	struct trustlist l;

	(void)state;
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	assert_int_equal(trustlist_find(&l, ccm.cert, ROLE_SAST), 0);
	assert_int_equal(trustlist_find(&l, ccm.cert, ROLE_TFTP), 1);
	assert_int_equal(trustlist_find(&l, ccm.cert, ROLE_CAPF), -1);
	assert_int_equal(trustlist_find(&l, capf.cert, ROLE_CAPF), 2);
	assert_int_equal(trustlist_find(&l, other.cert, ROLE_CAPF), -1);
	trustlist_release(&l);
	free(b.p);
	certfile_release(&ccm);
	certfile_release(&capf);
	certfile_release(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_of_the_seed),
		cmocka_unit_test(blank_records_and_kinds),
		cmocka_unit_test(values_out_of_range),
		cmocka_unit_test(record_lengths_that_lie),
		cmocka_unit_test(element_lengths_that_lie),
		cmocka_unit_test(every_element_twice),
		cmocka_unit_test(elements_that_belong_together),
		cmocka_unit_test(elements_nobody_needs),
		cmocka_unit_test(bytes_behind_the_last_record),
		cmocka_unit_test(nothing_and_too_much),
		cmocka_unit_test(as_many_records_as_fit),
		cmocka_unit_test(roles_have_names),
		cmocka_unit_test(finds_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
