#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* Not err_bug(): running out of memory is nobody's mistake. */
static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "out of memory\n";
	ssize_t n;

	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)n;
	abort();
}

void *
mem_alloc(size_t n)
{
	return mem_array(n, 1);
}

void *
mem_array(size_t n, size_t size)
{
	void *p;

	if (n == 0 || size == 0)
		n = size = 1;
	p = n > SIZE_MAX / size ? NULL : calloc(n, size);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	void *q;

	if (n == 0 || size == 0)
		n = size = 1;
	q = n > SIZE_MAX / size ? NULL : realloc(p, n * size);
	if (q == NULL)
		out_of_memory();
	return q;
}

char *
mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s) + 1);
}

char *
mem_strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = mem_alloc(len + 1);

	memcpy(p, s, len);
	return p;
}

void *
mem_dup(const void *p, size_t n)
{
	void *q = mem_alloc(n);

	if (n > 0)
		memcpy(q, p, n);
	return q;
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("format: %s", fmt);
	s = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void
mem_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

/* On the real stack: not where a sanitizer puts its arrays. */
__attribute__((noinline, no_sanitize("address"))) void
mem_wipe_stack(void)
{
	unsigned char below[64 * 1024];

	mem_wipe(below, sizeof(below));
}

void
mem_free_wiped(void *p, size_t n)
{
	if (p == NULL)
		return;
	mem_wipe(p, n);
	free(p);
}

void
secret_set(struct secret *out, const char *s, size_t n)
{
	if (n == SIZE_MAX)
		out_of_memory();
	out->text = mem_alloc(n + 1);
	if (n > 0)
		memcpy(out->text, s, n);
	out->len = n;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	volatile unsigned char differs = 0;
	size_t i;

	if (a->text == NULL || b->text == NULL || a->len != b->len)
		return false;
	for (i = 0; i < a->len; i++)
		differs |= (unsigned char)(a->text[i] ^ b->text[i]);
	return differs == 0;
}

void
secret_release(struct secret *s)
{
	if (s == NULL)
		return;
	mem_free_wiped(s->text, s->len);
	s->text = NULL;
	s->len = 0;
}
