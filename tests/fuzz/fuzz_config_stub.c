/*
 * Any bytes as a phone's configuration: what has a stub has one that is a
 * configuration itself, whose stub is the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/config_stub.h"
#include "trust/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The phone's certificate; kept to the end. */
static const struct cert *
phone(void)
{
	static struct cert *cert;
	struct err e = ERR_INIT;

	if (cert != NULL)
		return cert;
	crypto_init();
	cert = cert_load("tests/data/vectors/pem/phone_lsc2048.pem", &e);
	if (cert == NULL)
		BUG("%s", e.msg);
	return cert;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	uint8_t *stub, *again;
	size_t n, m;

	if (config_stub(data, len, phone(), &stub, &n, &e) == -1) {
		if (e.code != ERR_FORMAT)
			BUG("refused in an unknown way: %s", e.msg);
		return 0;
	}
	if (config_stub(stub, n, phone(), &again, &m, &e) == -1)
		BUG("a stub that is no configuration: %s", e.msg);
	if (n != m || memcmp(stub, again, n) != 0)
		BUG("the stub of a stub differs");
	free(stub);
	free(again);
	return 0;
}
