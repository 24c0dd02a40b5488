/*
 * Passwords as they are stored, and everything random.
 */
#ifndef TRUST_PASSWORD_H
#define TRUST_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define PASSWORD_HASH_SIZE 160
#define PASSWORD_ITERATIONS 600000

/*
 * Store a password as "pbkdf2-sha256$ITERATIONS$SALT$HASH" (salt and hash in
 * lower-case hex) into dst.
 */
int password_hash(char dst[PASSWORD_HASH_SIZE], const struct secret *password,
    struct err *e);

/*
 * Compare in constant time.  0 when it is the password; -1 with ERR_AUTH
 * when it is not, ERR_FORMAT when stored is not a hash of ours.
 */
int password_verify(const char *stored, const struct secret *password,
    struct err *e);

/*
 * A proof that whoever states n bytes knows the password, as lower-case hex
 * into dst.  It holds for these bytes only and tells of the password no more
 * than guesses of PASSWORD_ITERATIONS each can find out.
 */
#define PASSWORD_PROOF_SIZE 65
int password_prove(char dst[PASSWORD_PROOF_SIZE], const struct secret *password,
    const void *statement, size_t n, struct err *e);

/* Compare in constant time: 0, or -1 with ERR_AUTH. */
int password_proven(const char *proof, const struct secret *password,
    const void *statement, size_t n, struct err *e);

/*
 * n bytes from the system's random source.  A system that has none is no
 * place to make keys: abort().
 */
void random_bytes(void *dst, size_t n);

/*
 * n random bytes as base64url text without padding into dst, which has
 * room for (4 * n + 2) / 3 + 1 bytes: letters, digits, '-' and '_'.
 */
void random_token(char *dst, size_t size, size_t n);

/* 16 random bytes that are a positive, minimal serial number. */
void random_serial(uint8_t serial[16]);

#endif
