#include "trust/csr.h"

#include <string.h>

#include "base/mem.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"

#define CSR_MAX 65536

/* PEM text of a request; free with free(). */
static char *
request_text(const X509_REQ *req, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *pem = NULL;
	long n;

	if (bio != NULL && PEM_write_bio_X509_REQ(bio, req) == 1 &&
	    (n = BIO_get_mem_data(bio, &text)) > 0)
		pem = mem_strndup(text, (size_t)n);
	else
		openssl_err(e, ERR_INTERNAL, "cannot write a request");
	BIO_free(bio);
	return pem;
}

char *
csr_make(const struct cert_spec *spec, const struct key *k, struct err *e)
{
	X509_NAME *name = cert_x509_name(&spec->subject, e);
	STACK_OF(X509_EXTENSION) *list = NULL;
	X509_REQ *req = X509_REQ_new();
	char *pem = NULL;

	if (name == NULL ||
	    (list = cert_extensions(spec, key_type(k), e)) == NULL)
		goto out;
	if (req == NULL || X509_REQ_set_subject_name(req, name) != 1 ||
	    X509_REQ_set_pubkey(req, key_evp(k)) != 1 ||
	    X509_REQ_add_extensions(req, list) != 1 ||
	    X509_REQ_sign(req, key_evp(k), EVP_sha256()) <= 0) {
		openssl_err(e, ERR_INTERNAL, "cannot make a request");
		goto out;
	}
	pem = request_text(req, e);
out:
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	X509_NAME_free(name);
	X509_REQ_free(req);
	return pem;
}

/* Decode a request; free with X509_REQ_free(). */
static X509_REQ *
request_read(const char *pem, struct err *e)
{
	size_t n = strlen(pem);
	X509_REQ *req = NULL;
	BIO *bio;

	if (n > CSR_MAX) {
		err_set(e, ERR_FORMAT, "request: more than %d bytes", CSR_MAX);
		return NULL;
	}
	bio = BIO_new_mem_buf(pem, (int)n);
	if (bio != NULL)
		req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	if (req == NULL)
		openssl_err(e, ERR_FORMAT, "not a certificate request");
	BIO_free(bio);
	return req;
}

static int
check_ca(const struct cert *ca, const struct key *ca_key, struct err *e)
{
	if (!cert_matches_key(ca, ca_key))
		return err_set(e, ERR_KEY, "the key is not that of %s",
		    ca->subject);
	return 0;
}

struct cert *
csr_issue(const char *csr_pem, const struct cert_spec *spec,
    const struct cert *ca, const struct key *ca_key, struct err *e)
{
	struct cert *c = NULL;
	X509_REQ *req;
	EVP_PKEY *pkey;

	if (check_ca(ca, ca_key, e) == -1)
		return NULL;
	req = request_read(csr_pem, e);
	if (req == NULL)
		return NULL;
	pkey = X509_REQ_get0_pubkey(req);
	if (pkey == NULL)
		openssl_err(e, ERR_FORMAT, "request: its key is broken");
	else if (X509_REQ_verify(req, pkey) != 1)
		openssl_err(e, ERR_SIGNATURE,
		    "request: not signed with its own key");
	else
		c = cert_make(spec, pkey, ca, ca_key, e);
	X509_REQ_free(req);
	return c;
}

struct cert *
csr_issue_for_key(const struct key *k, const struct cert_spec *spec,
    const struct cert *ca, const struct key *ca_key, struct err *e)
{
	if (check_ca(ca, ca_key, e) == -1)
		return NULL;
	return cert_make(spec, key_evp(k), ca, ca_key, e);
}

char *
csr_common_name(const char *csr_pem, struct err *e)
{
	X509_REQ *req = request_read(csr_pem, e);
	unsigned char *utf8 = NULL;
	const X509_NAME *name;
	char *text = NULL;
	int i, n = -1;

	if (req == NULL)
		return NULL;
	name = X509_REQ_get_subject_name(req);
	i = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	if (i >= 0)
		n = ASN1_STRING_to_UTF8(&utf8,
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
	if (n > 0 && memchr(utf8, '\0', (size_t)n) == NULL)
		text = mem_strndup((char *)utf8, (size_t)n);
	else
		err_set(e, ERR_FORMAT, "request: no common name");
	OPENSSL_free(utf8);
	X509_REQ_free(req);
	return text;
}
