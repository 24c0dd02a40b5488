#include "commands/file_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

void
file_lines_init(struct file_lines *l, int fd, int64_t pos)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->pos = pos;
	/* The last byte stays NUL: see regexp_match(). */
	l->buf = mem_alloc(FILE_LINES_BUFFER + 1);
}

void
file_lines_release(struct file_lines *l)
{
	free(l->buf);
	memset(l, 0, sizeof(*l));
}

/* Read more behind what is there, which is moved to the front. */
static int
fill(struct file_lines *l, struct err *e)
{
	ssize_t n;

	memmove(l->buf, l->buf + l->off, l->len - l->off);
	l->len -= l->off;
	l->off = 0;
	do
		n = read(l->fd, l->buf + l->len, FILE_LINES_BUFFER - l->len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_errno(e, "read");
	l->end = n == 0;
	l->len += (size_t)n;
	return 0;
}

/* At most n bytes that end between two characters. */
static size_t
cut(const char *p, size_t n)
{
	size_t i;

	for (i = n; i + 4 > n && i > 0; i--) {
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return i;
	}
	return n;
}

static void
hand_out(struct file_lines *l, size_t n, size_t used, const char **line,
    size_t *len)
{
	*line = l->buf + l->off;
	*len = n;
	l->off += used;
	l->pos += (int64_t)used;
}

int
file_lines_next(struct file_lines *l, bool whole, const char **line, size_t *n,
    struct err *e)
{
	l->end = false;
	for (;;) {
		size_t have, look;
		const char *p, *newline;

		have = l->len - l->off;
		look = have > FILE_LINE_MAX ? FILE_LINE_MAX + 1 : have;
		p = l->buf + l->off;
		newline = look == 0 ? NULL : memchr(p, '\n', look);
		if (newline != NULL) {
			size_t len;

			len = (size_t)(newline - p);
			hand_out(l, len, len + 1, line, n);
			return 1;
		}
		if (have > FILE_LINE_MAX) {
			size_t len;

			len = cut(p, FILE_LINE_MAX);
			hand_out(l, len, len, line, n);
			return 1;
		}
		if (l->end) {
			if (have == 0 || whole)
				return 0;
			hand_out(l, have, have, line, n);
			return 1;
		}
		if (fill(l, e) == -1)
			return -1;
	}
}

void
file_line_print(struct out *out, const char *line, size_t n)
{
	size_t i, from = 0;

	for (i = 0; i <= n; i++) {
		if (i < n && line[i] != '\t' && line[i] != '\\')
			continue;
		if (i > from)
			out_visible(out, line + from, i - from);
		if (i < n)
			out_write(out, line + i, 1);
		from = i + 1;
	}
	out_write(out, "\n", 1);
}
