#include "services/xml_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/xml_scan.h"

#define ATTRIBUTES_MAX 64 /* of one element */

struct check {
	const char *xml;
	size_t len;
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

/* This rule is broken at this offset. */
static int
broken(const struct check *c, size_t off, const char *rule)
{
	size_t line = 1;

	for (size_t i = 0; i < off && i < c->len; i++)
		line += c->xml[i] == '\n';
	return err_set(c->e, ERR_FORMAT, "line %zu: %s", line, rule);
}

static const char *
rule_of(enum xml_fault fault)
{
	switch (fault) {
	case XML_NO_ELEMENT:
		return "no element";
	case XML_DOCUMENT_TYPE:
		return "a document type is not allowed";
	case XML_NO_NAME:
		return "a name is missing";
	case XML_NO_EQUALS:
		return "an attribute has no '='";
	case XML_NO_VALUE:
		return "an attribute has no quoted value";
	case XML_VALUE_TAG:
	case XML_VALUE_CUT:
		return "the value of an attribute does not end";
	case XML_TAG_JUNK:
	case XML_TAG_CUT:
	case XML_END_JUNK:
		return "a tag does not end";
	case XML_END_OTHER:
		return "an end tag is not that of the last start";
	case XML_TOO_DEEP:
		return "elements are more than 64 deep";
	case XML_COMMENT_CUT:
		return "a comment does not end";
	case XML_INSTRUCTION_CUT:
		return "a processing instruction does not end";
	case XML_CDATA_CUT:
		return "a CDATA section does not end";
	case XML_ELEMENT_CUT:
		return "an element does not end";
	case XML_DECLARATION:
		return "a declaration inside of an element";
	case XML_BEHIND:
		return "text behind the last end tag";
	}
	return "it is no XML";
}

static bool
looking_at(const struct check *c, size_t off, const char *text)
{
	size_t n = strlen(text);

	return c->len - off >= n && memcmp(c->xml + off, text, n) == 0;
}

/* The digits of &#10; or &#xa; at *off and what they stand for. */
static int
read_reference(const struct check *c, size_t *off)
{
	bool hex = looking_at(c, *off, "x");
	uint32_t base = hex ? 16 : 10;
	uint32_t value = 0;
	size_t i = *off + hex;
	const size_t start = i;

	for (; i < c->len && c->xml[i] != ';'; i++) {
		static const char digits[] = "0123456789abcdef";
		char d = c->xml[i];
		const char *at =
		    strchr(digits, d >= 'A' && d <= 'F' ? d - 'A' + 'a' : d);

		if (d == '\0' || at == NULL ||
		    (uint32_t)(at - digits) >= base || value > 0x10ffff)
			return broken(c, i, "a wrong digit after \"&#\"");
		value = value * base + (uint32_t)(at - digits);
	}
	if (i == start || i == c->len || value > 0x10ffff ||
	    (value < 0x20 && value != 9 && value != 10 && value != 13) ||
	    (value >= 0xd800 && value <= 0xdfff) || value == 0xfffe ||
	    value == 0xffff)
		return broken(c, i, "no character after \"&#\"");
	*off = i + 1;
	return 0;
}

/* Behind a '&'. */
static int
read_entity(const struct check *c, size_t *off)
{
	static const char *const known[] = { "amp;", "lt;", "gt;", "quot;",
		"apos;" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (looking_at(c, *off, known[i])) {
			*off += strlen(known[i]);
			return 0;
		}
	}
	if (!looking_at(c, *off, "#"))
		return broken(c, *off, "'&' must be written \"&amp;\"");
	++*off;
	return read_reference(c, off);
}

/* Characters, or the value of an attribute. */
static int
check_text(const struct check *c, const struct xml_text *t)
{
	size_t off = (size_t)(t->p - c->xml);
	const size_t end = off + t->len;

	while (off < end) {
		if (looking_at(c, off, "]]>"))
			return broken(c, off, "\"]]>\" in text");
		if (c->xml[off++] == '&' && read_entity(c, &off) == -1)
			return -1;
	}
	return 0;
}

static int
check_attributes(const struct check *c, const struct xml_piece *p)
{
	struct xml_text seen[ATTRIBUTES_MAX], name, value;
	struct xml_text rest = p->attributes;
	size_t n = 0;

	while (xml_scan_attribute(&rest, &name, &value)) {
		const size_t off = (size_t)(name.p - c->xml);

		if (n == ATTRIBUTES_MAX)
			return broken(c, off, "too many attributes");
		if (check_text(c, &value) == -1)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (xml_text_same(&seen[i], &name))
				return broken(c, off,
				    "an attribute stands twice");
		seen[n++] = name;
	}
	return 0;
}

static int
check_comment(const struct check *c, const struct xml_text *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->p[i] == '-' && (i + 1 == t->len || t->p[i + 1] == '-'))
			return broken(c, (size_t)(t->p - c->xml) + i,
			    "\"--\" in a comment");
	return 0;
}

/* The declaration stands at the very beginning only. */
static int
check_instruction(const struct check *c, const struct xml_text *t)
{
	const struct xml_text name = { t->p, xml_scan_name(t) };
	const size_t off = (size_t)(t->p - c->xml);

	if (name.len == 0)
		return broken(c, off, rule_of(XML_NO_NAME));
	if (xml_text_is(&name, "xml"))
		return broken(c, off,
		    "an XML declaration inside of the document");
	return 0;
}

static int
check_piece(const struct check *c, const struct xml_piece *p)
{
	switch (p->kind) {
	case XML_START:
	case XML_EMPTY:
		return check_attributes(c, p);
	case XML_CHARACTERS:
		return check_text(c, &p->inside);
	case XML_COMMENT:
		return check_comment(c, &p->inside);
	case XML_INSTRUCTION:
		return check_instruction(c, &p->inside);
	case XML_END:
	case XML_CDATA:
		break;
	}
	return 0;
}

/* <?xml version="1.0" encoding="UTF-8"?>, each of the two in either quotes. */
static int
read_declaration(const struct check *c, size_t *off)
{
	static const char *const forms[] = {
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>",
		"<?xml version='1.0' encoding='UTF-8'?>",
		"<?xml version=\"1.0\"?>",
	};

	*off = 0;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (looking_at(c, 0, forms[i])) {
			*off = strlen(forms[i]);
			return 0;
		}
	}
	if (looking_at(c, 0, "<?xml ") || looking_at(c, 0, "<?xml\t"))
		return broken(c, 0,
		    "the first line must be "
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	return 0;
}

static int
check_characters(const struct check *c)
{
	size_t n;

	for (size_t i = 0; i < c->len; i += n) {
		n = 1; /* printable ASCII, as most of it is */
		if (c->xml[i] >= ' ' && c->xml[i] <= '~')
			continue;
		n = xml_character(c->xml + i, c->len - i);
		if (n == 0)
			return broken(c, i, "a byte that is no text in UTF-8");
	}
	return 0;
}

int
xml_check(const void *text, size_t len, struct err *e)
{
	const struct check c = { .xml = text, .len = len, .e = e };
	struct xml_piece p;
	struct xml_scan s;
	size_t off;
	int rc;

	if (check_characters(&c) == -1 || read_declaration(&c, &off) == -1)
		return -1;
	xml_scan_init(&s, text, len, off);
	while ((rc = xml_scan_next(&s, &p)) == 1)
		if (check_piece(&c, &p) == -1)
			return -1;
	return rc == 0 ? 0 : broken(&c, s.off, rule_of(s.fault));
}
