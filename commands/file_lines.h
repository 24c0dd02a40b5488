/*
 * A file line by line, in a memory that does not depend on the file: a line
 * that is longer than FILE_LINE_MAX bytes comes in pieces.
 */
#ifndef COMMANDS_FILE_LINES_H
#define COMMANDS_FILE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/out.h"

#define FILE_LINE_MAX 8192
#define FILE_LINES_BUFFER 65536

struct file_lines {
	int fd; /* borrowed */
	char *buf;
	size_t off; /* of the next line */
	size_t len;
	int64_t pos; /* of the next line, in the file */
	bool end; /* the file has no more for now */
};

/* Begin at the descriptor's position, which is pos. */
void file_lines_init(struct file_lines *l, int fd, int64_t pos);
void file_lines_release(struct file_lines *l);

/*
 * The next line without its newline, lent to the next call: 1; 0 when there
 * is none; -1 with e.  The last line of a file may lack its newline: unless
 * whole, it is handed out all the same.
 */
int file_lines_next(struct file_lines *l, bool whole, const char **line,
    size_t *n, struct err *e);

/*
 * Print a line of a file and a newline: tabs as they are, what could act on
 * a terminal made visible.
 */
void file_line_print(struct out *out, const char *line, size_t n);

#endif
