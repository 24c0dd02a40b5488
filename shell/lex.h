/*
 * A typed line as words.  Words are separated by blanks; nothing is quoted
 * and no character is special.
 */
#ifndef SHELL_LEX_H
#define SHELL_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define LEX_LINE_MAX 16384 /* bytes of one line */

struct lex_word {
	size_t off;
	size_t len;
};

struct lex {
	struct lex_word *word; /* owned, n of them */
	size_t n;
	bool open; /* the last word ends with the line: still being typed */
};

/* Split len bytes of line.  Release with lex_release(). */
void lex_split(struct lex *l, const char *line, size_t len);
void lex_release(struct lex *l);

/*
 * 0 when the bytes are text that a command may be given: UTF-8, no control
 * bytes but tab and newline (they separate words), not too long.  -1 with
 * ERR_USAGE and the sentence for the user.
 */
int lex_check(const char *line, size_t len, struct err *e);

/* What lex_check() says of a line that is too long. */
int lex_too_long(struct err *e);

#endif
