#include "trust/file_signer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"
#include "trust/signed_file.h"

#define HEADER_MAX 65535 /* HeaderLength has two bytes */

/* Where the values stand in every front. */
#define AT_VERSION 3
#define AT_LENGTH 8

struct file_signer {
	EVP_PKEY_CTX *sign; /* owned; holds the key */
	EVP_MD_CTX *sum; /* owned */
	EVP_MD *md; /* owned */
	enum digest_alg digest;
	size_t signature_len;
	struct wbuf front; /* the header up to SIGNATURE */
	struct wbuf back; /* scratch: the header behind it */
};

/* The code of a signature's size, or -1. */
static int
modulus_code(unsigned bits)
{
	switch (bits) {
	case 512:
		return 0;
	case 1024:
		return 1;
	case 2048:
		return 2;
	case 4096:
		return 3;
	default:
		return -1;
	}
}

static int
check_signer(const struct signer *s, struct err *e)
{
	if (!cert_matches_key(s->cert, s->key))
		return err_set(e, ERR_KEY,
		    "the private key is not that of the certificate %s",
		    s->cert->subject);
	if (s->cert->key_type != KEY_RSA ||
	    modulus_code(s->cert->key_bits) == -1)
		return err_set(e, ERR_KEY,
		    "the key of %s has %u bits%s: only RSA keys of 512, 1024, "
		    "2048 or 4096 bits can sign",
		    s->cert->subject, s->cert->key_bits,
		    s->cert->key_type == KEY_RSA ? "" : " and is not RSA");
	if (s->digest == DIGEST_MD5)
		return err_set(e, ERR_USAGE, "MD5 cannot sign");
	return 0;
}

