#include "trust/password.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trust/digest.h"
#include "trust/key.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"

#define METHOD "pbkdf2-sha256$"
#define SALT_SIZE ((size_t)16)
#define HASH_SIZE ((size_t)32)
#define ITERATIONS_MAX 100000000

static int
derive_salted(const struct secret *password, const struct key_piece *salt,
    unsigned iterations, uint8_t hash[HASH_SIZE], struct err *e)
{
	const char *text = password->text == NULL ? "" : password->text;

	if (PKCS5_PBKDF2_HMAC(text, (int)password->len, salt->data,
		(int)salt->len, (int)iterations, EVP_sha256(), HASH_SIZE,
		hash) != 1)
		return openssl_err(e, ERR_INTERNAL, "cannot hash a password");
	return 0;
}

static int
derive(const struct secret *password, const uint8_t salt[SALT_SIZE],
    unsigned iterations, uint8_t hash[HASH_SIZE], struct err *e)
{
	const struct key_piece piece = { salt, SALT_SIZE };

	return derive_salted(password, &piece, iterations, hash, e);
}

int
password_hash(char dst[PASSWORD_HASH_SIZE], const struct secret *password,
    struct err *e)
{
	uint8_t salt[SALT_SIZE], hash[HASH_SIZE];
	char salt_hex[2 * SALT_SIZE + 1], hash_hex[2 * HASH_SIZE + 1];

	random_bytes(salt, sizeof(salt));
	if (derive(password, salt, PASSWORD_ITERATIONS, hash, e) == -1)
		return -1;
	str_hex(salt_hex, salt, sizeof(salt));
	str_hex(hash_hex, hash, sizeof(hash));
	if (str_printf(dst, PASSWORD_HASH_SIZE, METHOD "%d$%s$%s",
		PASSWORD_ITERATIONS, salt_hex, hash_hex) == -1)
		BUG("a password hash does not fit");
	mem_wipe(hash, sizeof(hash));
	return 0;
}

/* Take a stored hash apart. */
static int
stored_parse(const char *stored, uint64_t *iterations, uint8_t salt[SALT_SIZE],
    uint8_t hash[HASH_SIZE])
{
	char number[16], hex[2 * HASH_SIZE + 1];
	const char *p = stored;
	size_t n;

	if (!str_starts(p, METHOD))
		return -1;
	p += strlen(METHOD);
	n = strcspn(p, "$");
	if (p[n] == '\0' || n >= sizeof(number))
		return -1;
	memcpy(number, p, n);
	number[n] = '\0';
	if (str_number(number, 1, ITERATIONS_MAX, iterations) == -1)
		return -1;
	p += n + 1;
	n = 2 * SALT_SIZE;
	if (strlen(p) != n + 1 + 2 * HASH_SIZE || p[n] != '$')
		return -1;
	memcpy(hex, p, n);
	hex[n] = '\0';
	if (str_unhex(salt, SALT_SIZE, hex) == -1)
		return -1;
	return str_unhex(hash, HASH_SIZE, p + n + 1);
}

int
password_verify(const char *stored, const struct secret *password,
    struct err *e)
{
	uint8_t salt[SALT_SIZE], want[HASH_SIZE], got[HASH_SIZE];
	uint64_t iterations;
	int differs;

	if (stored_parse(stored, &iterations, salt, want) == -1)
		return err_set(e, ERR_FORMAT, "not a stored password hash");
	if (derive(password, salt, (unsigned)iterations, got, e) == -1)
		return -1;
	differs = CRYPTO_memcmp(want, got, sizeof(want));
	mem_wipe(got, sizeof(got));
	if (differs != 0)
		return err_set(e, ERR_AUTH, "wrong password");
	return 0;
}

int
password_prove(char dst[PASSWORD_PROOF_SIZE], const struct secret *password,
    const void *statement, size_t n, struct err *e)
{
	uint8_t sum[DIGEST_MAX];
	uint8_t proof[HASH_SIZE];
	const struct key_piece salt = { sum, digest_size(DIGEST_SHA256) };

	digest_bytes(DIGEST_SHA256, statement, n, sum);
	if (derive_salted(password, &salt, PASSWORD_ITERATIONS, proof, e) == -1)
		return -1;
	str_hex(dst, proof, sizeof(proof));
	mem_wipe(proof, sizeof(proof));
	return 0;
}

int
password_proven(const char *proof, const struct secret *password,
    const void *statement, size_t n, struct err *e)
{
	char own[PASSWORD_PROOF_SIZE];
	int differs;

	if (password_prove(own, password, statement, n, e) == -1)
		return -1;
	differs = strlen(proof) != sizeof(own) - 1 ||
	    CRYPTO_memcmp(proof, own, sizeof(own) - 1) != 0;
	mem_wipe(own, sizeof(own));
	if (differs)
		return err_set(e, ERR_AUTH, "wrong password");
	return 0;
}

void
random_bytes(void *dst, size_t n)
{
	if (RAND_bytes(dst, (int)n) != 1)
		BUG("no random bytes");
}

void
random_token(char *dst, size_t size, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t len = (4 * n + 2) / 3;
	uint8_t *bytes = mem_alloc(n);

	if (size < len + 1)
		BUG("%zu bytes for a token of %zu", size, len);
	random_bytes(bytes, n);
	for (size_t i = 0; i < len; i++) {
		size_t bit = 6 * i;
		unsigned two = (unsigned)bytes[bit / 8] << 8;

		if (bit / 8 + 1 < n)
			two |= bytes[bit / 8 + 1];
		dst[i] = letters[two >> (10 - bit % 8) & 0x3f];
	}
	dst[len] = '\0';
	mem_free_wiped(bytes, n);
}

void
random_serial(uint8_t serial[16])
{
	random_bytes(serial, 16);
	serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
}
