/*
 * Memory.  Running out of memory ends the program (a supervisor restarts
 * it), so no caller checks for NULL.  Sizes that come from outside are
 * capped by the caller before they get here.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* n zeroed bytes; n may be 0.  Free with free(). */
void *mem_alloc(size_t n);

/* n elements of size bytes, zeroed, the product checked. */
void *mem_array(size_t n, size_t size);

/*
 * realloc() to n elements of size bytes, the product checked.  New bytes are
 * not zeroed.
 */
void *mem_resize(void *p, size_t n, size_t size);

char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
void *mem_dup(const void *p, size_t n);

/* A formatted string of its own.  Free with free(). */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Overwrite n bytes so that the compiler cannot leave it out. */
void mem_wipe(void *p, size_t n);

/*
 * Overwrite the stack below the caller, 64 KiB of it.  For a program that
 * lives on after it had passwords in hand: what functions have left there,
 * and what a signal found in registers and saved there.
 */
void mem_wipe_stack(void);

/* Wipe n bytes, then free.  NULL-safe. */
void mem_free_wiped(void *p, size_t n);

/*
 * A text that must not outlive its use: passwords, passphrases.  The text is
 * NUL-terminated and owned by the struct.
 */
struct secret {
	char *text; /* NULL: none */
	size_t len; /* without the NUL */
};

/* Copy n bytes of s into a fresh secret.  *out is overwritten. */
void secret_set(struct secret *out, const char *s, size_t n);

/*
 * The same text?  Takes the same time wherever two of the same length
 * differ.  "None" is equal to nothing.
 */
bool secret_equal(const struct secret *a, const struct secret *b);

/* Wipe and free the text; the struct becomes "none".  NULL-safe. */
void secret_release(struct secret *s);

#endif
