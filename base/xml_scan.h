/*
 * A scanner of XML: the pieces of a document one after another, lent from its
 * bytes, without any memory of its own.
 *
 * It sees that the document is one element, that tags end and match each
 * other and that attributes have quoted values without '<'.  What else is a
 * rule, characters, entities, what stands inside comments, is for who reads
 * the pieces.
 *
 * Limits: elements XML_SCAN_DEPTH inside each other; no document type, which
 * could hide anything.  Every byte is looked at once, but for attributes,
 * which are twice if they are asked for.
 */
#ifndef BASE_XML_SCAN_H
#define BASE_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define XML_SCAN_DEPTH 64

struct xml_text {
	const char *p; /* lent from the document, not NUL-terminated */
	size_t len;
};

enum xml_kind {
	XML_START, /* <a b="c"> */
	XML_EMPTY, /* <a b="c"/> */
	XML_END, /* </a> */
	XML_CHARACTERS, /* up to the next '<' */
	XML_CDATA,
	XML_COMMENT,
	XML_INSTRUCTION /* also <?xml …?>, wherever it stands */
};

struct xml_piece {
	enum xml_kind kind;
	struct xml_text whole; /* with what encloses it */
	struct xml_text inside; /* the name of a tag; what is enclosed */
	struct xml_text attributes; /* of START and EMPTY */
	size_t depth; /* elements around it */
};

/* The rule that is broken. */
enum xml_fault {
	XML_NO_ELEMENT, /* in the place of the root */
	XML_DOCUMENT_TYPE,
	XML_NO_NAME,
	XML_NO_EQUALS, /* behind the name of an attribute */
	XML_NO_VALUE, /* quotes are missing */
	XML_VALUE_TAG, /* '<' in a value */
	XML_VALUE_CUT,
	XML_TAG_JUNK, /* something else where a start tag should end */
	XML_TAG_CUT, /* the document ends in it */
	XML_END_JUNK, /* the same of an end tag, cut ones too */
	XML_END_OTHER, /* not that of the last start */
	XML_TOO_DEEP,
	XML_COMMENT_CUT,
	XML_INSTRUCTION_CUT,
	XML_CDATA_CUT,
	XML_ELEMENT_CUT,
	XML_DECLARATION, /* "<!…" inside of the root */
	XML_BEHIND /* something behind the root */
};

struct xml_scan {
	const char *xml; /* lent */
	size_t len;
	size_t off; /* of what is read next; afterwards, where the fault is */
	enum xml_fault fault;
	bool rooted; /* the root has begun */
	size_t depth;
	struct xml_text open[XML_SCAN_DEPTH]; /* names of the elements around */
};

/* Begin at this offset, which is 0 or behind what the caller has read. */
void xml_scan_init(struct xml_scan *s, const void *xml, size_t len, size_t off);

/*
 * The next piece: 1; 0 when the document is over and whole; -1 with s->fault
 * and s->off set.  White space around the root is passed over.
 */
int xml_scan_next(struct xml_scan *s, struct xml_piece *p);

/*
 * The next attribute of a piece that xml_scan_next() has given, of which
 * *rest is the attributes, or what an earlier call has left of them.  False:
 * there are no more.
 */
bool xml_scan_attribute(struct xml_text *rest, struct xml_text *name,
    struct xml_text *value);

/* How long the name at the start of t is; 0: there is none. */
size_t xml_scan_name(const struct xml_text *t);

bool xml_text_is(const struct xml_text *t, const char *text);
bool xml_text_same(const struct xml_text *a, const struct xml_text *b);

/* White space as XML has it. */
bool xml_is_space(char c);

#endif
