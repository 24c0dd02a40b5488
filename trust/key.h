/*
 * Private keys: RSA for everything phones see, EC P-256 for SSH between
 * nodes.
 */
#ifndef TRUST_KEY_H
#define TRUST_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum key_type {
	KEY_RSA,
	KEY_EC, /* any named curve */
	KEY_OTHER
};

struct key; /* opaque; the private half is wiped by key_free() */

/* Bytes that a signature covers, one piece after another. */
struct key_piece {
	const void *data;
	size_t len;
};

/*
 * A fresh RSA key; bits is 512, 1024, 2048, 3072 or 4096.  NULL with e set
 * (ERR_USAGE for another size).
 */
struct key *key_generate_rsa(unsigned bits, struct err *e);

/* A fresh EC key on P-256. */
struct key *key_generate_ec(struct err *e);

/* NULL-safe. */
void key_free(struct key *k);

/*
 * The first private key in n bytes of PEM text (PKCS#8, or the older RSA and
 * EC forms), unencrypted; other blocks are skipped.  NULL with e set:
 * ERR_KEY.
 */
struct key *key_from_pem(const void *pem, size_t n, struct err *e);

/* key_from_pem() of a file, which must not be a symbolic link. */
struct key *key_load(const char *path, struct err *e);

/*
 * PKCS#8 PEM.  *pem is NUL-terminated, n bytes without the NUL; free with
 * mem_free_wiped(*pem, *n).
 */
int key_to_pem(const struct key *k, char **pem, size_t *n, struct err *e);

/* Write it to path atomically with this mode (0600 for a key). */
int key_save(const struct key *k, const char *path, unsigned mode,
    struct err *e);

enum key_type key_type(const struct key *k);

/* Bits of the RSA modulus or of the curve's field. */
unsigned key_bits(const struct key *k);

/*
 * The public half as certificates hold it: PKCS#1 RSAPublicKey DER, or the
 * uncompressed point.  Free *out with free().
 */
int key_public(const struct key *k, uint8_t **out, size_t *n, struct err *e);

/*
 * The line an authorized_keys or known_hosts file wants:
 * "ecdsa-sha2-nistp256 AAAA…" or "ssh-rsa AAAA…", no comment, no newline.
 * Free with free().  NULL with e set for a key SSH cannot use.
 */
char *key_ssh_public(const struct key *k, struct err *e);

/*
 * SHA-256 fingerprint of such a line's key as ssh prints it: "SHA256:…".
 * line may carry a comment.  Free with free(); NULL: no key in it.
 */
char *key_ssh_fingerprint(const char *line, struct err *e);

#endif
