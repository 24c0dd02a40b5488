#include "trust/encrypted_file.h"

#include "trust_util.h"

#define NAME "SEP58971ECC97C1.cnf.xml.enc.sgn"

/* Who signs, and for whom. */
struct world {
	struct certfile ccm;
	struct certfile phone;
	struct file_signer *signer;
};

static struct world
world_of(enum digest_alg digest)
{
	struct world w = { pair("callmanager"), pair("phone_lsc2048"), NULL };
	struct signer s = { .cert = w.ccm.cert,
		.key = w.ccm.key,
		.digest = digest };
	struct err e = ERR_INIT;

	w.signer = file_signer_new(&s, NULL, &e);
	if (w.signer == NULL)
		fail_msg("%s", e.msg);
	return w;
}

static void
world_release(struct world *w)
{
	file_signer_free(w->signer);
	certfile_release(&w->ccm);
	certfile_release(&w->phone);
}

static struct file_draft
draft_of(const void *content, size_t n)
{
	return (struct file_draft) { .filename = NAME,
		.timestamp = T2014,
		.content = { content, n } };
}

static struct bytes
encrypt(struct world *w, const void *content, size_t n)
{
	struct file_draft d = draft_of(content, n);
	struct err e = ERR_INIT;
	struct bytes b;

	if (encrypted_file_write(w->signer, &d, w->phone.cert, &b.p, &b.n,
		&e) == -1)
		fail_msg("%s", e.msg);
	return b;
}

static void
a_file_of_the_open_tools(void **state)
{
	struct world w = world_of(DIGEST_SHA1);
	struct bytes b = load(E01), plain;
	struct bytes want = load(VECTORS "payload_e01_SEP58971ECC97C1.cnf.xml");
	struct err e = ERR_INIT;
	struct signed_file f;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	assert_int_equal(encrypted_file_decrypt(&f, w.phone.key, &plain.p,
			     &plain.n, &e),
	    0);
	assert_int_equal(plain.n, want.n);
	assert_memory_equal(plain.p, want.p, want.n);
	mem_free_wiped(plain.p, plain.n);
	free(want.p);
	free(b.p);
	world_release(&w);
}

/* Every length of the last block, whole blocks and nothing at all too. */
static void
there_and_back(void **state)
{
	static const enum digest_alg algs[] = { DIGEST_SHA1, DIGEST_SHA512 };
	static const char text[] = "<device>0123456789\r\r\r\r\r\r\r</device>";

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world w = world_of(algs[i]);

		for (size_t n = 0; n <= 33; n++) {
			struct bytes b = encrypt(&w, text, n), plain;
			struct err e = ERR_INIT;
			struct signed_file f;

			assert_int_equal(signed_file_parse(&f, b.p, b.n, &e),
			    0);
			assert_true(f.encrypted);
			assert_int_equal(f.header.digest, algs[i]);
			assert_string_equal(f.header.filename, NAME);
			assert_int_equal(f.content_len, n / 16 * 16 + 16);
			assert_int_equal(signed_file_verify(&f, w.ccm.cert, &e),
			    0);
			assert_int_equal(encrypted_file_decrypt(&f, w.phone.key,
					     &plain.p, &plain.n, &e),
			    0);
			assert_int_equal(plain.n, n);
			assert_memory_equal(plain.p, text, n);
			mem_free_wiped(plain.p, plain.n);
			free(b.p);
		}
		world_release(&w);
	}
}

/* As long as theirs, element by element; nothing random comes twice. */
static void
as_the_open_tools_do(void **state)
{
	struct world w = world_of(DIGEST_SHA1);
	struct bytes theirs = load(E01);
	struct bytes text = load(VECTORS "payload_e01_SEP58971ECC97C1.cnf.xml");
	struct bytes b = encrypt(&w, text.p, text.n);
	struct bytes c = encrypt(&w, text.p, text.n);
	struct err e = ERR_INIT;
	struct signed_file f, g, h;

	(void)state;
	assert_int_equal(signed_file_parse(&f, theirs.p, theirs.n, &e), 0);
	assert_int_equal(signed_file_parse(&g, b.p, b.n, &e), 0);
	assert_int_equal(signed_file_parse(&h, c.p, c.n, &e), 0);
	assert_int_equal(f.header.n_order, g.header.n_order);
	for (unsigned t = HEADER_ENCRYPTION; t <= HEADER_ENC_DIGEST; t++) {
		const struct element *a = &f.header.element[t];
		const struct element *o = &g.header.element[t];

		assert_int_equal(a->len, o->len);
		if (t != HEADER_ENC_IV && t != HEADER_ENC_WRAPPED && t > 17 &&
		    t != HEADER_ENC_KEY)
			assert_memory_equal(a->value, o->value, o->len);
	}
	assert_memory_not_equal(g.header.element[HEADER_ENC_IV].value,
	    h.header.element[HEADER_ENC_IV].value, 16);
	assert_memory_not_equal(g.content, h.content, g.content_len);
	free(theirs.p);
	free(text.p);
	free(b.p);
	free(c.p);
	world_release(&w);
}

static void
does_not_decrypt(const struct signed_file *f, const struct key *k,
    const char *why)
{
	struct err e = ERR_INIT;
	uint8_t *p;
	size_t n;

	assert_int_equal(encrypted_file_decrypt(f, k, &p, &n, &e), -1);
	assert_err(e, ERR_KEY, why);
}

