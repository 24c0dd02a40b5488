/*
 * Strings: checked copies, lists, numbers, and text of strangers made fit
 * for a terminal.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Copy src into dst of size bytes, always terminated (size > 0).  Returns 0,
 * or -1 when it had to be cut.
 */
int str_copy(char *dst, size_t size, const char *src);

/* snprintf() that returns 0, or -1 when the text had to be cut. */
int str_printf(char *dst, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

bool str_equal(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* For hash tables of names that strangers do not choose (FNV-1a). */
uint32_t str_hash(const char *s);

/*
 * The length of the UTF-8 sequence at s, of which left bytes are there, if it
 * is the shortest form of a character that is no surrogate and no control
 * (C0, DEL, C1); else 0.
 */
size_t str_utf8(const void *s, size_t left);

/*
 * Write n bytes of s into dst so that no control byte, escape sequence or
 * broken UTF-8 reaches a terminal or a log: such bytes become \xHH, a
 * backslash becomes \\.  Newline and tab are escaped too (\n, \t).  The
 * result is cut at size, always terminated.  Returns dst.
 */
char *str_visible(char *dst, size_t size, const void *s, size_t n);

/* As above in memory of its own; free with free(). */
char *str_visible_dup(const void *s, size_t n);

/*
 * A decimal number without sign, blanks or leading '+', within min..max.
 * 0 or -1.
 */
int str_number(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* Lower-case hex of n bytes into dst of at least 2 * n + 1 bytes. */
void str_hex(char *dst, const uint8_t *p, size_t n);

/* Exactly 2 * n hex digits into n bytes.  0 or -1. */
int str_unhex(uint8_t *dst, size_t n, const char *hex);

struct strlist {
	char **item; /* owned, n of them */
	size_t n;
};

#define STRLIST_INIT                 \
	{                            \
		.item = NULL, .n = 0 \
	}

/* Append a copy. */
void strlist_add(struct strlist *l, const char *s);
void strlist_add_n(struct strlist *l, const char *s, size_t n);
bool strlist_has(const struct strlist *l, const char *s);
void strlist_sort(struct strlist *l);
void strlist_release(struct strlist *l);

#endif
