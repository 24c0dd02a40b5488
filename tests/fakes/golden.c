#include "tests/fakes/golden.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#define FILE_MAX (1UL << 20)

char *
golden(const char *name)
{
	struct err e = ERR_INIT;
	char *path = mem_printf("tests/data/%s", name);
	uint8_t *data;
	size_t len;

	if (file_read(path, FILE_MAX, &data, &len, &e) == -1)
		BUG("%s", e.msg);
	free(path);
	return (char *)data;
}

char *
golden_output(const char *name)
{
	char *all = golden(name);
	char *rest = strchr(all, '\n');
	char *s = mem_strdup(rest == NULL ? "" : rest + 1);

	free(all);
	return s;
}