static void
other_keys(void **state)
{
	struct world w = world_of(DIGEST_SHA1);
	struct bytes b = encrypt(&w, "<device/>", 9);
	struct certfile other = pair("capf"), small = pair("seed_capf");
	struct err e = ERR_INIT;
	struct key *ec = key_generate_ec(&e);
	struct signed_file f;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	does_not_decrypt(&f, other.key, "it does not decrypt with this key");
	does_not_decrypt(&f, small.key,
	    "encrypted to a key of 2048 bits, the phone's has 1024");
	does_not_decrypt(&f, ec, "the phone's key is not RSA");
	key_free(ec);
	certfile_release(&other);
	certfile_release(&small);
	free(b.p);
	world_release(&w);
}

/* One bit at this offset: it still parses, and does not decrypt. */
static void
one_bit(struct bytes *b, size_t at, const struct key *k)
{
	struct err e = ERR_INIT;
	struct signed_file f;

	b->p[at] ^= 0x40;
	assert_int_equal(signed_file_parse(&f, b->p, b->n, &e), 0);
	does_not_decrypt(&f, k, "for another phone, or damaged");
	b->p[at] ^= 0x40;
}

/* The key, the vector, the digest, the text or its padding: one answer. */
static void
damage(void **state)
{
	struct world w = world_of(DIGEST_SHA512);
	struct bytes b = encrypt(&w, "0123456789abcdef01234567", 24);
	struct err e = ERR_INIT;
	struct signed_file f;
	const struct element *el;

	(void)state;
	assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
	el = f.header.element;
	one_bit(&b, el[HEADER_ENC_IV].off + 3, w.phone.key);
	one_bit(&b, el[HEADER_ENC_WRAPPED].off + 40, w.phone.key);
	one_bit(&b, el[HEADER_ENC_DIGEST].off + 66, w.phone.key);
	one_bit(&b, f.header.len, w.phone.key);
	one_bit(&b, b.n - 1, w.phone.key);
	/* A count one higher than the padding. */
	b.p[el[HEADER_ENC_PADDING].off + 4]++;
	does_not_decrypt(&f, w.phone.key, "for another phone, or damaged");
	free(b.p);
	world_release(&w);
}

static void
codes_nobody_knows(void **state)
{
	static const struct {
		enum header_tag tag;
		uint8_t code;
		const char *why;
	} table[] = { { HEADER_ENC_18, 1, "CIPHERALGORITHM is 1, must be 0" },
		{ HEADER_ENC_22, 2, "KEYALGORITHM is 2, must be 0" },
		{ HEADER_ENC_24, 0, "KEYTYPE is 0, must be 1" },
		{ HEADER_ENC_DIGEST_ALG, 0, "PLAINDIGEST is 0, must be" } };
	struct world w = world_of(DIGEST_SHA1);
	struct bytes b = encrypt(&w, "", 0);
	struct err e = ERR_INIT;
	struct signed_file f;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t at;
		uint8_t was;

		assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), 0);
		at = f.header.element[table[i].tag].off;
		was = b.p[at + 3];
		b.p[at + 3] = table[i].code;
		assert_int_equal(signed_file_parse(&f, b.p, b.n, &e), -1);
		assert_err(e, ERR_FORMAT, table[i].why);
		b.p[at + 3] = was;
	}
	free(b.p);
	world_release(&w);
}

static void
what_cannot_be_encrypted(void **state)
{
	struct world w = world_of(DIGEST_SHA256);
	struct file_draft d = draft_of("", 0);
	struct err e = ERR_INIT;
	struct key *ec = key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "SEP000000000000" },
		.not_before = T2014,
		.not_after = T2014 + 1 };
	struct cert *phone = cert_self_sign(&spec, ec, &e);
	uint8_t *p;
	size_t n;

	(void)state;
	assert_int_equal(encrypted_file_write(w.signer, &d, w.phone.cert, &p,
			     &n, &e),
	    -1);
	assert_err(e, ERR_USAGE, "not by SHA-256");
	world_release(&w);
	w = world_of(DIGEST_SHA1);
	assert_int_equal(encrypted_file_write(w.signer, &d, phone, &p, &n, &e),
	    -1);
	assert_err(e, ERR_KEY,
	    "nothing can be encrypted to CN=SEP000000000000");
	d.content.len = SIGNED_FILE_MAX_SIZE; /* never read */
	assert_int_equal(encrypted_file_write(w.signer, &d, w.phone.cert, &p,
			     &n, &e),
	    -1);
	assert_err(e, ERR_TOO_BIG, "the encrypted file would pass");
	d.content.len = 0;
	d.filename = "";
	assert_int_equal(encrypted_file_write(w.signer, &d, w.phone.cert, &p,
			     &n, &e),
	    -1);
	assert_err(e, ERR_USAGE, "needs a name");
	cert_free(phone);
	key_free(ec);
	world_release(&w);
}

/* Refused before anything is decrypted, whatever came with the bytes. */
static void
every_truncation(void **state)
{
	struct world w = world_of(DIGEST_SHA1);
	struct bytes b = encrypt(&w, "0123456789abcdef", 16);
	struct signed_file f;

	(void)state;
	for (size_t n = 0; n < b.n; n++) {
		uint8_t *exact = mem_dup(b.p, n);
		struct err e = ERR_INIT;

		if (signed_file_parse(&f, exact, n, &e) == 0)
			does_not_decrypt(&f, w.phone.key, "or damaged");
		else
			assert_err(e, ERR_FORMAT, "");
		free(exact);
	}
	free(b.p);
	world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_the_open_tools),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(as_the_open_tools_do),
		cmocka_unit_test(other_keys),
		cmocka_unit_test(damage),
		cmocka_unit_test(codes_nobody_knows),
		cmocka_unit_test(what_cannot_be_encrypted),
		cmocka_unit_test(every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
