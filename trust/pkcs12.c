#include "trust/pkcs12.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"

#define ITERATIONS_MAX 10000000

/* What a decoded file is made of, all of it in a library context of its own. */
struct opened {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *usual;
	OSSL_PROVIDER *legacy;
	PKCS12 *p12;
	EVP_PKEY *pkey;
	X509 *x509;
};

static const char *
text_of(const struct secret *password)
{
	return password->text == NULL ? "" : password->text;
}

int
pkcs12_encode(const struct key *k, const struct cert *c,
    const struct secret *password, uint8_t **out, size_t *n, struct err *e)
{
	X509 *x = NULL;
	PKCS12 *p12 = NULL;
	unsigned char *der = NULL;
	int len, rc = -1;

	if (!cert_matches_key(c, k))
		return err_set(e, ERR_KEY,
		    "the private key is not that of the certificate %s",
		    c->subject);
	x = cert_x509(c, e);
	if (x == NULL)
		return -1;
	p12 = PKCS12_create_ex(text_of(password), c->common_name, key_evp(k), x,
	    NULL, NID_aes_256_cbc, NID_aes_256_cbc, PKCS12_ITERATIONS, -1, 0,
	    NULL, NULL);
	if (p12 == NULL ||
	    PKCS12_set_mac(p12, text_of(password), -1, NULL, 16,
		PKCS12_ITERATIONS, EVP_sha256()) != 1 ||
	    (len = i2d_PKCS12(p12, &der)) <= 0) {
		openssl_err(e, ERR_INTERNAL, "cannot make a PKCS#12 file");
		goto out;
	}
	*out = mem_dup(der, (size_t)len);
	*n = (size_t)len;
	rc = 0;
out:
	OPENSSL_free(der);
	PKCS12_free(p12);
	X509_free(x);
	return rc;
}

static void
opened_release(struct opened *o)
{
	X509_free(o->x509);
	EVP_PKEY_free(o->pkey);
	PKCS12_free(o->p12);
	if (o->legacy != NULL)
		OSSL_PROVIDER_unload(o->legacy);
	if (o->usual != NULL)
		OSSL_PROVIDER_unload(o->usual);
	OSSL_LIB_CTX_free(o->ctx);
}

/* Read the outer form into a context that knows the old algorithms, too. */
static int
open_outer(struct opened *o, const void *data, size_t n, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(data, (int)n);
	int rc = -1;

	o->ctx = OSSL_LIB_CTX_new();
	if (o->ctx != NULL) {
		o->usual = OSSL_PROVIDER_load(o->ctx, "default");
		/* Missing on a small system: old files are then refused. */
		o->legacy = OSSL_PROVIDER_load(o->ctx, "legacy");
		o->p12 = PKCS12_init_ex(NID_pkcs7_data, o->ctx, NULL);
	}
	if (bio == NULL || o->usual == NULL || o->p12 == NULL)
		openssl_err(e, ERR_INTERNAL, "cannot read PKCS#12 files");
	else if (d2i_PKCS12_bio(bio, &o->p12) == NULL)
		openssl_err(e, ERR_FORMAT, "not a PKCS#12 file");
	else if (BIO_pending(bio) > 0)
		err_set(e, ERR_FORMAT, "%d bytes behind a PKCS#12 file",
		    (int)BIO_pending(bio));
	else
		rc = 0;
	BIO_free(bio);
	return rc;
}

