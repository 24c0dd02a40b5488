#include "base/paths.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Set once, before any thread is started; the same for the whole program. */
static char root_dir[PATH_SIZE] = "/var/lib/ucmsh";

const char *
paths_root(void)
{
	return root_dir;
}

void
paths_set_root(const char *root)
{
	size_t n;

	if (str_copy(root_dir, sizeof(root_dir), root) == -1)
		BUG("root directory too long: %s", root);
	n = strlen(root_dir);
	while (n > 1 && root_dir[n - 1] == '/')
		root_dir[--n] = '\0';
}

char *
paths_in(char dst[PATH_SIZE], const char *fmt, ...)
{
	va_list ap;
	size_t used;
	int n;

	if (str_printf(dst, PATH_SIZE, "%s/", root_dir) == -1)
		BUG("path too long below %s", root_dir);
	used = strlen(dst);
	va_start(ap, fmt);
	n = vsnprintf(dst + used, PATH_SIZE - used, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= PATH_SIZE - used)
		BUG("path too long: %s", dst);
	return dst;
}
