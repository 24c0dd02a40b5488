/*
 * Digests of bytes.
 */
#ifndef TRUST_DIGEST_H
#define TRUST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DIGEST_MAX 64 /* bytes of the longest */
#define DIGEST_HEX_SIZE (2 * DIGEST_MAX + 1)

/* Numbers above 0 are the codes of trust lists and signed files. */
enum digest_alg {
	DIGEST_MD5 = 0, /* checksums for people only */
	DIGEST_SHA1 = 1,
	DIGEST_SHA256 = 2,
	DIGEST_SHA512 = 3
};

/* Bytes of a digest: 16, 20, 32 or 64. */
size_t digest_size(enum digest_alg alg);

/* "MD5", "SHA-1", "SHA-256", "SHA-512". */
const char *digest_name(enum digest_alg alg);

/* The digest of n bytes into the first digest_size(alg) bytes of out. */
void digest_bytes(enum digest_alg alg, const void *p, size_t n,
    uint8_t out[DIGEST_MAX]);

/* The same as lower-case hex text. */
void digest_hex(enum digest_alg alg, const void *p, size_t n,
    char hex[DIGEST_HEX_SIZE]);

/* The same of a file of at most max bytes (base/file.h). */
int digest_file_hex(enum digest_alg alg, const char *path, size_t max,
    char hex[DIGEST_HEX_SIZE], struct err *e);

#endif
