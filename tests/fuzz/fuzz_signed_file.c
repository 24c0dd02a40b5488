/*
 * Any bytes as a signed or encrypted file, verified with a certificate.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/crypto.h"
#include "trust/signed_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The certificate that signed the seeds; made once, kept to the end. */
static const struct cert *
certificate(void)
{
	static struct cert *cert;
	struct err e = ERR_INIT;

	if (cert != NULL)
		return cert;
	crypto_init();
	cert = cert_load("tests/data/vectors/pem/callmanager.pem", &e);
	if (cert == NULL)
		BUG("%s", e.msg);
	return cert;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	struct signed_file f;

	if (signed_file_parse(&f, data, len, &e) == -1) {
		if (e.code != ERR_FORMAT)
			BUG("refused in an unknown way: %s", e.msg);
		return 0;
	}
	if (f.header.len > len || f.content != data + f.header.len ||
	    f.content_len != len - f.header.len)
		BUG("content outside of the file");
	if (strlen(f.header.filename) + 1 !=
	    f.header.element[HEADER_FILENAME].len)
		BUG("a name with a NUL inside");
	(void)signed_file_verify(&f, certificate(), &e);
	return 0;
}
