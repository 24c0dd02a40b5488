/*
 * X.509 certificates.
 *
 * A struct cert is read-only for everybody but cert.c and always complete.
 * Names are text in the order of the certificate with ';' between the parts:
 * CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US
 */
#ifndef TRUST_CERT_H
#define TRUST_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "base/str.h"
#include "trust/digest.h"
#include "trust/key.h"

#define CERT_SERIAL_MAX 20
#define CERT_SERIAL_HEX_SIZE (2 * CERT_SERIAL_MAX + 1)
#define CERT_MAX_SIZE 65535 /* bytes of DER: what fits a record */
#define CERT_FINGERPRINT_SIZE 65

struct cert {
	unsigned version; /* 3, rarely 1 */
	uint8_t *der;
	size_t der_len;
	char *subject;
	char *issuer;
	char *common_name; /* of the subject; "" when it has none */
	char *issuer_common_name;
	uint8_t serial[CERT_SERIAL_MAX]; /* no leading zero byte */
	size_t serial_len;
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;
	enum key_type key_type;
	unsigned key_bits;
	const uint8_t *public_key; /* lent from der: PKCS#1 or EC point */
	size_t public_key_len;
	const uint8_t *signature; /* lent from der: the signature value */
	size_t signature_len;
	char signature_oid[64]; /* "1.2.840.113549.1.1.11" */
	bool self_issued; /* subject and issuer are the same name */
	uint8_t sha1[20]; /* of der */
	uint8_t sha256[32];
};

/* Parts of a name; NULL or "" leaves a part out.  In certificate order. */
struct cert_name {
	const char *cn;
	const char *ou;
	const char *o;
	const char *l;
	const char *st;
	const char *c;
};

/* cn with the DN fields of a node; the texts stay conf's and cn's. */
struct cert_name cert_name_of(const struct nodeconf *conf, const char *cn);

/* Flags: what a certificate may be used for. */
enum cert_use {
	CERT_USE_SERVER = 1 << 0, /* TLS server */
	CERT_USE_CLIENT = 1 << 1, /* TLS client */
	CERT_USE_IPSEC = 1 << 2, /* IPsec end system */
	CERT_USE_CA = 1 << 3 /* signs certificates; path length 0 */
};

/* What a certificate to be made shall say. */
struct cert_spec {
	struct cert_name subject;
	int64_t not_before; /* from base/clock */
	int64_t not_after; /* cert_years() helps */
	unsigned uses; /* enum cert_use flags */
	struct strlist dns; /* subjectAltName: host names; the caller's */
	struct strlist addresses; /* subjectAltName: IPv4 texts; the caller's */
};

/* from plus so many calendar years less one second (29 February: 28). */
int64_t cert_years(int64_t from, unsigned years);

/*
 * Exactly one certificate in DER; bytes behind it are refused.  NULL with e
 * set (ERR_FORMAT).  Its signature is not checked.
 */
struct cert *cert_from_der(const void *der, size_t n, struct err *e);

/* The first certificate in PEM text; other blocks are skipped. */
struct cert *cert_from_pem(const void *pem, size_t n, struct err *e);

/* cert_from_pem() of a file.  ERR_NOT_FOUND when there is none. */
struct cert *cert_load(const char *path, struct err *e);

/* PEM text of the certificate; free with free(). */
char *cert_to_pem(const struct cert *c);

/* Write the PEM text to path atomically. */
int cert_save(const struct cert *c, const char *path, unsigned mode,
    struct err *e);

struct cert *cert_dup(const struct cert *c);

/* NULL-safe. */
void cert_free(struct cert *c);

/* Upper-case hex of the serial number without separators: 614052E9… */
void cert_serial_hex(const struct cert *c, char hex[CERT_SERIAL_HEX_SIZE]);

/* Lower-case hex of the SHA-256 of the DER: what the database calls it by. */
void cert_fingerprint(const struct cert *c, char hex[CERT_FINGERPRINT_SIZE]);

/* The same DER. */
bool cert_equal(const struct cert *a, const struct cert *b);

/* The key is the one whose public half the certificate holds. */
bool cert_matches_key(const struct cert *c, const struct key *k);

/*
 * A self-signed certificate: version 3, a random positive serial of 16
 * bytes, SHA-256.  NULL with e set.
 */
struct cert *cert_self_sign(const struct cert_spec *spec, const struct key *k,
    struct err *e);

/*
 * The signature over the pieces is by this certificate's key: 0, or -1 with
 * ERR_SIGNATURE (or ERR_KEY when the key cannot be used).  The signature is
 * RSASSA-PKCS1-v1_5 or ECDSA.
 */
int cert_check_signature(const struct cert *c, enum digest_alg alg,
    const struct key_piece *piece, size_t n_pieces,
    const struct key_piece *signature, struct err *e);

/* The certificate was signed with the CA's key: 0, or -1 ERR_SIGNATURE. */
int cert_check_issued(const struct cert *c, const struct cert *ca,
    struct err *e);

#endif
