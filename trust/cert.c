#include "trust/cert.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "trust/digest.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"
#include "trust/outline_priv.h"

#define PEM_MAX 262144 /* the longest certificate, a key and a chain */

_Static_assert(OUTLINE_SERIAL_MAX == CERT_SERIAL_MAX,
    "an outline's serial number fits a certificate");

/* The value of an attribute, ';' and '\' escaped, as text without controls. */
static int
append_value(struct wbuf *w, const ASN1_STRING *s, struct err *e)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, s);

	if (n < 0)
		return openssl_err(e, ERR_FORMAT,
		    "certificate: a name is not text");
	for (int i = 0; i < n; i++) {
		if (utf8[i] < 0x20 || utf8[i] == 0x7f) {
			OPENSSL_free(utf8);
			return err_set(e, ERR_FORMAT,
			    "certificate: a name has a control character");
		}
		if (utf8[i] == ';' || utf8[i] == '\\')
			wbuf_u8(w, '\\');
		wbuf_u8(w, utf8[i]);
	}
	OPENSSL_free(utf8);
	return 0;
}

/* "CN=…;OU=…" of a name; free with free(). */
static char *
name_text(const X509_NAME *name, struct err *e)
{
	struct wbuf w;
	char type[128];
	uint8_t *text;
	size_t n;

	wbuf_init(&w, CERT_MAX_SIZE);
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
		int nid = OBJ_obj2nid(object);

		if (nid == NID_undef)
			OBJ_obj2txt(type, (int)sizeof(type), object, 1);
		wbuf_printf(&w, "%s%s=", i == 0 ? "" : ";",
		    nid == NID_undef ? type : OBJ_nid2sn(nid));
		if (append_value(&w, X509_NAME_ENTRY_get_data(entry), e) ==
		    -1) {
			wbuf_release(&w);
			return NULL;
		}
	}
	wbuf_u8(&w, '\0');
	if (wbuf_detach(&w, &text, &n) == -1) {
		err_set(e, ERR_FORMAT, "certificate: a name is too long");
		return NULL;
	}
	return (char *)text;
}

/* The first common name; free with free().  "" when there is none. */
static char *
common_name(const X509_NAME *name, struct err *e)
{
	int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	char *text;
	int n;

	if (i < 0)
		return mem_strdup("");
	n = ASN1_STRING_to_UTF8(&utf8,
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
	if (n < 0) {
		openssl_err(e, ERR_FORMAT, "certificate: a name is not text");
		return NULL;
	}
	text = mem_strndup((char *)utf8, (size_t)n);
	OPENSSL_free(utf8);
	return text;
}

static int
time_of(const ASN1_TIME *t, int64_t *out, struct err *e)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return openssl_err(e, ERR_FORMAT,
		    "certificate: a time that is none");
	*out = (int64_t)timegm(&tm);
	return 0;
}

/* What the outline of the DER gives. */
static int
fill_outline(struct cert *c, struct err *e)
{
	uint8_t sum[DIGEST_MAX];
	struct outline o;

	if (outline_read(&o, c->der, c->der_len, e) == -1)
		return -1;
	memcpy(c->serial, o.serial.p, o.serial.len);
	c->serial_len = o.serial.len;
	c->public_key = o.public_key.p;
	c->public_key_len = o.public_key.len;
	c->signature = o.signature.p;
	c->signature_len = o.signature.len;
	c->self_issued = o.issuer.len == o.subject.len &&
	    memcmp(o.issuer.p, o.subject.p, o.issuer.len) == 0;
	digest_bytes(DIGEST_SHA1, c->der, c->der_len, sum);
	memcpy(c->sha1, sum, sizeof(c->sha1));
	digest_bytes(DIGEST_SHA256, c->der, c->der_len, sum);
	memcpy(c->sha256, sum, sizeof(c->sha256));
	return 0;
}

