/*
 * PKCS#12 files: ITLRecovery.p12.
 */
#ifndef TRUST_PKCS12_H
#define TRUST_PKCS12_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "trust/cert.h"
#include "trust/key.h"

#define PKCS12_MAX_SIZE 65536
#define PKCS12_ITERATIONS 600000

/*
 * Encode key and certificate: PBES2 with AES-256-CBC and PBKDF2 with
 * HMAC-SHA256, MAC with SHA-256, PKCS12_ITERATIONS each.  The password is
 * the only thing needed to open it.  Free *out with free().
 */
int pkcs12_encode(const struct key *k, const struct cert *c,
    const struct secret *password, uint8_t **out, size_t *n, struct err *e);

/*
 * Decode a file, old algorithms (3DES, RC2) included: those are loaded into
 * a library context of their own and the rest of the process never sees
 * them.  0, or -1 with e set and nothing handed out: ERR_FORMAT (not a
 * PKCS#12 file), ERR_AUTH (wrong password), ERR_KEY (no key, no certificate,
 * or they do not belong together), ERR_TOO_BIG.
 */
int pkcs12_decode(const void *data, size_t n, const struct secret *password,
    struct key **k, struct cert **c, struct err *e);

/* pkcs12_decode() of a file. */
int pkcs12_load(const char *path, const struct secret *password, struct key **k,
    struct cert **c, struct err *e);

#endif