static void
put(struct wbuf *w, uint8_t tag, const void *value, size_t n)
{
	if (n > UINT16_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u8(w, tag);
	wbuf_be16(w, (uint16_t)n);
	wbuf_bytes(w, value, n);
}

static void
put_text(struct wbuf *w, uint8_t tag, const char *text)
{
	put(w, tag, text, strlen(text) + 1);
}

static void
put_u8(struct wbuf *w, uint8_t tag, uint8_t v)
{
	put(w, tag, &v, 1);
}

/* Lists and other files differ in the order of two elements. */
static bool
is_list(const struct signed_draft *d)
{
	return d->major == 1 && d->minor == 2;
}

/* The header in front of SIGNATURE; VERSION and HEADERLENGTH are still 0. */
static void
put_front(struct wbuf *w, const struct signed_draft *d, const struct signer *s)
{
	const struct cert *c = s->cert;
	size_t id;

	put(w, HEADER_VERSION, "\0\0", 2);
	put(w, HEADER_LENGTH, "\0\0", 2);
	if (d->signer_version != NULL)
		put(w, HEADER_SIGNER_VERSION, d->signer_version, 2);
	wbuf_u8(w, HEADER_SIGNER_ID);
	id = w->len;
	wbuf_be16(w, 0);
	put_text(w, HEADER_SIGNER_NAME,
	    d->signer_name == NULL ? c->subject : d->signer_name);
	if (is_list(d))
		put(w, HEADER_SERIAL, c->serial, c->serial_len);
	put_text(w, HEADER_CA_NAME,
	    d->ca_name == NULL ? c->issuer : d->ca_name);
	if (!is_list(d))
		put(w, HEADER_SERIAL, c->serial, c->serial_len);
	if (w->failed)
		return;
	wbuf_patch_be16(w, id, (uint16_t)(w->len - id - 2));
	wbuf_u8(w, HEADER_SIGNATURE_INFO);
	wbuf_be16(w, 15);
	put_u8(w, HEADER_DIGEST_ALG, (uint8_t)s->digest);
	wbuf_u8(w, HEADER_SIGNATURE_ALG_INFO);
	wbuf_be16(w, 8);
	put_u8(w, HEADER_SIGNATURE_ALG, 0);
	put_u8(w, HEADER_SIGNATURE_MODULUS, (uint8_t)modulus_code(c->key_bits));
}

/* The header behind SIGNATURE, padded to a multiple of 4. */
static void
put_back(struct file_signer *s, const struct file_draft *d)
{
	size_t in_front = s->front.len + 3 + s->signature_len;
	struct wbuf *w = &s->back;

	w->len = 0;
	w->failed = false;
	put_text(w, HEADER_FILENAME, d->filename);
	wbuf_u8(w, HEADER_TIMESTAMP);
	wbuf_be16(w, 4);
	wbuf_be32(w, (uint32_t)d->timestamp);
	wbuf_bytes(w, d->extra.data, d->extra.len);
	while (!w->failed && (in_front + w->len) % 4 != 0)
		wbuf_u8(w, HEADER_PADDING);
}

/* The state that repeats a signature without looking anything up. */
static int
start_signing(struct file_signer *s, EVP_PKEY *pkey, struct err *e)
{
	s->md = EVP_MD_fetch(NULL, EVP_MD_get0_name(evp_md(s->digest)), NULL);
	s->sum = EVP_MD_CTX_new();
	s->sign = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (s->md == NULL || s->sum == NULL || s->sign == NULL ||
	    EVP_PKEY_sign_init(s->sign) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(s->sign, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(s->sign, s->md) != 1)
		return openssl_err(e, ERR_KEY, "cannot sign with %s",
		    digest_name(s->digest));
	return 0;
}

struct file_signer *
file_signer_new(const struct signer *s, const struct signed_draft *names,
    struct err *e)
{
	static const struct signed_draft own = { 0 };
	struct file_signer *made;

	if (check_signer(s, e) == -1)
		return NULL;
	made = mem_alloc(sizeof(*made));
	made->digest = s->digest;
	made->signature_len = s->cert->key_bits / 8;
	wbuf_init(&made->front, HEADER_MAX);
	wbuf_init(&made->back, HEADER_MAX);
	put_front(&made->front, names == NULL ? &own : names, s);
	if (made->front.failed)
		err_set(e, ERR_TOO_BIG, "the header would pass %d bytes",
		    HEADER_MAX);
	if (made->front.failed ||
	    start_signing(made, key_evp(s->key), e) == -1) {
		file_signer_free(made);
		return NULL;
	}
	return made;
}

struct file_signer *
file_signer_dup(const struct file_signer *s, struct err *e)
{
	EVP_PKEY *pkey = EVP_PKEY_dup(EVP_PKEY_CTX_get0_pkey(s->sign));
	struct file_signer *made;
	int rc;

	if (pkey == NULL) {
		openssl_err(e, ERR_KEY, "cannot copy a key");
		return NULL;
	}
	made = mem_alloc(sizeof(*made));
	made->digest = s->digest;
	made->signature_len = s->signature_len;
	wbuf_init(&made->front, HEADER_MAX);
	wbuf_init(&made->back, HEADER_MAX);
	wbuf_bytes(&made->front, s->front.data, s->front.len);
	rc = start_signing(made, pkey, e);
	EVP_PKEY_free(pkey);
	if (rc == 0)
		return made;
	file_signer_free(made);
	return NULL;
}

void
file_signer_free(struct file_signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_CTX_free(s->sign);
	EVP_MD_CTX_free(s->sum);
	EVP_MD_free(s->md);
	wbuf_release(&s->front);
	wbuf_release(&s->back);
	free(s);
}

enum digest_alg
file_signer_digest(const struct file_signer *s)
{
	return s->digest;
}

/* The signature over everything else, into its place in the file. */
static int
sign(struct file_signer *s, const struct file_draft *d, uint8_t *place,
    struct err *e)
{
	const struct key_piece piece[] = { { s->front.data, s->front.len },
		{ s->back.data, s->back.len }, d->content };
	uint8_t sum[DIGEST_MAX];
	size_t n = s->signature_len;

	if (EVP_DigestInit_ex2(s->sum, s->md, NULL) != 1)
		goto failed;
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++)
		if (EVP_DigestUpdate(s->sum, piece[i].data, piece[i].len) != 1)
			goto failed;
	if (EVP_DigestFinal_ex(s->sum, sum, NULL) != 1 ||
	    EVP_PKEY_sign(s->sign, place, &n, sum, digest_size(s->digest)) !=
		1 ||
	    n != s->signature_len)
		goto failed;
	return 0;
failed:
	return openssl_err(e, ERR_KEY, "cannot sign with %s",
	    digest_name(s->digest));
}

static int
check_draft(const struct file_draft *d, struct err *e)
{
	if (d->filename[0] == '\0')
		return err_set(e, ERR_USAGE, "a signed file needs a name");
	if (d->timestamp < 0 || d->timestamp > UINT32_MAX)
		return err_set(e, ERR_USAGE, "time stamp out of range: %lld",
		    (long long)d->timestamp);
	return 0;
}

/* Copy and step behind the copy. */
static uint8_t *
append(uint8_t *to, const void *p, size_t n)
{
	if (n > 0)
		memcpy(to, p, n);
	return to + n;
}

int
file_signer_sign(struct file_signer *s, const struct file_draft *d,
    uint8_t **out, size_t *len, struct err *e)
{
	size_t header, total;
	uint8_t *file, *p;

	if (check_draft(d, e) == -1)
		return -1;
	put_back(s, d);
	header = s->front.len + 3 + s->signature_len + s->back.len;
	if (s->back.failed || header > HEADER_MAX)
		return err_set(e, ERR_TOO_BIG, "the header would pass %d bytes",
		    HEADER_MAX);
	if (d->content.len > SIGNED_FILE_MAX_SIZE - header)
		return err_set(e, ERR_TOO_BIG,
		    "the signed file would pass %zu bytes",
		    SIGNED_FILE_MAX_SIZE);
	s->front.data[AT_VERSION] = d->major;
	s->front.data[AT_VERSION + 1] = d->minor;
	wbuf_patch_be16(&s->front, AT_LENGTH, (uint16_t)header);
	total = header + d->content.len;
	file = mem_alloc(total);
	p = append(file, s->front.data, s->front.len);
	*p++ = HEADER_SIGNATURE;
	*p++ = (uint8_t)(s->signature_len >> 8);
	*p++ = (uint8_t)s->signature_len;
	if (sign(s, d, p, e) == -1) {
		free(file);
		return -1;
	}
	p = append(p + s->signature_len, s->back.data, s->back.len);
	(void)append(p, d->content.data, d->content.len);
	*out = file;
	*len = total;
	return 0;
}
