#include "base/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void
csv_init(struct csv *c, const void *text, size_t len)
{
	c->text = text;
	c->len = len;
	c->off = 0;
	c->line = 1;
	c->field = 1;
	if (len >= strlen(BYTE_ORDER_MARK) &&
	    memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		c->off = strlen(BYTE_ORDER_MARK);
}

static int
broken(const struct csv *c, const char *rule, struct err *e)
{
	return err_set(e, ERR_FORMAT, "line %u, field %zu: %s", c->line,
	    c->field, rule);
}

/* How many bytes the line end at the present place has; 0: there is none. */
static size_t
line_end(const struct csv *c)
{
	const char *p = c->text + c->off;
	size_t left = c->len - c->off;

	if (left >= 1 && p[0] == '\n')
		return 1;
	if (left >= 2 && p[0] == '\r' && p[1] == '\n')
		return 2;
	return 0;
}

/* Up to a comma or the end of the line. */
static int
read_plain(struct csv *c, struct strlist *fields, struct err *e)
{
	size_t start = c->off;

	for (; c->off < c->len && c->text[c->off] != ','; c->off++) {
		if (line_end(c) > 0)
			break;
		if (c->text[c->off] == '"')
			return broken(c, "a quote inside of a field", e);
		if (c->text[c->off] == '\r')
			return broken(c, "a carriage return alone", e);
		if (c->text[c->off] == '\0')
			return broken(c, "a NUL byte", e);
	}
	strlist_add_n(fields, c->text + start, c->off - start);
	return 0;
}

/* Behind the first quote. */
static int
read_quoted(struct csv *c, struct strlist *fields, struct err *e)
{
	unsigned begun = c->line;
	struct wbuf w;

	wbuf_init(&w, 0);
	for (; c->off < c->len; c->off++) {
		char byte = c->text[c->off];

		if (byte == '\0') {
			wbuf_release(&w);
			return broken(c, "a NUL byte", e);
		}
		c->line += byte == '\n';
		if (byte == '"') {
			if (c->off + 1 == c->len || c->text[c->off + 1] != '"')
				break;
			c->off++;
		}
		wbuf_u8(&w, (uint8_t)byte);
	}
	if (c->off == c->len) {
		c->line = begun;
		wbuf_release(&w);
		return broken(c, "a quote does not end", e);
	}
	c->off++;
	strlist_add_n(fields, w.len > 0 ? (const char *)w.data : "", w.len);
	wbuf_release(&w);
	return 0;
}

/* One field and the comma or line end behind it; *last: the latter. */
static int
read_field(struct csv *c, struct strlist *fields, bool *last, struct err *e)
{
	size_t end;
	int rc;

	*last = true;
	c->field = fields->n + 1;
	if (c->off < c->len && c->text[c->off] == '"') {
		c->off++;
		rc = read_quoted(c, fields, e);
	} else {
		rc = read_plain(c, fields, e);
	}
	if (rc == -1 || c->off == c->len)
		return rc;
	end = line_end(c);
	if (end > 0) {
		c->off += end;
		c->line++;
		return 0;
	}
	if (c->text[c->off] != ',')
		return broken(c, "text behind a quoted field", e);
	c->off++;
	*last = false;
	return 0;
}

int
csv_next(struct csv *c, struct strlist *fields, unsigned *line, struct err *e)
{
	bool last = c->off == c->len;

	*line = c->line;
	while (!last) {
		if (read_field(c, fields, &last, e) == -1) {
			strlist_release(fields);
			return -1;
		}
	}
	return 0;
}

/* Not only what would be read as something else: blanks at an end get lost. */
static bool
needs_quotes(const char *text)
{
	size_t len = strlen(text);

	return strpbrk(text, ",\"\r\n") != NULL ||
	    str_starts(text, BYTE_ORDER_MARK) ||
	    (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
}

void
csv_put(struct wbuf *w, const char *text, char end)
{
	if (needs_quotes(text)) {
		wbuf_u8(w, '"');
		for (; *text != '\0'; text++) {
			if (*text == '"')
				wbuf_u8(w, '"');
			wbuf_u8(w, (uint8_t)*text);
		}
		wbuf_u8(w, '"');
	} else {
		wbuf_bytes(w, text, strlen(text));
	}
	wbuf_u8(w, (uint8_t)end);
}
