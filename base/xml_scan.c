#include "base/xml_scan.h"

#include <string.h>

bool
xml_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
xml_text_is(const struct xml_text *t, const char *text)
{
	return t->len == strlen(text) && memcmp(t->p, text, t->len) == 0;
}

bool
xml_text_same(const struct xml_text *a, const struct xml_text *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

/* Letters, digits, what names may have beside them, all but ASCII. */
static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '-' ||
	    c == '.' || (unsigned char)c >= 0x80;
}

size_t
xml_scan_name(const struct xml_text *t)
{
	size_t n = 0;

	while (n < t->len && is_name_char(t->p[n]))
		n++;
	if (n == 0 || t->p[0] == '-' || t->p[0] == '.' ||
	    (t->p[0] >= '0' && t->p[0] <= '9'))
		return 0;
	return n;
}

void
xml_scan_init(struct xml_scan *s, const void *xml, size_t len, size_t off)
{
	s->xml = xml;
	s->len = len;
	s->off = off;
	s->fault = XML_NO_ELEMENT;
	s->rooted = false;
	s->depth = 0;
}

static int
broken(struct xml_scan *s, size_t off, enum xml_fault fault)
{
	s->off = off;
	s->fault = fault;
	return -1;
}

static bool
looking_at(const struct xml_scan *s, const char *text)
{
	size_t n = strlen(text);

	return s->len - s->off >= n && memcmp(s->xml + s->off, text, n) == 0;
}

/* True when there was some. */
static bool
skip_space(struct xml_scan *s)
{
	const size_t start = s->off;

	while (s->off < s->len && xml_is_space(s->xml[s->off]))
		s->off++;
	return s->off > start;
}

/* The bytes from an offset to what is read next. */
static struct xml_text
since(const struct xml_scan *s, size_t start)
{
	return (struct xml_text) { s->xml + start, s->off - start };
}

static int
read_name(struct xml_scan *s, struct xml_text *name)
{
	const struct xml_text rest = { s->xml + s->off, s->len - s->off };

	*name = (struct xml_text) { rest.p, xml_scan_name(&rest) };
	if (name->len == 0)
		return broken(s, s->off, XML_NO_NAME);
	s->off += name->len;
	return 0;
}

static int
read_attribute(struct xml_scan *s)
{
	struct xml_text name;
	size_t start;
	char quote;

	if (read_name(s, &name) == -1)
		return -1;
	(void)skip_space(s);
	if (!looking_at(s, "="))
		return broken(s, s->off, XML_NO_EQUALS);
	s->off++;
	(void)skip_space(s);
	if (!looking_at(s, "\"") && !looking_at(s, "'"))
		return broken(s, s->off, XML_NO_VALUE);
	quote = s->xml[s->off++];
	start = s->off;
	for (; s->off < s->len && s->xml[s->off] != quote; s->off++)
		if (s->xml[s->off] == '<')
			return broken(s, s->off, XML_VALUE_TAG);
	if (s->off == s->len)
		return broken(s, start, XML_VALUE_CUT);
	s->off++;
	return 0;
}

/* Attributes and the end of a start tag, which says what kind it is. */
static int
read_attributes(struct xml_scan *s, struct xml_piece *p)
{
	const size_t start = s->off;

	for (;;) {
		bool space = skip_space(s);

		p->attributes = since(s, start);
		p->kind = looking_at(s, "/>") ? XML_EMPTY : XML_START;
		if (p->kind == XML_EMPTY || looking_at(s, ">")) {
			s->off += p->kind == XML_EMPTY ? 2 : 1;
			return 1;
		}
		if (!space)
			return broken(s, s->off, XML_TAG_JUNK);
		if (s->off == s->len)
			return broken(s, s->off, XML_TAG_CUT);
		if (read_attribute(s) == -1)
			return -1;
	}
}

static int
read_start(struct xml_scan *s, struct xml_piece *p)
{
	const size_t start = s->off++;

	if (read_name(s, &p->inside) == -1 || read_attributes(s, p) == -1)
		return -1;
	p->whole = since(s, start);
	s->rooted = true;
	if (p->kind == XML_EMPTY)
		return 1;
	if (s->depth == XML_SCAN_DEPTH)
		return broken(s, start, XML_TOO_DEEP);
	s->open[s->depth++] = p->inside;
	return 1;
}

