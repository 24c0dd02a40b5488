/*
 * Regular expressions of users on files of strangers: POSIX extended ones.
 * What could take a regular expression compiler or matcher more than a
 * moment or more than some megabytes is refused: back references and huge
 * repetitions.
 */
#ifndef COMMANDS_REGEXP_H
#define COMMANDS_REGEXP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define REGEXP_MAX 512 /* bytes of an expression */
#define REGEXP_REPEAT_MAX 1000 /* the product of all {n} */

struct regexp;

/* 0, or -1 with the sentence what is wrong with it. */
int regexp_check(const char *text, struct err *e);

/* *out is the caller's.  0 or -1 as above. */
int regexp_new(struct regexp **out, const char *text, bool ignore_case,
    struct err *e);
void regexp_free(struct regexp *r);

/*
 * Does it match somewhere in these bytes?  They may hold NULs.  In their
 * memory some later byte is NUL, since sanitizers take any s for a string.
 */
bool regexp_match(struct regexp *r, const char *s, size_t n);

#endif
