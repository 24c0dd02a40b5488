/*
 * Only for trust/: libcrypto's objects behind our types.
 */
#ifndef TRUST_EVP_PRIV_H
#define TRUST_EVP_PRIV_H

#include "base/err.h"
#include "trust/cert.h"
#include "trust/digest.h"
#include "trust/key.h"
#include "trust/openssl_priv.h"

const EVP_MD *evp_md(enum digest_alg alg);

/* The key itself; lent. */
EVP_PKEY *key_evp(const struct key *k);

/* Wrap a key, which is the wrapper's from here on.  NULL: NULL. */
struct key *key_wrap(EVP_PKEY *pkey);

/* As key_type() and key_bits(). */
enum key_type evp_key_type(const EVP_PKEY *pkey);
unsigned evp_key_bits(const EVP_PKEY *pkey);

/* The whole certificate decoded again; free with X509_free(). */
X509 *cert_x509(const struct cert *c, struct err *e);

/* Its public key; free with EVP_PKEY_free().  NULL with e set: ERR_KEY. */
EVP_PKEY *cert_evp_key(const struct cert *c, struct err *e);

/* A struct cert of an X509, which stays the caller's. */
struct cert *cert_of_x509(X509 *x, struct err *e);

/*
 * Make, sign and read back a certificate for this public key with
 * everything spec says.  issuer NULL: issued by its own subject.
 */
struct cert *cert_make(const struct cert_spec *spec, EVP_PKEY *public_key,
    const struct cert *issuer, const struct key *issuer_key, struct err *e);

/* A name of X.509; free with X509_NAME_free(). */
X509_NAME *cert_x509_name(const struct cert_name *name, struct err *e);

/*
 * What spec's uses and alternative names become in X.509, and basic
 * constraints, key usage.  Free with sk_X509_EXTENSION_pop_free().
 */
STACK_OF(X509_EXTENSION) *
    cert_extensions(const struct cert_spec *spec, enum key_type type,
	struct err *e);

#endif
