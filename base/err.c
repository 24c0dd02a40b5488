#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum err_code code;
	const char *name;
} names[] = {
	{ ERR_NONE, "no error" },
	{ ERR_USAGE, "wrong request" },
	{ ERR_DENIED, "permission denied" },
	{ ERR_NOT_FOUND, "not found" },
	{ ERR_EXISTS, "exists already" },
	{ ERR_FORMAT, "malformed" },
	{ ERR_SIGNATURE, "wrong signature" },
	{ ERR_UNVERIFIABLE, "unverifiable" },
	{ ERR_TOO_BIG, "too big" },
	{ ERR_IO, "input or output failed" },
	{ ERR_NO_SPACE, "no space left" },
	{ ERR_TIMEOUT, "timed out" },
	{ ERR_UNREACHABLE, "unreachable" },
	{ ERR_HOSTKEY, "wrong host key" },
	{ ERR_AUTH, "authentication failed" },
	{ ERR_HELD, "held" },
	{ ERR_DATABASE, "database error" },
	{ ERR_STATE, "not possible now" },
	{ ERR_CANCELLED, "cancelled" },
	{ ERR_PARTIAL, "partly done" },
	{ ERR_KEY, "unfit key" },
	{ ERR_INTERNAL, "internal error" },
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	char msg[ERR_MSG_SIZE]; /* an argument may be e->msg */
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	memcpy(e->msg, msg, sizeof(msg));
	e->code = code;
	e->hint[0] = '\0';
	return -1;
}

static enum err_code
code_of_errno(int no)
{
	switch (no) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case ENOSPC:
	case EDQUOT:
		return ERR_NO_SPACE;
	case EEXIST:
		return ERR_EXISTS;
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
		return ERR_UNREACHABLE;
	default:
		return ERR_IO;
	}
}

/* strerror() that any thread may call.  Returns buf. */
static const char *
errno_text(int no, char *buf, size_t size)
{
	if (strerror_r(no, buf, size) != 0)
		(void)snprintf(buf, size, "error %d", no);
	return buf;
}

int
err_errno(struct err *e, const char *fmt, ...)
{
	char msg[ERR_MSG_SIZE];
	char text[128];
	int no = errno;
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return err_set(e, code_of_errno(no), "%s: %s", msg,
	    errno_text(no, text, sizeof(text)));
}

/* As much of s behind msg as there is room for. */
static void
append(char msg[ERR_MSG_SIZE], const char *s)
{
	size_t used = strlen(msg);
	size_t n = strnlen(s, ERR_MSG_SIZE - 1 - used);

	memcpy(msg + used, s, n);
	msg[used + n] = '\0';
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char msg[ERR_MSG_SIZE];
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	append(msg, ": ");
	append(msg, e->msg);
	memcpy(e->msg, msg, sizeof(msg));
	return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
	char hint[ERR_HINT_SIZE];
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	memcpy(e->hint, hint, sizeof(hint));
	return -1;
}

void
err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code = ERR_NONE;
	e->msg[0] = '\0';
	e->hint[0] = '\0';
}

const char *
err_name(enum err_code code)
{
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (names[i].code == code)
			return names[i].name;
	return "unknown error";
}

enum err_code
err_from_number(unsigned n)
{
	for (size_t i = 0; i < NAME_COUNT; i++)
		if ((unsigned)names[i].code == n)
			return names[i].code;
	return ERR_INTERNAL;
}

_Noreturn void
err_bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "BUG: %s:%d: ", file, line);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	abort();
}
