#include "trust/encrypted_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"

#define BLOCK 16 /* bytes of AES, of its key and of the vector */
#define PADDING 0x0d /* CR: white space in what a phone reads as XML */
#define WRAPPED_MAX 1024

/* What is made for one file. */
struct envelope {
	uint8_t key[BLOCK];
	uint8_t iv[BLOCK];
	uint8_t wrapped[WRAPPED_MAX];
	size_t wrapped_len;
	unsigned padding;
};

/* The key under the phone's, by RSAES-PKCS1-v1_5. */
static int
wrap(struct envelope *v, const struct cert *phone, struct err *e)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pkey;
	int rc = -1;

	if (phone->key_type != KEY_RSA || phone->key_bits > 8 * WRAPPED_MAX)
		return err_set(e, ERR_KEY,
		    "nothing can be encrypted to %s: its key is not RSA of at "
		    "most %d bits",
		    phone->subject, 8 * WRAPPED_MAX);
	pkey = cert_evp_key(phone, e);
	if (pkey == NULL)
		return -1;
	v->wrapped_len = sizeof(v->wrapped);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (ctx == NULL || EVP_PKEY_encrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_encrypt(ctx, v->wrapped, &v->wrapped_len, v->key,
		sizeof(v->key)) != 1)
		openssl_err(e, ERR_KEY, "cannot encrypt to %s", phone->subject);
	else
		rc = 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return rc;
}

static void
put(struct wbuf *w, uint8_t tag, const void *value, size_t n)
{
	wbuf_u8(w, tag);
	wbuf_be16(w, (uint16_t)n);
	wbuf_bytes(w, value, n);
}

/* Tag and length of a container that close_container() will know. */
static size_t
open_container(struct wbuf *w, uint8_t tag)
{
	put(w, tag, "", 0);
	return w->len;
}

static void
close_container(struct wbuf *w, size_t start)
{
	wbuf_patch_be16(w, start - 2, (uint16_t)(w->len - start));
}

/* Tags 16 to 27. */
static void
put_elements(struct wbuf *w, const struct envelope *v, enum digest_alg alg,
    const struct key_piece *plain)
{
	const uint8_t padding[] = { 0, (uint8_t)v->padding };
	const size_t bits = 8 * v->wrapped_len;
	const uint8_t size[] = { (uint8_t)(bits >> 8), (uint8_t)bits };
	const uint8_t code = (uint8_t)alg;
	uint8_t sum[DIGEST_MAX];
	size_t all, part;

	digest_bytes(alg, plain->data, plain->len, sum);
	all = open_container(w, HEADER_ENCRYPTION);
	part = open_container(w, HEADER_ENC_CIPHER);
	put(w, HEADER_ENC_18, "\0", 1);
	put(w, HEADER_ENC_IV, v->iv, sizeof(v->iv));
	put(w, HEADER_ENC_PADDING, padding, sizeof(padding));
	close_container(w, part);
	part = open_container(w, HEADER_ENC_KEY);
	put(w, HEADER_ENC_22, "\0", 1);
	put(w, HEADER_ENC_KEY_BITS, size, sizeof(size));
	put(w, HEADER_ENC_24, "\1", 1);
	put(w, HEADER_ENC_WRAPPED, v->wrapped, v->wrapped_len);
	close_container(w, part);
	close_container(w, all);
	put(w, HEADER_ENC_DIGEST_ALG, &code, 1);
	put(w, HEADER_ENC_DIGEST, sum, digest_size(alg));
}

