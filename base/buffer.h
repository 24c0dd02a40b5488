/*
 * Bytes in and out.
 *
 * struct rbuf reads somebody else's bytes with every length checked: a
 * getter that would run past the end returns -1 and does not move.
 * struct wbuf grows as it is written; a write that would pass its limit
 * marks it failed, later writes do nothing, and the writer checks once at
 * the end.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rbuf {
	const uint8_t *data; /* borrowed */
	size_t len;
	size_t off; /* of the next byte to read */
};

void rbuf_init(struct rbuf *r, const void *data, size_t len);
size_t rbuf_left(const struct rbuf *r);

/* Big-endian getters.  0, or -1 with nothing moved or changed. */
int rbuf_u8(struct rbuf *r, uint8_t *v);
int rbuf_be16(struct rbuf *r, uint16_t *v);
int rbuf_be32(struct rbuf *r, uint32_t *v);
int rbuf_be64(struct rbuf *r, uint64_t *v);

/* Lend the next n bytes: *p points into the reader's data. */
int rbuf_bytes(struct rbuf *r, size_t n, const uint8_t **p);

/* A reader of its own over the next n bytes, which r steps over. */
int rbuf_sub(struct rbuf *r, size_t n, struct rbuf *sub);

struct wbuf {
	uint8_t *data; /* owned */
	size_t len;
	size_t cap;
	size_t max; /* the limit; 0: none */
	bool failed;
};

void wbuf_init(struct wbuf *w, size_t max);

/* Wipe and free the bytes (they may hold secrets); the struct is empty. */
void wbuf_release(struct wbuf *w);

void wbuf_u8(struct wbuf *w, uint8_t v);
void wbuf_be16(struct wbuf *w, uint16_t v);
void wbuf_be32(struct wbuf *w, uint32_t v);
void wbuf_be64(struct wbuf *w, uint64_t v);
void wbuf_bytes(struct wbuf *w, const void *p, size_t n);
void wbuf_printf(struct wbuf *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Overwrite two or four bytes written earlier; off must lie inside. */
void wbuf_patch_be16(struct wbuf *w, size_t off, uint16_t v);
void wbuf_patch_be32(struct wbuf *w, size_t off, uint32_t v);

/*
 * Hand the bytes over: the caller frees *data with free().  -1 if a write
 * failed (nothing is handed over then and the buffer is released).
 */
int wbuf_detach(struct wbuf *w, uint8_t **data, size_t *len);

#endif
