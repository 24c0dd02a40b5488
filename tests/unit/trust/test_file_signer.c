#include "trust/file_signer.h"

#include "base/workers.h"
#include "trust/signed_file.h"
#include "trust_util.h"

#define NAME "New_Zealand/g3-tones.xml.sgn"

static struct file_draft
draft_of(const void *content, size_t n)
{
	return (struct file_draft) { .major = 1,
		.filename = NAME,
		.timestamp = T2014,
		.content = { content, n } };
}

static struct file_signer *
signer_of(const struct certfile *f, enum digest_alg digest)
{
	struct signer s = { .cert = f->cert, .key = f->key, .digest = digest };
	struct err e = ERR_INIT;
	struct file_signer *made = file_signer_new(&s, NULL, &e);

	if (made == NULL)
		fail_msg("%s", e.msg);
	return made;
}

/* Sign, read back, verify; the caller frees what it gets. */
static struct bytes
sign_and_check(struct file_signer *s, const struct file_draft *d,
    const struct cert *c)
{
	struct err e = ERR_INIT;
	struct signed_file f = { .len = 0 };
	struct bytes b;

	if (file_signer_sign(s, d, &b.p, &b.n, &e) == -1 ||
	    signed_file_parse(&f, b.p, b.n, &e) == -1 ||
	    signed_file_verify(&f, c, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(f.header.filename, d->filename);
	assert_int_equal(f.header.timestamp, d->timestamp);
	assert_int_equal(f.header.digest, file_signer_digest(s));
	assert_int_equal(f.content_len, d->content.len);
	if (d->content.len > 0)
		assert_memory_equal(f.content, d->content.data, d->content.len);
	return b;
}

/* The key outlives what it came from, and no file changes the next one. */
static void
one_signer_many_files(void **state)
{
	static const enum digest_alg algs[] = { DIGEST_SHA1, DIGEST_SHA512 };
	static const char *const names[] = { "a.sgn", NAME, "ab.sgn" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct certfile f = pair("callmanager");
		struct file_signer *s = signer_of(&f, algs[i]);
		struct cert *c = cert_dup(f.cert);

		certfile_release(&f);
		for (size_t n = 0; n < 40; n++) {
			struct file_draft d = draft_of("0123456789012345678901"
						       "234567890123456789",
			    n);
			struct bytes b;

			d.filename = names[n % 3];
			d.timestamp += (int64_t)n;
			b = sign_and_check(s, &d, c);
			assert_int_equal((b.n - n) % 4, 0);
			free(b.p);
		}
		file_signer_free(s);
		cert_free(c);
	}
}

/* PKCS #1 v1.5 has no randomness: a copy writes the same bytes. */
static void
copies_write_the_same(void **state)
{
	struct certfile f = pair("callmanager");
	struct file_signer *a = signer_of(&f, DIGEST_SHA512);
	struct err e = ERR_INIT;
	struct file_signer *b = file_signer_dup(a, &e);
	struct file_draft d = draft_of("<device/>", 9);
	struct bytes x, y, z;

	(void)state;
	assert_non_null(b);
	x = sign_and_check(a, &d, f.cert);
	file_signer_free(a);
	y = sign_and_check(b, &d, f.cert);
	z = sign_and_check(b, &d, f.cert);
	assert_int_equal(x.n, y.n);
	assert_memory_equal(x.p, y.p, x.n);
	assert_memory_equal(x.p, z.p, x.n);
	free(x.p);
	free(y.p);
	free(z.p);
	file_signer_free(b);
	certfile_release(&f);
}

/* The open tools' file, but for the separators in two names. */
static void
as_the_open_tools_do(void **state)
{
	struct certfile f = pair("callmanager");
	struct file_signer *s = signer_of(&f, DIGEST_SHA1);
	struct bytes want = load(S01), content, got;
	struct err e = ERR_INIT;
	struct signed_file theirs;
	struct file_draft d;

	(void)state;
	content = load(VECTORS "payload_s01_SEP58971ECC97C1.cnf.xml");
	assert_int_equal(signed_file_parse(&theirs, want.p, want.n, &e), 0);
	d = draft_of(content.p, content.n);
	d.filename = theirs.header.filename;
	d.timestamp = theirs.header.timestamp;
	got = sign_and_check(s, &d, f.cert);
	assert_int_equal(got.n, want.n);
	for (size_t i = 0; i < got.n; i++) {
		if (want.p[i] == ',' && got.p[i] == ';')
			continue;
		if (i >= 179 && i < 435) /* SIGNATURE */
			continue;
		assert_int_equal(got.p[i], want.p[i]);
	}
	free(got.p);
	free(want.p);
	free(content.p);
	file_signer_free(s);
	certfile_release(&f);
}

struct crowd {
	struct file_signer *signer[4];
	struct bytes made[64];
};

static void
sign_one(void *self, unsigned thread, size_t i)
{
	struct crowd *c = self;
	struct err e = ERR_INIT;
	struct file_draft d = draft_of("<device/>", i % 10);

	if (file_signer_sign(c->signer[thread], &d, &c->made[i].p,
		&c->made[i].n, &e) == -1)
		c->made[i].p = NULL;
}

static void
many_threads(void **state)
{
	struct certfile f = pair("sast1024");
	struct crowd c = { .signer = { signer_of(&f, DIGEST_SHA1) } };
	struct workers w = { .n = 64,
		.threads = 4,
		.run = sign_one,
		.self = &c };
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 1; i < 4; i++) {
		c.signer[i] = file_signer_dup(c.signer[0], &e);
		assert_non_null(c.signer[i]);
	}
	workers_run(&w);
	for (size_t i = 0; i < 64; i++) {
		struct file_draft d = draft_of("<device/>", i % 10);
		struct bytes b = sign_and_check(c.signer[0], &d, f.cert);

		assert_non_null(c.made[i].p);
		assert_int_equal(c.made[i].n, b.n);
		assert_memory_equal(c.made[i].p, b.p, b.n);
		free(b.p);
		free(c.made[i].p);
	}
	for (size_t i = 0; i < 4; i++)
		file_signer_free(c.signer[i]);
	certfile_release(&f);
}

static void
refuses(struct file_signer *s, const struct file_draft *d, enum err_code code,
    const char *why)
{
	struct err e = ERR_INIT;
	uint8_t *p;
	size_t n;

	assert_int_equal(file_signer_sign(s, d, &p, &n, &e), -1);
	assert_err(e, code, why);
}

static void
what_cannot_be_signed(void **state)
{
	struct certfile f = pair("sast1024");
	struct file_signer *s = signer_of(&f, DIGEST_SHA1);
	struct file_draft d = draft_of("", 0);
	char *name = mem_alloc(70000);
	struct bytes b;

	(void)state;
	d.filename = "";
	refuses(s, &d, ERR_USAGE, "needs a name");
	d.filename = NAME;
	d.timestamp = -1;
	refuses(s, &d, ERR_USAGE, "out of range: -1");
	d.timestamp = INT64_C(1) << 32;
	refuses(s, &d, ERR_USAGE, "out of range: 4294967296");
	d.timestamp = T2014;
	d.content.len = SIGNED_FILE_MAX_SIZE; /* never read */
	refuses(s, &d, ERR_TOO_BIG, "the signed file would pass");
	d.content.len = 0;
	memset(name, 'x', 65500);
	d.filename = name;
	refuses(s, &d, ERR_TOO_BIG, "the header would pass 65535");
	memset(name, 'x', 69999);
	refuses(s, &d, ERR_TOO_BIG, "the header would pass 65535");
	free(name);
	/* It still signs. */
	d.filename = NAME;
	b = sign_and_check(s, &d, f.cert);
	free(b.p);
	file_signer_free(s);
	certfile_release(&f);
}

static void
unfit_signers(void **state)
{
	struct certfile a = pair("sast1024"), b = pair("seed_capf");
	struct certfile odd = fresh_pair("three thousand", 3072);
	struct certfile small = fresh_pair("small", 512);
	struct signer s = { .cert = odd.cert, .key = odd.key };
	struct signed_draft names = { 0 };
	struct file_draft d = draft_of("", 0);
	char *name = mem_alloc(70000);
	struct err e = ERR_INIT;
	struct file_signer *made;

	(void)state;
	s.digest = DIGEST_SHA1;
	assert_null(file_signer_new(&s, NULL, &e));
	assert_err(e, ERR_KEY, "3072 bits: only RSA keys of 512, 1024, 2048");
	s.cert = a.cert;
	s.key = b.key;
	assert_null(file_signer_new(&s, NULL, &e));
	assert_err(e, ERR_KEY, "not that of the certificate");
	s.key = a.key;
	s.digest = DIGEST_MD5;
	assert_null(file_signer_new(&s, NULL, &e));
	assert_err(e, ERR_USAGE, "MD5");
	s.digest = DIGEST_SHA1;
	memset(name, 'x', 69999);
	names.signer_name = name;
	assert_null(file_signer_new(&s, &names, &e));
	assert_err(e, ERR_TOO_BIG, "the header would pass");
	/* 64 bytes do not hold a SHA-512 and what goes with it. */
	s = (struct signer) { .cert = small.cert,
		.key = small.key,
		.digest = DIGEST_SHA512 };
	made = file_signer_new(&s, NULL, &e);
	assert_non_null(made);
	refuses(made, &d, ERR_KEY, "cannot sign with SHA-512");
	file_signer_free(made);
	file_signer_free(NULL);
	free(name);
	certfile_release(&a);
	certfile_release(&b);
	certfile_release(&odd);
	certfile_release(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_signer_many_files),
		cmocka_unit_test(copies_write_the_same),
		cmocka_unit_test(as_the_open_tools_do),
		cmocka_unit_test(many_threads),
		cmocka_unit_test(what_cannot_be_signed),
		cmocka_unit_test(unfit_signers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
