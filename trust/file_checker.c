#include "trust/file_checker.h"

#include <stdlib.h>

#include "base/mem.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"

struct file_checker {
	struct cert *cert; /* owned */
	EVP_PKEY_CTX *verify; /* owned; holds the key */
	EVP_MD_CTX *sum; /* owned */
};

struct file_checker *
file_checker_new(const struct cert *c, struct err *e)
{
	struct file_checker *k;
	EVP_PKEY *pkey;

	if (c->key_type != KEY_RSA) {
		(void)err_set(e, ERR_KEY, "the key of %s is not RSA",
		    c->subject);
		return NULL;
	}
	pkey = cert_evp_key(c, e);
	if (pkey == NULL)
		return NULL;
	k = mem_alloc(sizeof(*k));
	k->cert = cert_dup(c);
	k->sum = EVP_MD_CTX_new();
	k->verify = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	EVP_PKEY_free(pkey);
	if (k->sum == NULL || k->verify == NULL ||
	    EVP_PKEY_verify_init(k->verify) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(k->verify, RSA_PKCS1_PADDING) != 1) {
		(void)openssl_err(e, ERR_KEY, "the key of %s cannot verify",
		    c->subject);
		file_checker_free(k);
		return NULL;
	}
	return k;
}

void
file_checker_free(struct file_checker *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_CTX_free(k->verify);
	EVP_MD_CTX_free(k->sum);
	cert_free(k->cert);
	free(k);
}

/* The digest of everything but the element SIGNATURE. */
static int
sum_up(struct file_checker *k, const struct signed_file *f, uint8_t *sum)
{
	const struct element *el = &f->header.element[HEADER_SIGNATURE];
	const size_t behind = el->off + 3 + el->len;

	if (EVP_DigestInit_ex(k->sum, evp_md(f->header.digest), NULL) != 1 ||
	    EVP_DigestUpdate(k->sum, f->data, el->off) != 1 ||
	    EVP_DigestUpdate(k->sum, f->data + behind, f->len - behind) != 1 ||
	    EVP_DigestFinal_ex(k->sum, sum, NULL) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(k->verify,
		evp_md(f->header.digest)) != 1)
		return -1;
	return 0;
}

int
file_checker_check(struct file_checker *k, const struct signed_file *f,
    struct err *e)
{
	const struct element *el = &f->header.element[HEADER_SIGNATURE];
	uint8_t sum[DIGEST_MAX];

	if (sum_up(k, f, sum) == -1)
		return openssl_err(e, ERR_KEY, "the key of %s cannot verify",
		    k->cert->subject);
	if (EVP_PKEY_verify(k->verify, el->value, el->len, sum,
		digest_size(f->header.digest)) != 1) {
		ERR_clear_error();
		return err_set(e, ERR_SIGNATURE,
		    "the signature is not by the key of %s", k->cert->subject);
	}
	if (!signed_header_names(&f->header, k->cert))
		return err_set(e, ERR_UNVERIFIABLE,
		    "signed with the key of %s, but the file names another "
		    "certificate",
		    k->cert->subject);
	return 0;
}
