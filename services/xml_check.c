#include "services/xml_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define ATTRIBUTES_MAX 64 /* of one element */

struct text {
	const char *p;
	size_t len;
};

struct scan {
	const char *xml;
	size_t len;
	size_t off; /* of what is read next */
	struct text open[XML_CHECK_DEPTH]; /* names of the elements around */
	size_t depth;
	struct err *e;
};

size_t
xml_character(const void *p, size_t left)
{
	const uint8_t *c = p;

	if (left == 0)
		return 0;
	if (c[0] == '\t' || c[0] == '\n' || c[0] == '\r' || c[0] == 0x7f)
		return 1;
	if (left >= 2 && c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
		return 2;
	/* U+FFFE and U+FFFF */
	if (left >= 3 && c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe)
		return 0;
	return str_utf8(p, left);
}

static int
broken(const struct scan *s, const char *rule)
{
	size_t line = 1;

	for (size_t i = 0; i < s->off && i < s->len; i++)
		line += s->xml[i] == '\n';
	return err_set(s->e, ERR_FORMAT, "line %zu: %s", line, rule);
}

static bool
looking_at(const struct scan *s, const char *text)
{
	size_t n = strlen(text);

	return s->len - s->off >= n && memcmp(s->xml + s->off, text, n) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* True when there was some. */
static bool
skip_space(struct scan *s)
{
	size_t start = s->off;

	while (s->off < s->len && is_space(s->xml[s->off]))
		s->off++;
	return s->off > start;
}

/* Letters, digits, what names may have beside them, all but ASCII. */
static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '-' ||
	    c == '.' || (unsigned char)c >= 0x80;
}

static int
read_name(struct scan *s, struct text *name)
{
	size_t start = s->off;

	while (s->off < s->len && is_name_char(s->xml[s->off]))
		s->off++;
	*name = (struct text) { s->xml + start, s->off - start };
	if (name->len == 0 || name->p[0] == '-' || name->p[0] == '.' ||
	    (name->p[0] >= '0' && name->p[0] <= '9')) {
		s->off = start;
		return broken(s, "a name is missing");
	}
	return 0;
}

static bool
same_name(const struct text *a, const struct text *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

/* Step behind the next occurrence of end; what lies between is any text. */
static int
skip_to(struct scan *s, const char *end, const char *rule)
{
	const size_t start = s->off;

	while (s->off < s->len && !looking_at(s, end))
		s->off++;
	if (s->off < s->len) {
		s->off += strlen(end);
		return 0;
	}
	s->off = start;
	return broken(s, rule);
}

/* The digits of &#10; or &#xa; and what they stand for. */
static int
read_reference(struct scan *s)
{
	bool hex = looking_at(s, "x");
	uint32_t base = hex ? 16 : 10;
	uint32_t c = 0;
	size_t start;

	s->off += hex;
	start = s->off;
	for (; s->off < s->len && s->xml[s->off] != ';'; s->off++) {
		static const char digits[] = "0123456789abcdef";
		char d = s->xml[s->off];
		const char *at =
		    strchr(digits, d >= 'A' && d <= 'F' ? d - 'A' + 'a' : d);

		if (d == '\0' || at == NULL ||
		    (uint32_t)(at - digits) >= base || c > 0x10ffff)
			return broken(s, "a wrong digit after \"&#\"");
		c = c * base + (uint32_t)(at - digits);
	}
	if (s->off == start || s->off == s->len || c > 0x10ffff ||
	    (c < 0x20 && c != 9 && c != 10 && c != 13) ||
	    (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe || c == 0xffff)
		return broken(s, "no character after \"&#\"");
	s->off++;
	return 0;
}

/* Behind a '&'. */
static int
read_entity(struct scan *s)
{
	static const char *const known[] = { "amp;", "lt;", "gt;", "quot;",
		"apos;" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (looking_at(s, known[i])) {
			s->off += strlen(known[i]);
			return 0;
		}
	}
	if (!looking_at(s, "#"))
		return broken(s, "'&' must be written \"&amp;\"");
	s->off++;
	return read_reference(s);
}

/* Text up to the byte `end`, which is not read; '<' always ends it. */
static int
read_text(struct scan *s, char end)
{
	while (
	    s->off < s->len && s->xml[s->off] != end && s->xml[s->off] != '<') {
		if (looking_at(s, "]]>"))
			return broken(s, "\"]]>\" in text");
		if (s->xml[s->off++] == '&' && read_entity(s) == -1)
			return -1;
	}
	return 0;
}

static int
read_attribute(struct scan *s, struct text *name)
{
	char quote;

	if (read_name(s, name) == -1)
		return -1;
	(void)skip_space(s);
	if (!looking_at(s, "="))
		return broken(s, "an attribute has no '='");
	s->off++;
	(void)skip_space(s);
	if (!looking_at(s, "\"") && !looking_at(s, "'"))
		return broken(s, "an attribute has no quoted value");
	quote = s->xml[s->off++];
	if (read_text(s, quote) == -1)
		return -1;
	if (s->off == s->len || s->xml[s->off] != quote)
		return broken(s, "the value of an attribute does not end");
	s->off++;
	return 0;
}

/* Attributes and the end of a start tag; *empty: it was <a/>. */
static int
read_tag_rest(struct scan *s, bool *empty)
{
	struct text seen[ATTRIBUTES_MAX];
	size_t n = 0;

	for (;;) {
		bool space = skip_space(s);

		*empty = looking_at(s, "/>");
		if (*empty || looking_at(s, ">")) {
			s->off += *empty ? 2 : 1;
			return 0;
		}
		if (!space || s->off == s->len)
			return broken(s, "a tag does not end");
		if (n == ATTRIBUTES_MAX)
			return broken(s, "too many attributes");
		if (read_attribute(s, &seen[n]) == -1)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (same_name(&seen[i], &seen[n]))
				return broken(s, "an attribute stands twice");
		n++;
	}
}

static int
read_start_tag(struct scan *s)
{
	struct text name;
	bool empty = false;

	s->off++;
	if (read_name(s, &name) == -1 || read_tag_rest(s, &empty) == -1)
		return -1;
	if (empty)
		return 0;
	if (s->depth == XML_CHECK_DEPTH)
		return broken(s, "elements are more than 64 deep");
	s->open[s->depth++] = name;
	return 0;
}

static int
read_end_tag(struct scan *s)
{
	struct text name;

	s->off += 2;
	if (read_name(s, &name) == -1)
		return -1;
	if (!same_name(&name, &s->open[s->depth - 1]))
		return broken(s, "an end tag is not that of the last start");
	(void)skip_space(s);
	if (!looking_at(s, ">"))
		return broken(s, "a tag does not end");
	s->off++;
	s->depth--;
	return 0;
}

static int
skip_comment(struct scan *s)
{
	s->off += 4;
	if (skip_to(s, "--", "a comment does not end") == -1)
		return -1;
	if (!looking_at(s, ">"))
		return broken(s, "\"--\" in a comment");
	s->off++;
	return 0;
}

/* <?name …?>; the declaration stands at the very beginning only. */
static int
skip_instruction(struct scan *s)
{
	struct text name;

	s->off += 2;
	if (read_name(s, &name) == -1)
		return -1;
	if (name.len == 3 && memcmp(name.p, "xml", 3) == 0)
		return broken(s, "an XML declaration inside of the document");
	return skip_to(s, "?>", "a processing instruction does not end");
}

/* White space, comments and instructions in front of and behind the root. */
static int
skip_around(struct scan *s)
{
	for (;;) {
		int rc = 0;

		(void)skip_space(s);
		if (looking_at(s, "<!--"))
			rc = skip_comment(s);
		else if (looking_at(s, "<?"))
			rc = skip_instruction(s);
		else
			return 0;
		if (rc == -1)
			return -1;
	}
}

/* One piece of the root's content. */
static int
read_piece(struct scan *s)
{
	if (s->xml[s->off] != '<')
		return read_text(s, '<');
	if (looking_at(s, "</"))
		return read_end_tag(s);
	if (looking_at(s, "<!--"))
		return skip_comment(s);
	if (looking_at(s, "<![CDATA[")) {
		s->off += strlen("<![CDATA[");
		return skip_to(s, "]]>", "a CDATA section does not end");
	}
	if (looking_at(s, "<?"))
		return skip_instruction(s);
	if (looking_at(s, "<!"))
		return broken(s, "a declaration inside of an element");
	return read_start_tag(s);
}

/* <?xml version="1.0" encoding="UTF-8"?>, each of the two in either quotes. */
static int
read_declaration(struct scan *s)
{
	static const char *const forms[] = {
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>",
		"<?xml version='1.0' encoding='UTF-8'?>",
		"<?xml version=\"1.0\"?>",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (looking_at(s, forms[i])) {
			s->off += strlen(forms[i]);
			return 0;
		}
	}
	if (looking_at(s, "<?xml ") || looking_at(s, "<?xml\t"))
		return broken(s,
		    "the first line must be "
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	return 0;
}

static int
check_characters(struct scan *s)
{
	size_t n;

	for (; s->off < s->len; s->off += n) {
		n = 1; /* printable ASCII, as most of it is */
		if (s->xml[s->off] >= ' ' && s->xml[s->off] <= '~')
			continue;
		n = xml_character(s->xml + s->off, s->len - s->off);
		if (n == 0)
			return broken(s, "a byte that is no text in UTF-8");
	}
	s->off = 0;
	return 0;
}

int
xml_check(const void *text, size_t len, struct err *e)
{
	struct scan s = { .xml = text, .len = len, .e = e };

	if (check_characters(&s) == -1 || read_declaration(&s) == -1 ||
	    skip_around(&s) == -1)
		return -1;
	if (looking_at(&s, "<!"))
		return broken(&s, "a document type is not allowed");
	if (!looking_at(&s, "<"))
		return broken(&s, "no element");
	if (read_start_tag(&s) == -1)
		return -1;
	while (s.depth > 0) {
		if (s.off == s.len)
			return broken(&s, "an element does not end");
		if (read_piece(&s) == -1)
			return -1;
	}
	if (skip_around(&s) == -1)
		return -1;
	return s.off == s.len ? 0 : broken(&s, "text behind the last end tag");
}
