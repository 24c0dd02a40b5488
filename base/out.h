/*
 * Where commands print.  One object, two forms: in text form the out_printf
 * family prints and the JSON calls do nothing; in JSON form it is the other
 * way round and the document is printed by out_finish().  So one function
 * can describe a result for both.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum out_form {
	OUT_TEXT,
	OUT_JSON
};

struct out;

/* Print to a file descriptor, which stays the caller's. */
struct out *out_new_fd(int fd, enum out_form form);

/* Collect in memory: for tests and pagers. */
struct out *out_new_mem(enum out_form form);

/*
 * Hand every piece of text to fn(self, text, len) instead of printing it
 * (a pager).  fn returns 0, or -1 to refuse all further text.
 */
struct out *out_new_fn(int (*fn)(void *self, const char *s, size_t n),
    void *self, enum out_form form);

void out_free(struct out *o);

/* True in JSON form. */
bool out_json(const struct out *o);

/* Text form only. */
void out_printf(struct out *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void out_puts(struct out *o, const char *s); /* no newline added */
void out_write(struct out *o, const void *p, size_t n);

/* n bytes of a stranger's text, made visible as by str_visible(). */
void out_visible(struct out *o, const void *p, size_t n);

/*
 * JSON form only.  key is NULL inside an array and for the outermost value;
 * the outermost call must open an object or an array.  Unbalanced calls are
 * a BUG().  Text that is not UTF-8 is escaped as by str_visible().
 */
void out_object(struct out *o, const char *key);
void out_array(struct out *o, const char *key);
void out_end(struct out *o); /* closes the innermost object or array */
void out_string(struct out *o, const char *key, const char *value);
void out_int(struct out *o, const char *key, int64_t value);
void out_bool(struct out *o, const char *key, bool value);
void out_null(struct out *o, const char *key);

/*
 * Flush text, print the JSON document with a newline.  0, or -1 when some
 * write failed (errno of the first failure).
 */
int out_finish(struct out *o);

/*
 * True when more text would go nowhere: a write failed, or the pager was
 * left.  What prints a lot looks now and then.
 */
bool out_failed(const struct out *o);

/* Text is written at once to its descriptor so far; keeps nothing back. */
void out_flush(struct out *o);

/* What a memory out holds so far; lent. */
const char *out_text(const struct out *o);

#endif
