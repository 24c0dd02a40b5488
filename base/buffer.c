#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

void
rbuf_init(struct rbuf *r, const void *data, size_t len)
{
	r->data = data;
	r->len = len;
	r->off = 0;
}

size_t
rbuf_left(const struct rbuf *r)
{
	return r->len - r->off;
}

/* A big-endian number of n bytes. */
static int
get(struct rbuf *r, size_t n, uint64_t *v)
{
	uint64_t sum = 0;

	if (rbuf_left(r) < n)
		return -1;
	for (size_t i = 0; i < n; i++)
		sum = sum << 8 | r->data[r->off + i];
	r->off += n;
	*v = sum;
	return 0;
}

int
rbuf_u8(struct rbuf *r, uint8_t *v)
{
	uint64_t n;

	if (get(r, 1, &n) == -1)
		return -1;
	*v = (uint8_t)n;
	return 0;
}

int
rbuf_be16(struct rbuf *r, uint16_t *v)
{
	uint64_t n;

	if (get(r, 2, &n) == -1)
		return -1;
	*v = (uint16_t)n;
	return 0;
}

int
rbuf_be32(struct rbuf *r, uint32_t *v)
{
	uint64_t n;

	if (get(r, 4, &n) == -1)
		return -1;
	*v = (uint32_t)n;
	return 0;
}

int
rbuf_be64(struct rbuf *r, uint64_t *v)
{
	return get(r, 8, v);
}

int
rbuf_bytes(struct rbuf *r, size_t n, const uint8_t **p)
{
	static const uint8_t nothing[1];

	if (rbuf_left(r) < n)
		return -1;
	*p = r->data == NULL ? nothing : r->data + r->off;
	r->off += n;
	return 0;
}

int
rbuf_sub(struct rbuf *r, size_t n, struct rbuf *sub)
{
	const uint8_t *p;

	if (rbuf_bytes(r, n, &p) == -1)
		return -1;
	rbuf_init(sub, p, n);
	return 0;
}

void
wbuf_init(struct wbuf *w, size_t max)
{
	memset(w, 0, sizeof(*w));
	w->max = max;
}

void
wbuf_release(struct wbuf *w)
{
	mem_free_wiped(w->data, w->cap);
	wbuf_init(w, w->max);
}

/* Room for n more bytes, or the buffer is marked failed. */
static int
reserve(struct wbuf *w, size_t n)
{
	size_t cap = w->cap == 0 ? 64 : w->cap;
	uint8_t *data;

	if (w->failed)
		return -1;
	if (n > SIZE_MAX / 2 - w->len || (w->max > 0 && n > w->max - w->len)) {
		w->failed = true;
		return -1;
	}
	if (w->data != NULL && n <= w->cap - w->len)
		return 0;
	while (cap < w->len + n)
		cap *= 2;
	/* Not realloc(), which could leave a copy of a secret behind. */
	data = mem_alloc(cap);
	if (w->data != NULL)
		memcpy(data, w->data, w->len);
	mem_free_wiped(w->data, w->cap);
	w->data = data;
	w->cap = cap;
	return 0;
}

static void
put(struct wbuf *w, uint64_t v, size_t n)
{
	if (reserve(w, n) == -1)
		return;
	for (size_t i = 0; i < n; i++)
		w->data[w->len + i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	w->len += n;
}

void
wbuf_u8(struct wbuf *w, uint8_t v)
{
	put(w, v, 1);
}

void
wbuf_be16(struct wbuf *w, uint16_t v)
{
	put(w, v, 2);
}

void
wbuf_be32(struct wbuf *w, uint32_t v)
{
	put(w, v, 4);
}

void
wbuf_be64(struct wbuf *w, uint64_t v)
{
	put(w, v, 8);
}

void
wbuf_bytes(struct wbuf *w, const void *p, size_t n)
{
	if (n == 0 || reserve(w, n) == -1)
		return;
	memcpy(w->data + w->len, p, n);
	w->len += n;
}

void
wbuf_printf(struct wbuf *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	/* vsnprintf() needs room for a NUL, which is not counted. */
	if (n < 0)
		BUG("format: %s", fmt);
	if (reserve(w, (size_t)n) == -1)
		return;
	if (w->cap - w->len == (size_t)n) {
		uint8_t *data = mem_alloc(w->cap + 1);

		memcpy(data, w->data, w->len);
		mem_free_wiped(w->data, w->cap);
		w->data = data;
		w->cap++;
	}
	va_start(ap, fmt);
	(void)vsnprintf((char *)w->data + w->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	w->len += (size_t)n;
}

static void
patch(struct wbuf *w, size_t off, uint32_t v, size_t n)
{
	if (w->failed)
		return;
	if (off > w->len || w->len - off < n)
		BUG("patch at %zu of %zu bytes", off, w->len);
	for (size_t i = 0; i < n; i++)
		w->data[off + i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

void
wbuf_patch_be16(struct wbuf *w, size_t off, uint16_t v)
{
	patch(w, off, v, 2);
}

void
wbuf_patch_be32(struct wbuf *w, size_t off, uint32_t v)
{
	patch(w, off, v, 4);
}

int
wbuf_detach(struct wbuf *w, uint8_t **data, size_t *len)
{
	if (w->failed) {
		wbuf_release(w);
		return -1;
	}
	*data = w->data == NULL ? mem_alloc(0) : w->data;
	*len = w->len;
	wbuf_init(w, w->max);
	return 0;
}