/* The MAC proves the password; its cost is the file's choice, so capped. */
static int
check_mac(struct opened *o, const struct secret *password, struct err *e)
{
	const ASN1_INTEGER *iterations = NULL;
	int64_t count = 1;

	if (PKCS12_mac_present(o->p12) != 1)
		return err_set(e, ERR_FORMAT,
		    "the PKCS#12 file has no MAC: nothing proves it whole");
	PKCS12_get0_mac(NULL, NULL, NULL, &iterations, o->p12);
	if (iterations != NULL &&
	    (ASN1_INTEGER_get_int64(&count, iterations) != 1 || count < 1 ||
		count > ITERATIONS_MAX))
		return err_set(e, ERR_FORMAT,
		    "the PKCS#12 file wants more than %d iterations",
		    ITERATIONS_MAX);
	if (PKCS12_verify_mac(o->p12, text_of(password), -1) == 1)
		return 0;
	/* An empty password may have been none at all. */
	if (password->len == 0 && PKCS12_verify_mac(o->p12, NULL, 0) == 1)
		return 0;
	return openssl_err(e, ERR_AUTH,
	    "the password does not open the PKCS#12 file");
}

/* Out of the private context into the process's own. */
static struct key *
import_key(const EVP_PKEY *pkey, struct err *e)
{
	PKCS8_PRIV_KEY_INFO *from, *to = NULL;
	const unsigned char *p;
	unsigned char *der = NULL;
	struct key *k = NULL;
	int n = 0;

	from = EVP_PKEY2PKCS8(pkey);
	if (from != NULL)
		n = i2d_PKCS8_PRIV_KEY_INFO(from, &der);
	if (n > 0) {
		p = der;
		to = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, n);
	}
	if (to != NULL)
		k = key_wrap(EVP_PKCS82PKEY(to));
	if (k == NULL)
		openssl_err(e, ERR_KEY, "the PKCS#12 file's key is unfit");
	PKCS8_PRIV_KEY_INFO_free(from);
	PKCS8_PRIV_KEY_INFO_free(to);
	if (n > 0)
		OPENSSL_clear_free(der, (size_t)n);
	return k;
}

static int
take_out(struct opened *o, const struct secret *password, struct key **k,
    struct cert **c, struct err *e)
{
	struct cert *cert;
	struct key *key;

	if (PKCS12_parse(o->p12, text_of(password), &o->pkey, &o->x509, NULL) !=
	    1)
		return openssl_err(e, ERR_KEY,
		    "cannot decrypt what is in the PKCS#12 file");
	if (o->pkey == NULL || o->x509 == NULL)
		return err_set(e, ERR_KEY, "the PKCS#12 file has no %s",
		    o->pkey == NULL ?
			"private key" :
			"certificate that belongs to its private key");
	key = import_key(o->pkey, e);
	if (key == NULL)
		return -1;
	cert = cert_of_x509(o->x509, e);
	if (cert == NULL || !cert_matches_key(cert, key)) {
		if (cert != NULL)
			err_set(e, ERR_KEY,
			    "the PKCS#12 file's key and certificate do not "
			    "belong together");
		cert_free(cert);
		key_free(key);
		return -1;
	}
	*k = key; /* the caller's from here on */
	*c = cert;
	return 0;
}

int
pkcs12_decode(const void *data, size_t n, const struct secret *password,
    struct key **k, struct cert **c, struct err *e)
{
	struct opened o;
	int rc = -1;

	if (n > PKCS12_MAX_SIZE)
		return err_set(e, ERR_TOO_BIG,
		    "a PKCS#12 file of %zu bytes, at most %d", n,
		    PKCS12_MAX_SIZE);
	memset(&o, 0, sizeof(o));
	if (open_outer(&o, data, n, e) == 0 && check_mac(&o, password, e) == 0)
		rc = take_out(&o, password, k, c, e);
	opened_release(&o);
	return rc;
}

int
pkcs12_load(const char *path, const struct secret *password, struct key **k,
    struct cert **c, struct err *e)
{
	uint8_t *data;
	size_t n;
	int rc;

	if (file_read(path, PKCS12_MAX_SIZE, &data, &n, e) == -1)
		return -1;
	rc = pkcs12_decode(data, n, password, k, c, e);
	if (rc == -1)
		err_wrap(e, "%s", path);
	mem_free_wiped(data, n);
	return rc;
}
