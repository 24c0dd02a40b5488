#include "trust/trustlist.h"

#include "trust_util.h"

static struct signer
signer_of(const struct certfile *f)
{
	return (struct signer) { .cert = f->cert,
		.key = f->key,
		.digest = DIGEST_SHA1,
		.timestamp = T2014 };
}

static int
build(enum trustlist_kind kind, const struct trustlist_entry *entry, size_t n,
    const struct signer *s, struct bytes *made, struct err *e)
{
	struct trustlist_draft draft = { kind, entry, n };

	return trustlist_build(&draft, s, &made->p, &made->n, e);
}

/* Signed again, c01 is c02, byte for byte but for time and signature. */
static void
resigning_gives_the_bytes_of_the_reset(void **state)
{
	struct certfile f = pair("seed_itlrecovery_pub");
	struct signer s = signer_of(&f);
	struct bytes a = load(C01), b = load(C02), made;
	struct trustlist l, want;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(trustlist_parse(&l, a.p, a.n, &e), 0);
	assert_int_equal(trustlist_parse(&want, b.p, b.n, &e), 0);
	if (trustlist_resign(&l, &s, f.cert, &made.p, &made.n, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(made.n, 5322);
	assert_int_equal(want.header.len, 344);
	/* In front of the signature, and behind the time stamp. */
	assert_memory_equal(made.p, b.p,
	    want.header.element[HEADER_SIGNATURE].off + 3);
	assert_memory_equal(made.p + want.header.element[HEADER_FILENAME].off,
	    b.p + want.header.element[HEADER_FILENAME].off, 15 + 3);
	assert_memory_equal(made.p + want.header.element[HEADER_TIMESTAMP].off +
		7,
	    b.p + want.header.element[HEADER_TIMESTAMP].off + 7,
	    made.n - want.header.element[HEADER_TIMESTAMP].off - 7);
	free(made.p);
	/* At the same time the signature is the same, too. */
	s.timestamp = want.header.timestamp;
	assert_int_equal(trustlist_resign(&l, &s, NULL, &made.p, &made.n, &e),
	    0);
	assert_memory_equal(made.p, b.p, made.n);
	free(made.p);
	trustlist_release(&want);
	trustlist_release(&l);
	free(a.p);
	free(b.p);
	certfile_release(&f);
}

static void
a_new_recovery_certificate_takes_its_place(void **state)
{
	struct certfile f = fresh_pair("ITLRECOVERY_rebuilt.lab", 2048);
	struct signer s = signer_of(&f);
	struct bytes a = load(C01), made;
	struct trustlist l, again;
	struct err e = ERR_INIT;
	size_t signer;

	(void)state;
	assert_int_equal(trustlist_parse(&l, a.p, a.n, &e), 0);
	assert_int_equal(trustlist_resign(&l, &s, NULL, &made.p, &made.n, &e),
	    -1);
	assert_err(e, ERR_UNVERIFIABLE, "no security token record");
	assert_int_equal(trustlist_resign(&l, &s, f.cert, &made.p, &made.n, &e),
	    0);
	assert_int_equal(trustlist_parse(&again, made.p, made.n, &e), 0);
	assert_int_equal(trustlist_verify(&again, &signer, &e), 0);
	assert_int_equal(signer, 4);
	assert_int_equal(again.n_records, 6);
	assert_string_equal(again.record[4].dns_name, " ");
	for (size_t i = 0; i < 6; i++)
		if (i != 4)
			assert_memory_equal(made.p + again.record[i].off,
			    l.data + l.record[i].off, l.record[i].len);
	free(made.p);
	trustlist_release(&again);
	trustlist_release(&l);
	free(a.p);
	certfile_release(&f);
}

static void
no_recovery_record_to_replace(void **state)
{
	struct certfile f = fresh_pair("ITLRECOVERY_x", 1024);
	struct signer s = signer_of(&f);
	struct bytes a = load(C14), made;
	struct trustlist l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(trustlist_parse(&l, a.p, a.n, &e), 0);
	assert_int_equal(trustlist_resign(&l, &s, f.cert, &made.p, &made.n, &e),
	    -1);
	assert_err(e, ERR_NOT_FOUND, "no record of an ITLRECOVERY");
	trustlist_release(&l);
	free(a.p);
	certfile_release(&f);
}

/* The open tools' names have ',' and their lists a signer version. */
static void
other_writers_lists_keep_their_names(void **state)
{
	struct certfile f = pair("sast2048");
	struct signer s = signer_of(&f);
	struct bytes a = load(P01), made;
	struct trustlist l, again;
	struct err e = ERR_INIT;

	(void)state;
	s.digest = DIGEST_SHA512;
	assert_int_equal(trustlist_parse(&l, a.p, a.n, &e), 0);
	assert_int_equal(trustlist_resign(&l, &s, NULL, &made.p, &made.n, &e),
	    0);
	assert_int_equal(trustlist_parse(&again, made.p, made.n, &e), 0);
	assert_int_equal(trustlist_verify(&again, NULL, &e), 0);
	assert_string_equal(again.header.signer_name,
	    "CN=SAST2048,OU=tac,O=cisco,L=rtp,ST=nc,C=US");
	assert_string_equal(again.header.filename,
	    "p01_itl_basic_2048_sha1.tlv");
	assert_int_equal(again.header.digest, DIGEST_SHA512);
	assert_true(again.header.element[HEADER_SIGNER_VERSION].present);
	trustlist_release(&again);
	trustlist_release(&l);
	free(made.p);
	free(a.p);
	certfile_release(&f);
}

/* c14 again, from its certificates. */
static void
a_ctl_with_blank_entries(void **state)
{
	static const uint8_t ip1[] = { 10, 48, 47, 153 };
	static const uint8_t ip2[] = { 10, 48, 47, 154 };
	struct certfile sast = pair("sast1024"), capf = pair("seed_capf");
	struct signer s = signer_of(&sast);
	struct trustlist_entry entry[] = {
		{ .role = ROLE_SAST, .cert = sast.cert, .dns_name = "" },
		{ .role = ROLE_CCM_TFTP,
		    .dns_name = "10.48.47.153",
		    .address = ip1 },
		{ .role = ROLE_CAPF,
		    .cert = capf.cert,
		    .dns_name = "10.48.47.153" },
		{ .role = ROLE_CCM_TFTP,
		    .dns_name = "10.48.47.154",
		    .address = ip2 },
	};
	struct bytes want = load(C14), made;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(build(TRUSTLIST_CTL, entry, 4, &s, &made, &e), 0);
	assert_int_equal(made.n, want.n);
	assert_memory_equal(made.p, want.p, want.n);
	free(made.p);
	free(want.p);
	certfile_release(&sast);
	certfile_release(&capf);
}

static void
too_big_is_refused(void **state)
{
	struct certfile sast = pair("sast2048");
	struct signer s = signer_of(&sast);
	struct trustlist_entry entry[80];
	struct bytes made = { NULL, 0 };
	struct err e = ERR_INIT;
	size_t n = 1;

	(void)state;
	for (size_t i = 0; i < 80; i++)
		entry[i] = (struct trustlist_entry) { .role = ROLE_SAST,
			.cert = sast.cert };
	while (n < 80 && build(TRUSTLIST_ITL, entry, n, &s, &made, &e) == 0) {
		assert_true(made.n <= TRUSTLIST_MAX_SIZE);
		free(made.p);
		n++;
	}
	/* 452 bytes of header and 1509 a record. */
	assert_int_equal(n, 44);
	assert_int_equal(e.code, ERR_TOO_BIG);
	certfile_release(&sast);
}

static void
a_signer_outside_of_the_list(void **state)
{
	struct certfile sast = pair("sast1024"), other = pair("seed_capf");
	struct signer s = signer_of(&other);
	struct trustlist_entry entry = { .role = ROLE_SAST, .cert = sast.cert };
	struct bytes made;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(build(TRUSTLIST_ITL, &entry, 1, &s, &made, &e), -1);
	assert_err(e, ERR_UNVERIFIABLE, "no security token record");
	s = signer_of(&sast);
	s.key = other.key;
	assert_int_equal(build(TRUSTLIST_ITL, &entry, 1, &s, &made, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	s = signer_of(&sast);
	entry.hash_only = true;
	entry.hash_alg = DIGEST_SHA512;
	assert_int_equal(build(TRUSTLIST_ITL, &entry, 1, &s, &made, &e), -1);
	assert_err(e, ERR_UNVERIFIABLE, "has no certificate");
	certfile_release(&sast);
	certfile_release(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resigning_gives_the_bytes_of_the_reset),
		cmocka_unit_test(a_new_recovery_certificate_takes_its_place),
		cmocka_unit_test(no_recovery_record_to_replace),
		cmocka_unit_test(other_writers_lists_keep_their_names),
		cmocka_unit_test(a_ctl_with_blank_entries),
		cmocka_unit_test(too_big_is_refused),
		cmocka_unit_test(a_signer_outside_of_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