/* What has to be decoded. */
static int
fill_decoded(struct cert *c, X509 *x, struct err *e)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	const X509_NAME *issuer = X509_get_issuer_name(x);
	const EVP_PKEY *pkey = X509_get0_pubkey(x);
	const X509_ALGOR *alg;
	const ASN1_OBJECT *oid;

	if (pkey == NULL)
		return openssl_err(e, ERR_FORMAT,
		    "certificate: its public key is broken");
	c->version = (unsigned)X509_get_version(x) + 1;
	c->key_type = evp_key_type(pkey);
	c->key_bits = evp_key_bits(pkey);
	if ((c->subject = name_text(subject, e)) == NULL ||
	    (c->issuer = name_text(issuer, e)) == NULL ||
	    (c->common_name = common_name(subject, e)) == NULL ||
	    (c->issuer_common_name = common_name(issuer, e)) == NULL ||
	    time_of(X509_get0_notBefore(x), &c->not_before, e) == -1 ||
	    time_of(X509_get0_notAfter(x), &c->not_after, e) == -1)
		return -1;
	X509_get0_signature(NULL, &alg, x);
	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	OBJ_obj2txt(c->signature_oid, (int)sizeof(c->signature_oid), oid, 1);
	return 0;
}

X509 *
cert_x509(const struct cert *c, struct err *e)
{
	const unsigned char *p = c->der;
	X509 *x = d2i_X509(NULL, &p, (long)c->der_len);

	if (x == NULL)
		openssl_err(e, ERR_FORMAT, "not a certificate");
	return x;
}

struct cert *
cert_from_der(const void *der, size_t n, struct err *e)
{
	struct cert *c;
	X509 *x;

	if (n > CERT_MAX_SIZE) {
		err_set(e, ERR_FORMAT, "a certificate of %zu bytes, at most %d",
		    n, CERT_MAX_SIZE);
		return NULL;
	}
	c = mem_alloc(sizeof(*c));
	c->der = mem_dup(der, n);
	c->der_len = n;
	x = NULL;
	if (fill_outline(c, e) == -1 || (x = cert_x509(c, e)) == NULL ||
	    fill_decoded(c, x, e) == -1) {
		cert_free(c);
		c = NULL;
	}
	X509_free(x);
	return c;
}

struct cert *
cert_of_x509(X509 *x, struct err *e)
{
	unsigned char *der = NULL;
	struct cert *c;
	int n = i2d_X509(x, &der);

	if (n <= 0) {
		openssl_err(e, ERR_INTERNAL, "cannot encode a certificate");
		return NULL;
	}
	c = cert_from_der(der, (size_t)n, e);
	OPENSSL_free(der);
	return c;
}

struct cert *
cert_from_pem(const void *pem, size_t n, struct err *e)
{
	unsigned char *der = NULL;
	struct cert *c = NULL;
	long len = 0;
	BIO *bio;

	if (n > PEM_MAX) {
		err_set(e, ERR_FORMAT, "certificate: more than %d bytes",
		    PEM_MAX);
		return NULL;
	}
	bio = BIO_new_mem_buf(pem, (int)n);
	if (bio == NULL ||
	    PEM_bytes_read_bio(&der, &len, NULL, PEM_STRING_X509, bio, NULL,
		NULL) != 1)
		openssl_err(e, ERR_FORMAT, "no certificate in PEM form");
	else
		c = cert_from_der(der, (size_t)len, e);
	OPENSSL_free(der);
	BIO_free(bio);
	return c;
}

struct cert *
cert_load(const char *path, struct err *e)
{
	uint8_t *data;
	size_t n;
	struct cert *c;

	if (file_read(path, PEM_MAX, &data, &n, e) == -1)
		return NULL;
	c = cert_from_pem(data, n, e);
	if (c == NULL)
		err_wrap(e, "%s", path);
	mem_free_wiped(data, n); /* it may hold the key, too */
	return c;
}

char *
cert_to_pem(const struct cert *c)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *pem;
	long n;

	if (bio == NULL ||
	    PEM_write_bio(bio, PEM_STRING_X509, "", c->der, (long)c->der_len) <=
		0 ||
	    (n = BIO_get_mem_data(bio, &text)) <= 0)
		BUG("cannot write PEM");
	pem = mem_strndup(text, (size_t)n);
	BIO_free(bio);
	return pem;
}

int
cert_save(const struct cert *c, const char *path, unsigned mode, struct err *e)
{
	char *pem = cert_to_pem(c);
	int rc = file_replace(path, pem, strlen(pem), (mode_t)mode, e);

	free(pem);
	return rc;
}

