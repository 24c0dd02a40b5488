#include "trust/crypto.h"

#include "base/err.h"
#include "trust/openssl_priv.h"

void
crypto_init(void)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		BUG("libcrypto does not start");
}
