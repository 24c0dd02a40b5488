#include "trust/openssl_err_priv.h"

#include <stdarg.h>
#include <stdio.h>

#include "trust/openssl_priv.h"

int
openssl_err(struct err *e, enum err_code code, const char *fmt, ...)
{
	unsigned long first = ERR_get_error();
	const char *reason = ERR_reason_error_string(first);
	char what[ERR_MSG_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	ERR_clear_error();
	if (reason == NULL)
		return err_set(e, code, "%s", what);
	return err_set(e, code, "%s: %s", what, reason);
}