struct cert *
cert_dup(const struct cert *c)
{
	struct err e = ERR_INIT;
	struct cert *copy = cert_from_der(c->der, c->der_len, &e);

	if (copy == NULL)
		BUG("a certificate cannot be read again: %s", e.msg);
	return copy;
}

void
cert_free(struct cert *c)
{
	if (c == NULL)
		return;
	free(c->der);
	free(c->subject);
	free(c->issuer);
	free(c->common_name);
	free(c->issuer_common_name);
	free(c);
}

void
cert_serial_hex(const struct cert *c, char hex[CERT_SERIAL_HEX_SIZE])
{
	str_hex(hex, c->serial, c->serial_len);
	for (char *p = hex; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
}

void
cert_fingerprint(const struct cert *c, char hex[CERT_FINGERPRINT_SIZE])
{
	str_hex(hex, c->sha256, sizeof(c->sha256));
}

bool
cert_equal(const struct cert *a, const struct cert *b)
{
	return a->der_len == b->der_len &&
	    memcmp(a->der, b->der, a->der_len) == 0;
}

bool
cert_matches_key(const struct cert *c, const struct key *k)
{
	struct err e = ERR_INIT;
	uint8_t *public;
	size_t n;
	bool same;

	if (c->key_type != key_type(k) || key_public(k, &public, &n, &e) == -1)
		return false;
	same = n == c->public_key_len && memcmp(public, c->public_key, n) == 0;
	free(public);
	return same;
}

/*
 * Taken from where it stands: to decode the certificate around it costs
 * several times as much.
 */
EVP_PKEY *
cert_evp_key(const struct cert *c, struct err *e)
{
	const unsigned char *p = c->public_key;
	EVP_PKEY *pkey = NULL;
	X509 *x;

	if (c->key_type == KEY_RSA) {
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p,
		    (long)c->public_key_len);
	} else if ((x = cert_x509(c, e)) != NULL) {
		pkey = X509_get_pubkey(x);
		X509_free(x);
	}
	if (pkey == NULL)
		openssl_err(e, ERR_KEY, "the key of %s is unfit", c->subject);
	return pkey;
}

int
cert_check_signature(const struct cert *c, enum digest_alg alg,
    const struct key_piece *piece, size_t n_pieces,
    const struct key_piece *signature, struct err *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *pkey = cert_evp_key(c, e);
	int rc = -1;

	if (pkey == NULL)
		goto out;
	if (ctx == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, evp_md(alg), NULL, pkey) != 1) {
		openssl_err(e, ERR_KEY, "the key of %s cannot verify",
		    c->subject);
		goto out;
	}
	for (size_t i = 0; i < n_pieces; i++)
		if (EVP_DigestVerifyUpdate(ctx, piece[i].data, piece[i].len) !=
		    1) {
			openssl_err(e, ERR_KEY, "the key of %s cannot verify",
			    c->subject);
			goto out;
		}
	if (EVP_DigestVerifyFinal(ctx, signature->data, signature->len) != 1) {
		ERR_clear_error();
		err_set(e, ERR_SIGNATURE,
		    "the signature is not by the key of %s", c->subject);
		goto out;
	}
	rc = 0;
out:
	EVP_PKEY_free(pkey);
	EVP_MD_CTX_free(ctx);
	return rc;
}

int
cert_check_issued(const struct cert *c, const struct cert *ca, struct err *e)
{
	X509 *x = cert_x509(c, e), *issuer = NULL;
	int rc = -1;

	if (x == NULL || (issuer = cert_x509(ca, e)) == NULL)
		goto out;
	if (X509_NAME_cmp(X509_get_issuer_name(x),
		X509_get_subject_name(issuer)) != 0) {
		err_set(e, ERR_SIGNATURE, "%s was issued by %s, not by %s",
		    c->subject, c->issuer, ca->subject);
		goto out;
	}
	if (X509_verify(x, X509_get0_pubkey(issuer)) != 1) {
		ERR_clear_error();
		err_set(e, ERR_SIGNATURE, "%s was not signed by %s", c->subject,
		    ca->subject);
		goto out;
	}
	rc = 0;
out:
	X509_free(issuer);
	X509_free(x);
	return rc;
}