/* AES-128-CBC of n bytes, whole blocks, into as many. */
static bool
cipher(const struct envelope *v, bool encrypt, const struct key_piece *in,
    size_t n_pieces, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ok;
	int n;

	ok = ctx != NULL &&
	    EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, v->key, v->iv,
		encrypt) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
	for (size_t i = 0; ok && i < n_pieces; i++) {
		ok = EVP_CipherUpdate(ctx, out, &n, in[i].data,
			 (int)in[i].len) == 1;
		out += ok ? n : 0;
	}
	ok = ok && EVP_CipherFinal_ex(ctx, out, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static int
check_request(const struct file_signer *s, const struct file_draft *d,
    struct err *e)
{
	if (file_signer_digest(s) == DIGEST_SHA256)
		return err_set(e, ERR_USAGE,
		    "an encrypted file has digests by SHA-1 or SHA-512, not by "
		    "SHA-256");
	if (d->content.len > SIGNED_FILE_MAX_SIZE - BLOCK)
		return err_set(e, ERR_TOO_BIG,
		    "the encrypted file would pass %zu bytes",
		    SIGNED_FILE_MAX_SIZE);
	return 0;
}

int
encrypted_file_write(struct file_signer *s, const struct file_draft *d,
    const struct cert *phone, uint8_t **out, size_t *len, struct err *e)
{
	struct envelope v;
	struct file_draft sealed = *d;
	struct key_piece plain[2] = { d->content };
	uint8_t cr[BLOCK], *text = NULL;
	struct wbuf elements;
	size_t n;
	int rc = -1;

	if (check_request(s, d, e) == -1)
		return -1;
	wbuf_init(&elements, 0);
	v.padding = (unsigned)(BLOCK - d->content.len % BLOCK);
	memset(cr, PADDING, sizeof(cr));
	plain[1] = (struct key_piece) { cr, v.padding };
	n = d->content.len + v.padding;
	if (RAND_priv_bytes(v.key, sizeof(v.key)) != 1 ||
	    RAND_bytes(v.iv, sizeof(v.iv)) != 1) {
		openssl_err(e, ERR_INTERNAL, "no random bytes");
		goto out;
	}
	if (wrap(&v, phone, e) == -1)
		goto out;
	text = mem_alloc(n);
	if (!cipher(&v, true, plain, 2, text)) {
		openssl_err(e, ERR_INTERNAL, "cannot encrypt");
		goto out;
	}
	put_elements(&elements, &v, file_signer_digest(s), &d->content);
	sealed.major = 2;
	sealed.minor = 0;
	sealed.extra = (struct key_piece) { elements.data, elements.len };
	sealed.content = (struct key_piece) { text, n };
	rc = file_signer_sign(s, &sealed, out, len, e);
out:
	mem_wipe(&v, sizeof(v));
	free(text);
	wbuf_release(&elements);
	return rc;
}

/*
 * The file's key.  If it does not unwrap it is a random one: what follows
 * fails as it does with a wrong key, so that nobody learns from answers what
 * was inside.
 */
static int
unwrap(struct envelope *v, const struct element *wrapped, const struct key *k,
    struct err *e)
{
	EVP_PKEY_CTX *ctx = NULL;
	uint8_t plain[WRAPPED_MAX];
	size_t n = sizeof(plain);

	if (RAND_priv_bytes(v->key, sizeof(v->key)) != 1)
		return openssl_err(e, ERR_INTERNAL, "no random bytes");
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key_evp(k), NULL);
	if (ctx == NULL || EVP_PKEY_decrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1) {
		EVP_PKEY_CTX_free(ctx);
		return openssl_err(e, ERR_KEY, "the key cannot decrypt");
	}
	if (EVP_PKEY_decrypt(ctx, plain, &n, wrapped->value, wrapped->len) ==
		1 &&
	    n == sizeof(v->key))
		memcpy(v->key, plain, sizeof(v->key));
	ERR_clear_error();
	mem_wipe(plain, sizeof(plain));
	EVP_PKEY_CTX_free(ctx);
	return 0;
}

/* The padding is what it must be, and the rest has the digest in the file. */
static bool
is_plain(const struct signed_file *f, const uint8_t *text, size_t padding)
{
	const struct element *el = f->header.element;
	const size_t n = f->content_len - padding;
	uint8_t sum[DIGEST_MAX], wrong = 0;

	for (size_t i = n; i < f->content_len; i++)
		wrong |= text[i] ^ PADDING;
	digest_bytes((enum digest_alg)el[HEADER_ENC_DIGEST_ALG].value[0], text,
	    n, sum);
	if (CRYPTO_memcmp(sum, el[HEADER_ENC_DIGEST].value,
		el[HEADER_ENC_DIGEST].len) != 0)
		wrong = 1;
	return wrong == 0;
}

static int
check_phone(const struct element *wrapped, const struct key *phone,
    struct err *e)
{
	if (key_type(phone) != KEY_RSA)
		return err_set(e, ERR_KEY,
		    "the phone's key is not RSA: nothing is encrypted to it");
	if (wrapped->len != (key_bits(phone) + 7) / 8 ||
	    wrapped->len > WRAPPED_MAX)
		return err_set(e, ERR_KEY,
		    "offset %zu: encrypted to a key of %zu bits, the phone's "
		    "has %u",
		    wrapped->off, 8 * wrapped->len, key_bits(phone));
	return 0;
}

int
encrypted_file_decrypt(const struct signed_file *f, const struct key *phone,
    uint8_t **out, size_t *len, struct err *e)
{
	const struct element *el = f->header.element;
	const struct key_piece in = { f->content, f->content_len };
	struct envelope v;
	uint8_t *text;

	if (!f->encrypted)
		BUG("%s is not encrypted", f->header.filename);
	if (check_phone(&el[HEADER_ENC_WRAPPED], phone, e) == -1 ||
	    unwrap(&v, &el[HEADER_ENC_WRAPPED], phone, e) == -1)
		return -1;
	memcpy(v.iv, el[HEADER_ENC_IV].value, sizeof(v.iv));
	v.padding = el[HEADER_ENC_PADDING].value[1]; /* 1 to 16 */
	text = mem_alloc(f->content_len);
	if (!cipher(&v, false, &in, 1, text) || !is_plain(f, text, v.padding)) {
		ERR_clear_error();
		mem_free_wiped(text, f->content_len);
		mem_wipe(&v, sizeof(v));
		return err_set(e, ERR_KEY,
		    "it does not decrypt with this key: it is for another "
		    "phone, or damaged");
	}
	*len = f->content_len - v.padding;
	*out = text;
	mem_wipe(&v, sizeof(v));
	return 0;
}
