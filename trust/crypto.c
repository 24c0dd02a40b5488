#include "trust/crypto.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "trust/openssl_priv.h"

/* Memory of the library; file and line are where it is asked for. */
static void *
take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n == 0 ? NULL : malloc(n);
}

static void
give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p != NULL)
		mem_free_wiped(p, malloc_usable_size(p));
}

/* What realloc() moves stays where it was: so a new piece, and a copy. */
static void *
resize(void *p, size_t n, const char *file, int line)
{
	size_t old = p == NULL ? 0 : malloc_usable_size(p);
	void *fresh;

	if (n > 0 && n <= old)
		return p;
	fresh = take(n, file, line);
	if (fresh == NULL && n > 0)
		return NULL;
	if (p != NULL && fresh != NULL)
		memcpy(fresh, p, old);
	give(p, file, line);
	return fresh;
}

void
crypto_init(void)
{
	(void)CRYPTO_set_mem_functions(take, resize, give);
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		BUG("libcrypto does not start");
}
