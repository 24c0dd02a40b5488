/*
 * In the place of libcrypto's function: one HMAC instead of hundreds of
 * thousands, for tests that prove passwords often and are not about what
 * that costs.  To be included by the one file of a test program.
 */
#ifndef TESTS_FAKES_QUICK_PBKDF2_H
#define TESTS_FAKES_QUICK_PBKDF2_H

#include <stddef.h>

#include "trust/openssl_priv.h"

#include <openssl/hmac.h>

/* The program's own comes before that of a shared library. */
int
PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt,
    int saltlen, int iter, const EVP_MD *digest, int keylen, unsigned char *out)
{
	(void)iter;
	return keylen == EVP_MD_get_size(digest) &&
	    HMAC(digest, pass, passlen, salt, (size_t)saltlen, out, NULL) !=
	    NULL;
}

#endif
