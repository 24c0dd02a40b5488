#include "base/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int
progress_printf(const struct progress *p, struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n, rc;

	if (p == NULL || p->text == NULL)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("format: %s", fmt);
	text = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	rc = p->text(p->self, text);
	free(text);
	if (rc != 0)
		return err_set(e, ERR_CANCELLED, "called off");
	return 0;
}
