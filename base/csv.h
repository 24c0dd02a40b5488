/*
 * Tables as text: RFC 4180, read strictly.  Records end with CR LF or LF, the
 * last one also with the text; a field may stand in double quotes, and then
 * hold commas, line ends and, written twice, quotes.  A byte order mark in
 * front is skipped.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/str.h"

struct csv {
	const char *text; /* lent */
	size_t len;
	size_t off;
	unsigned line; /* of what is read next, from 1 */
	size_t field; /* of its record that was read last, from 1 */
};

void csv_init(struct csv *c, const void *text, size_t len);

/*
 * The next record: its fields into the empty list, at least one (an empty
 * line is a record of one empty field), and in *line where it begins.  With
 * no record left the list stays empty.  -1 with ERR_FORMAT, line, field (from
 * 1) and rule; the list is empty then.
 */
int csv_next(struct csv *c, struct strlist *fields, unsigned *line,
    struct err *e);

/*
 * Write a field, in quotes if it needs them, and end behind it: ',', or '\n'
 * after the last one of a record.  csv_next() reads the same; text holds no
 * NUL byte.
 */
void csv_put(struct wbuf *w, const char *text, char end);

#endif
