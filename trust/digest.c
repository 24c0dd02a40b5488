#include "trust/digest.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/evp_priv.h"
#include "trust/openssl_priv.h"

const EVP_MD *
evp_md(enum digest_alg alg)
{
	switch (alg) {
	case DIGEST_MD5:
		return EVP_md5();
	case DIGEST_SHA1:
		return EVP_sha1();
	case DIGEST_SHA256:
		return EVP_sha256();
	case DIGEST_SHA512:
		return EVP_sha512();
	}
	BUG("digest %d", (int)alg);
}

size_t
digest_size(enum digest_alg alg)
{
	switch (alg) {
	case DIGEST_MD5:
		return 16;
	case DIGEST_SHA1:
		return 20;
	case DIGEST_SHA256:
		return 32;
	case DIGEST_SHA512:
		return 64;
	}
	BUG("digest %d", (int)alg);
}

const char *
digest_name(enum digest_alg alg)
{
	switch (alg) {
	case DIGEST_MD5:
		return "MD5";
	case DIGEST_SHA1:
		return "SHA-1";
	case DIGEST_SHA256:
		return "SHA-256";
	case DIGEST_SHA512:
		return "SHA-512";
	}
	BUG("digest %d", (int)alg);
}

void
digest_bytes(enum digest_alg alg, const void *p, size_t n,
    uint8_t out[DIGEST_MAX])
{
	unsigned len = 0;

	if (EVP_Digest(p, n, out, &len, evp_md(alg), NULL) != 1 ||
	    len != digest_size(alg))
		BUG("no digest %s", digest_name(alg));
}

void
digest_hex(enum digest_alg alg, const void *p, size_t n,
    char hex[DIGEST_HEX_SIZE])
{
	uint8_t bytes[DIGEST_MAX];

	digest_bytes(alg, p, n, bytes);
	str_hex(hex, bytes, digest_size(alg));
}

int
digest_file_hex(enum digest_alg alg, const char *path, size_t max,
    char hex[DIGEST_HEX_SIZE], struct err *e)
{
	uint8_t *data;
	size_t len;

	if (file_read(path, max, &data, &len, e) == -1)
		return -1;
	digest_hex(alg, data, len, hex);
	mem_free_wiped(data, len);
	return 0;
}
