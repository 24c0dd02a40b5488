#include "shell/lex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
lex_split(struct lex *l, const char *line, size_t len)
{
	size_t i = 0, cap = 0;

	memset(l, 0, sizeof(*l));
	for (;;) {
		size_t from;

		while (i < len && is_blank(line[i]))
			i++;
		if (i == len)
			return;
		from = i;
		while (i < len && !is_blank(line[i]))
			i++;
		if (l->n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			l->word = mem_resize(l->word, cap, sizeof(*l->word));
		}
		l->word[l->n].off = from;
		l->word[l->n].len = i - from;
		l->n++;
		l->open = i == len;
	}
}

void
lex_release(struct lex *l)
{
	free(l->word);
	memset(l, 0, sizeof(*l));
}

/*
 * Length of the UTF-8 character at p of n bytes; 0 when it is none, or is a
 * control character (C1 ones included).
 */
static size_t
character(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	size_t len, i;

	if (p[0] < 0x80)
		return (p[0] < 0x20 && !is_blank((char)p[0])) || p[0] == 0x7f ?
		    0 :
		    1;
	if ((p[0] & 0xe0) == 0xc0)
		len = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3;
	else if ((p[0] & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	if (len > n)
		return 0;
	c = p[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (c >= 0x80 && c < 0xa0))
		return 0;
	return len;
}

int
lex_too_long(struct err *e)
{
	return err_set(e, ERR_USAGE,
	    "The line is longer than %d bytes and was not run.", LEX_LINE_MAX);
}

int
lex_check(const char *line, size_t len, struct err *e)
{
	const uint8_t *p = (const uint8_t *)line;
	size_t i = 0;

	if (len > LEX_LINE_MAX)
		return lex_too_long(e);
	while (i < len) {
		size_t step;

		step = character(p + i, len - i);
		if (step == 0)
			return err_set(e, ERR_USAGE,
			    "Byte %zu of the line (0x%02x) is not text; "
			    "the line was not run.",
			    i + 1, (unsigned)p[i]);
		i += step;
	}
	return 0;
}