static int
read_end(struct xml_scan *s, struct xml_piece *p)
{
	const size_t start = s->off;

	s->off += 2;
	if (read_name(s, &p->inside) == -1)
		return -1;
	if (!xml_text_same(&p->inside, &s->open[s->depth - 1]))
		return broken(s, start, XML_END_OTHER);
	(void)skip_space(s);
	if (!looking_at(s, ">"))
		return broken(s, s->off, XML_END_JUNK);
	s->off++;
	p->kind = XML_END;
	p->whole = since(s, start);
	p->depth = --s->depth;
	return 1;
}

static int
read_characters(struct xml_scan *s, struct xml_piece *p)
{
	const size_t start = s->off;
	const char *end = memchr(s->xml + start, '<', s->len - start);

	s->off = end == NULL ? s->len : (size_t)(end - s->xml);
	p->kind = XML_CHARACTERS;
	p->whole = p->inside = since(s, start);
	return 1;
}

/* What begins with one text and goes on to the next occurrence of another. */
struct enclosure {
	const char *begin;
	const char *end;
	enum xml_kind kind;
	enum xml_fault cut;
};

static int
read_enclosed(struct xml_scan *s, const struct enclosure *x,
    struct xml_piece *p)
{
	const size_t start = s->off, inside = start + strlen(x->begin);

	s->off = inside;
	while (s->off < s->len && !looking_at(s, x->end))
		s->off++;
	if (s->off == s->len)
		return broken(s, inside, x->cut);
	p->kind = x->kind;
	p->inside = since(s, inside);
	s->off += strlen(x->end);
	p->whole = since(s, start);
	return 1;
}

static const struct enclosure comment = { "<!--", "-->", XML_COMMENT,
	XML_COMMENT_CUT };
static const struct enclosure instruction = { "<?", "?>", XML_INSTRUCTION,
	XML_INSTRUCTION_CUT };
static const struct enclosure cdata = { "<![CDATA[", "]]>", XML_CDATA,
	XML_CDATA_CUT };

/* In front of the root and behind it. */
static int
next_around(struct xml_scan *s, struct xml_piece *p)
{
	(void)skip_space(s);
	if (looking_at(s, comment.begin))
		return read_enclosed(s, &comment, p);
	if (looking_at(s, instruction.begin))
		return read_enclosed(s, &instruction, p);
	if (s->rooted)
		return s->off == s->len ? 0 : broken(s, s->off, XML_BEHIND);
	if (looking_at(s, "<!"))
		return broken(s, s->off, XML_DOCUMENT_TYPE);
	if (!looking_at(s, "<"))
		return broken(s, s->off, XML_NO_ELEMENT);
	return read_start(s, p);
}

int
xml_scan_next(struct xml_scan *s, struct xml_piece *p)
{
	*p = (struct xml_piece) { .depth = s->depth };
	if (s->depth == 0)
		return next_around(s, p);
	if (s->off == s->len)
		return broken(s, s->off, XML_ELEMENT_CUT);
	if (s->xml[s->off] != '<')
		return read_characters(s, p);
	if (looking_at(s, "</"))
		return read_end(s, p);
	if (looking_at(s, comment.begin))
		return read_enclosed(s, &comment, p);
	if (looking_at(s, cdata.begin))
		return read_enclosed(s, &cdata, p);
	if (looking_at(s, instruction.begin))
		return read_enclosed(s, &instruction, p);
	if (looking_at(s, "<!"))
		return broken(s, s->off, XML_DECLARATION);
	return read_start(s, p);
}

/* Step n bytes on, and over the white space there. */
static void
advance(struct xml_text *t, size_t n)
{
	while (n < t->len && xml_is_space(t->p[n]))
		n++;
	t->p += n;
	t->len -= n;
}

bool
xml_scan_attribute(struct xml_text *rest, struct xml_text *name,
    struct xml_text *value)
{
	const char *end;

	advance(rest, 0);
	if (rest->len == 0)
		return false;
	/* The scanner has seen that all of it is there. */
	*name = (struct xml_text) { rest->p, xml_scan_name(rest) };
	advance(rest, name->len);
	advance(rest, 1);
	end = memchr(rest->p + 1, rest->p[0], rest->len - 1);
	*value = (struct xml_text) { rest->p + 1, (size_t)(end - rest->p) - 1 };
	advance(rest, value->len + 2);
	return true;
}
