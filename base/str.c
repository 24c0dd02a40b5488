#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int
str_copy(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (size == 0)
		BUG("copy into no bytes");
	if (n >= size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -1;
	}
	memcpy(dst, src, n + 1);
	return 0;
}

int
str_printf(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (size == 0)
		BUG("print into no bytes");
	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("format: %s", fmt);
	return (size_t)n < size ? 0 : -1;
}

bool
str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s);
	size_t m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

uint32_t
str_hash(const char *s)
{
	uint32_t h = 2166136261U;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619U;
	return h;
}

size_t
str_utf8(const void *s, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = s;
	uint32_t c;
	size_t n;

	if (left == 0)
		return 0;
	if (p[0] < 0x80)
		return p[0] >= 0x20 && p[0] != 0x7f;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > left)
		return 0;
	c = p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    c < 0xa0)
		return 0;
	return n;
}

/*
 * One visible piece of text for the bytes at p into piece, at most 4 bytes
 * and no NUL; *used of the bytes are done with.  Returns the piece's length.
 */
static size_t
visible_piece(char piece[4], const uint8_t *p, size_t left, size_t *used)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = str_utf8(p, left);

	*used = 1;
	if (n > 0 && p[0] != '\\') {
		memcpy(piece, p, n);
		*used = n;
		return n;
	}
	piece[0] = '\\';
	if (p[0] == '\\' || p[0] == '\n' || p[0] == '\t') {
		piece[1] = '\\';
		if (p[0] != '\\')
			piece[1] = p[0] == '\n' ? 'n' : 't';
		return 2;
	}
	piece[1] = 'x';
	piece[2] = hex[p[0] >> 4];
	piece[3] = hex[p[0] & 15];
	return 4;
}

/* How many of the bytes at p are printable ASCII that shows as it is. */
static size_t
plain_length(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\')
		i++;
	return i;
}

char *
str_visible(char *dst, size_t size, const void *s, size_t n)
{
	const uint8_t *p = s;
	size_t len = 0;
	size_t i, used;

	if (size == 0)
		BUG("text into no bytes");
	for (i = 0; i < n; i += used) {
		const size_t room = size - 1 - len;
		char piece[4];
		size_t m;

		used = plain_length(p + i, n - i < room ? n - i : room);
		if (used > 0) {
			memcpy(dst + len, p + i, used);
			len += used;
			continue;
		}
		m = visible_piece(piece, p + i, n - i, &used);
		if (m > room)
			break;
		memcpy(dst + len, piece, m);
		len += m;
	}
	dst[len] = '\0';
	return dst;
}

char *
str_visible_dup(const void *s, size_t n)
{
	char *dst;

	if (n > (SIZE_MAX - 1) / 4)
		BUG("text of %zu bytes", n);
	dst = mem_alloc(4 * n + 1);
	return str_visible(dst, 4 * n + 1, s, n);
}

int
str_number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		unsigned digit;

		if (*s < '0' || *s > '9')
			return -1;
		digit = (unsigned)(*s - '0');
		if (v > (UINT64_MAX - digit) / 10)
			return -1;
		v = v * 10 + digit;
	}
	if (v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

void
str_hex(char *dst, const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		dst[2 * i] = hex[p[i] >> 4];
		dst[2 * i + 1] = hex[p[i] & 15];
	}
	dst[2 * n] = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
str_unhex(uint8_t *dst, size_t n, const char *hex)
{
	if (strlen(hex) != 2 * n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(hex[2 * i]);
		int low = hex_value(hex[2 * i + 1]);

		if (high == -1 || low == -1)
			return -1;
		dst[i] = (uint8_t)(high * 16 + low);
	}
	return 0;
}

/* s is the list's own from here on. */
static void
append(struct strlist *l, char *s)
{
	/* Grown whenever n is a power of two, so no capacity is kept. */
	if ((l->n & (l->n - 1)) == 0)
		l->item = mem_resize(l->item, l->n == 0 ? 1 : 2 * l->n,
		    sizeof(*l->item));
	l->item[l->n++] = s;
}

void
strlist_add(struct strlist *l, const char *s)
{
	append(l, mem_strdup(s));
}

void
strlist_add_n(struct strlist *l, const char *s, size_t n)
{
	append(l, mem_strndup(s, n));
}

bool
strlist_has(const struct strlist *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_equal(l->item[i], s))
			return true;
	return false;
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

void
strlist_sort(struct strlist *l)
{
	if (l->n > 1)
		qsort(l->item, l->n, sizeof(*l->item), compare);
}

void
strlist_release(struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->item[i]);
	free(l->item);
	l->item = NULL;
	l->n = 0;
}
