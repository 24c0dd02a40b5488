#include "trust/tool_phone.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "trust/tool.h"

#define SUFFIX ".pem"

/* The file of the phone. */
static char *
pem_path(const struct tool_phone *p, const char *name)
{
	const char *slash = strrchr(name, '/');

	if (p->path != NULL)
		return mem_strdup(p->path);
	if (slash != NULL)
		name = slash + 1;
	return mem_printf("%s/%.*s" SUFFIX, p->dir, (int)strcspn(name, "."),
	    name);
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

/* All of them: any result may have the name of another file's phone. */
void
tool_phone_protect(const struct tool_phone *p, struct tool_batch *b)
{
	DIR *stream = p->dir == NULL ? NULL : opendir(p->dir);
	const struct dirent *d;

	tool_batch_protect(b, p->path);
	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (stream != NULL && (d = readdir(stream)) != NULL) {
		char *path;

		if (!str_ends(d->d_name, SUFFIX))
			continue;
		path = mem_printf("%s/%s", p->dir, d->d_name);
		tool_batch_protect(b, path);
		free(path);
	}
	if (stream != NULL)
		(void)closedir(stream);
}
