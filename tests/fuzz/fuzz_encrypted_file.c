/*
 * Any bytes as an encrypted configuration, decrypted with the phone's key
 * without regard to its signature.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "trust/crypto.h"
#include "trust/encrypted_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The key of the phone that the seeds are for; kept to the end. */
static const struct key *
phone(void)
{
	static struct key *key;
	struct err e = ERR_INIT;

	if (key != NULL)
		return key;
	crypto_init();
	key = key_load("tests/data/vectors/pem/phone_lsc2048.pem", &e);
	if (key == NULL)
		BUG("%s", e.msg);
	return key;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	struct signed_file f;
	uint8_t *plain;
	size_t n;

	if (signed_file_parse(&f, data, len, &e) == -1) {
		if (e.code != ERR_FORMAT)
			BUG("refused in an unknown way: %s", e.msg);
		return 0;
	}
	if (!f.encrypted)
		return 0;
	if (encrypted_file_decrypt(&f, phone(), &plain, &n, &e) == -1) {
		if (e.code != ERR_KEY)
			BUG("refused in an unknown way: %s", e.msg);
		return 0;
	}
	if (n >= f.content_len || f.content_len - n > 16)
		BUG("%zu bytes of plain text in %zu", n, f.content_len);
	mem_free_wiped(plain, n);
	return 0;
}
