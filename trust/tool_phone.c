#include "trust/tool_phone.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trust/tool.h"

/* The file of the phone. */
static char *
pem_path(const struct tool_phone *p, const char *name)
{
	const char *slash = strrchr(name, '/');

	if (p->path != NULL)
		return mem_strdup(p->path);
	if (slash != NULL)
		name = slash + 1;
	return mem_printf("%s/%.*s.pem", p->dir, (int)strcspn(name, "."), name);
}

struct cert *
tool_phone_cert(const struct tool_phone *p, const char *name, struct err *e)
{
	char *path = pem_path(p, name);
	struct cert *c = NULL;
	uint8_t *pem;
	size_t n;

	if (tool_read(path, &pem, &n, NULL, e) == 0) {
		c = cert_from_pem(pem, n, e);
		mem_free_wiped(pem, n); /* it may hold the key, too */
		if (c == NULL)
			err_wrap(e, "%s", path);
	}
	free(path);
	return c;
}

struct key *
tool_phone_key(const struct tool_phone *p, const char *name, struct err *e)
{
	char *path = pem_path(p, name);
	struct key *k = NULL;
	uint8_t *pem;
	size_t n;

	if (tool_read(path, &pem, &n, NULL, e) == 0) {
		k = key_from_pem(pem, n, e);
		mem_free_wiped(pem, n);
		if (k == NULL)
			err_wrap(e, "%s", path);
	}
	free(path);
	return k;
}
