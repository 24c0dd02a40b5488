#include "trust/trustlist.h"
#include "trust_util.h"

/* Parse, verify, and tell the code; text must be in the message. */
static void
expect(const struct bytes *b, enum err_code code, const char *text)
{
	struct err e = ERR_INIT;
	struct trustlist l;

	if (trustlist_parse(&l, b->p, b->n, &e) == 0) {
		(void)trustlist_verify(&l, NULL, &e);
		trustlist_release(&l);
	}
	assert_err(e, code, text);
}

static void
verdicts_of_the_vectors(void **state)
{
	static const struct {
		const char *path;
		enum err_code code;
		size_t signer;
	} table[] = { { C01, ERR_NONE, 0 }, { C02, ERR_NONE, 4 },
		{ C14, ERR_NONE, 0 }, { P01, ERR_NONE, 0 },
		{ M01, ERR_SIGNATURE, 0 }, { X13, ERR_FORMAT, 0 },
		{ S01, ERR_FORMAT, 0 }, { E01, ERR_FORMAT, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes b = load(table[i].path);
		struct err e = ERR_INIT;
		struct trustlist l;
		size_t signer = 99;

		expect(&b, table[i].code, "");
		if (table[i].code == ERR_NONE) {
			assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
			assert_int_equal(trustlist_verify(&l, &signer, &e), 0);
			assert_int_equal(signer, table[i].signer);
			trustlist_release(&l);
		}
		free(b.p);
	}
}

static void
truncated_at_every_byte(void **state)
{
	struct bytes c = load(C01);

	(void)state;
	for (size_t n = 0; n < c.n; n++) {
		struct bytes b = { mem_dup(c.p, n), n };
		struct err e = ERR_INIT;
		struct trustlist l;

		if (trustlist_parse(&l, b.p, b.n, &e) == 0) {
			assert_int_equal(trustlist_verify(&l, NULL, &e), -1);
			trustlist_release(&l);
		}
		free(b.p);
	}
	free(c.p);
}

static void
every_byte_is_covered(void **state)
{
	struct bytes b = load(C14);

	(void)state;
	for (size_t i = 0; i < b.n; i++) {
		struct err e = ERR_INIT;
		struct trustlist l;

		b.p[i] ^= 0x20;
		if (trustlist_parse(&l, b.p, b.n, &e) == 0) {
			assert_int_equal(trustlist_verify(&l, NULL, &e), -1);
			assert_int_not_equal(e.code, ERR_NONE);
			trustlist_release(&l);
		}
		b.p[i] ^= 0x20;
	}
	free(b.p);
}

/* --- lists that are signed rightly and still prove nothing -------------- */

/* A record in the making. */
struct made {
	unsigned role;
	const struct cert *cert;
	const char *subject; /* NULL: the certificate's */
	const char *issuer;
	const uint8_t *serial; /* 16 bytes, or NULL */
	const struct cert *public_key_of; /* NULL: the certificate's */
	bool no_certificate;
};

static void
put(struct wbuf *w, unsigned tag, const void *p, size_t n)
{
	wbuf_u8(w, (uint8_t)tag);
	wbuf_be16(w, (uint16_t)n);
	wbuf_bytes(w, p, n);
}

static void
put_made(struct wbuf *w, const struct made *m)
{
	const struct cert *c = m->cert, *k = c;
	const uint8_t role[] = { 0, (uint8_t)m->role };
	const char *subject = m->subject == NULL ? c->subject : m->subject;
	const char *issuer = m->issuer == NULL ? c->issuer : m->issuer;
	size_t start = w->len;

	if (m->public_key_of != NULL)
		k = m->public_key_of;
	put(w, RECORD_LENGTH, "\0\0", 2);
	put(w, RECORD_SUBJECT, subject, strlen(subject) + 1);
	put(w, RECORD_FUNCTION, role, 2);
	put(w, RECORD_ISSUER, issuer, strlen(issuer) + 1);
	put(w, RECORD_SERIAL, m->serial == NULL ? c->serial : m->serial, 16);
	put(w, RECORD_PUBLIC_KEY, k->public_key, k->public_key_len);
	if (m->no_certificate) {
		put(w, RECORD_HASH, c->sha1, 20);
		put(w, RECORD_HASH_ALG, "\1", 1);
	} else {
		put(w, RECORD_CERTIFICATE, c->der, c->der_len);
	}
	wbuf_patch_be16(w, start + 3, (uint16_t)(w->len - start));
}

/* A list of these records, signed by f with these names in its header. */
static struct bytes
list_of(const struct made *m, size_t n, const struct certfile *f,
    const char *signer_name)
{
	struct signed_draft draft = { .major = 1,
		.minor = 2,
		.filename = "ITLFile.tlv",
		.signer_name = signer_name };
	struct signer s = { .cert = f->cert,
		.key = f->key,
		.digest = DIGEST_SHA1,
		.timestamp = T2014 };
	struct err e = ERR_INIT;
	struct key_piece content;
	struct wbuf w;
	struct bytes b;

	wbuf_init(&w, 0);
	for (size_t i = 0; i < n; i++)
		put_made(&w, &m[i]);
	content = (struct key_piece) { w.data, w.len };
	if (signed_file_write(&draft, &s, &content, &b.p, &b.n, &e) == -1)
		fail_msg("%s", e.msg);
	wbuf_release(&w);
	return b;
}

static void
no_record_of_the_signer(void **state)
{
	struct certfile f = pair("sast1024"), g = pair("seed_capf");
	struct made tftp = { .role = ROLE_TFTP, .cert = f.cert };
	struct made other = { .role = ROLE_SAST, .cert = g.cert };
	struct made issuer = { .role = ROLE_SAST,
		.cert = f.cert,
		.issuer = "CN=SAST1024;OU=tac;O=cisco;L=rtp;ST=nc;C=CA" };
	struct made hash = { .role = ROLE_SAST,
		.cert = f.cert,
		.no_certificate = true };
	struct bytes b = list_of(NULL, 0, &f, NULL);

	(void)state;
	expect(&b, ERR_UNVERIFIABLE, "no security token record");
	free(b.p);
	b = list_of(&tftp, 1, &f, NULL);
	expect(&b, ERR_UNVERIFIABLE, "no security token record");
	free(b.p);
	b = list_of(&other, 1, &f, NULL);
	expect(&b, ERR_UNVERIFIABLE, "no security token record");
	free(b.p);
	b = list_of(&issuer, 1, &f, NULL);
	expect(&b, ERR_UNVERIFIABLE, "no security token record");
	free(b.p);
	b = list_of(&hash, 1, &f, NULL);
	expect(&b, ERR_UNVERIFIABLE, "record 1 is the signer's and has no");
	free(b.p);
	certfile_release(&f);
	certfile_release(&g);
}

/* The same serial number under another issuer is another certificate. */
static void
issuer_and_serial_not_serial_alone(void **state)
{
	struct certfile f = pair("sast1024"), g = pair("seed_capf");
	struct made m[] = {
		{ .role = ROLE_SAST, .cert = g.cert, .serial = f.cert->serial },
		{ .role = ROLE_SAST, .cert = f.cert }
	};
	struct bytes b = list_of(m + 1, 1, &f, NULL);
	struct err e = ERR_INIT;
	struct trustlist l;
	size_t signer;

	(void)state;
	expect(&b, ERR_NONE, "");
	free(b.p);
	/* Record 1 is passed over as signer; it lies about its serial. */
	b = list_of(m, 2, &f, NULL);
	expect(&b, ERR_FORMAT, "record 1: SERIALNUMBER is not that of its");
	free(b.p);
	m[0].serial = NULL;
	b = list_of(m, 2, &f, NULL);
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	assert_int_equal(trustlist_verify(&l, &signer, &e), 0);
	assert_int_equal(signer, 1);
	trustlist_release(&l);
	free(b.p);
	certfile_release(&f);
	certfile_release(&g);
}

static void
a_stranger_in_the_signers_place(void **state)
{
	struct certfile f = pair("sast1024"), g = pair("seed_capf");
	struct made posing = { .role = ROLE_SAST,
		.cert = g.cert,
		.subject = f.cert->subject,
		.issuer = f.cert->issuer,
		.serial = f.cert->serial };
	struct made both[] = { { .role = ROLE_SAST, .cert = f.cert }, posing };
	struct bytes b = list_of(&posing, 1, &f, NULL);

	(void)state;
	expect(&b, ERR_SIGNATURE, "not by the key of CN=CAPF-75638ad9");
	free(b.p);
	b = list_of(both, 2, &f, NULL);
	expect(&b, ERR_UNVERIFIABLE, "records 1 and 2 both claim to be");
	free(b.p);
	both[1] = both[0];
	b = list_of(both, 2, &f, NULL);
	expect(&b, ERR_NONE, "");
	free(b.p);
	certfile_release(&f);
	certfile_release(&g);
}

/* Renew a certificate with its old key: the list names the old one. */
static void
the_right_key_in_another_certificate(void **state)
{
	struct certfile f = pair("sast1024");
	struct cert_spec spec = { .subject = { .cn = "SAST1024",
				      .ou = "tac",
				      .o = "cisco",
				      .l = "rtp",
				      .st = "nc",
				      .c = "US" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct err e = ERR_INIT;
	struct cert *renewed = cert_self_sign(&spec, f.key, &e);
	struct made m = { .role = ROLE_SAST,
		.cert = renewed,
		.serial = f.cert->serial };
	struct bytes b = list_of(&m, 1, &f, NULL);

	(void)state;
	expect(&b, ERR_UNVERIFIABLE, "record 1: SERIALNUMBER is not that of");
	free(b.p);
	cert_free(renewed);
	certfile_release(&f);
}

static void
records_that_contradict_themselves(void **state)
{
	struct certfile f = pair("sast1024"), g = pair("seed_capf");
	struct made m[] = {
		{ .role = ROLE_SAST, .cert = f.cert },
		{ .role = ROLE_CAPF, .cert = g.cert, .public_key_of = f.cert }
	};
	struct bytes b = list_of(m, 2, &f, NULL);

	(void)state;
	expect(&b, ERR_FORMAT, "record 2: PUBLICKEY is not that of its");
	free(b.p);
	m[1].public_key_of = NULL;
	m[1].subject = "CN=CAPF-11111111;OU=tac;O=cisco;L=rtp;ST=nc;C=US";
	b = list_of(m, 2, &f, NULL);
	expect(&b, ERR_FORMAT, "record 2: SUBJECTNAME is not that of its");
	free(b.p);
	m[1].subject = NULL;
	m[1].issuer = "CN=somebody";
	b = list_of(m, 2, &f, NULL);
	expect(&b, ERR_FORMAT, "record 2: ISSUERNAME is not that of its");
	free(b.p);
	b = list_of(m, 1, &f, "CN=another;OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	expect(&b, ERR_UNVERIFIABLE, "but another subject");
	free(b.p);
	certfile_release(&f);
	certfile_release(&g);
}

static void
with_a_certificate_from_elsewhere(void **state)
{
	struct certfile f = pair("sast1024"), g = pair("seed_capf");
	struct made m = { .role = ROLE_TVS, .cert = g.cert };
	struct bytes b = list_of(&m, 1, &f, NULL);
	struct err e = ERR_INIT;
	struct trustlist l;

	(void)state;
	assert_int_equal(trustlist_parse(&l, b.p, b.n, &e), 0);
	assert_int_equal(trustlist_verify(&l, NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNVERIFIABLE);
	assert_int_equal(trustlist_verify_with(&l, f.cert, &e), 0);
	assert_int_equal(trustlist_verify_with(&l, g.cert, &e), -1);
	assert_int_equal(e.code, ERR_SIGNATURE);
	trustlist_release(&l);
	free(b.p);
	certfile_release(&f);
	certfile_release(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_of_the_vectors),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(every_byte_is_covered),
		cmocka_unit_test(no_record_of_the_signer),
		cmocka_unit_test(issuer_and_serial_not_serial_alone),
		cmocka_unit_test(a_stranger_in_the_signers_place),
		cmocka_unit_test(the_right_key_in_another_certificate),
		cmocka_unit_test(records_that_contradict_themselves),
		cmocka_unit_test(with_a_certificate_from_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
