#include "trust/config_stub.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/xml_scan.h"
#include "trust/digest.h"

#define NAME_SHOWN 40 /* bytes of a name in an error */

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* What the stub takes over, in its order. */
static const char *const kept[] = { "ipAddressMode", "loadInformation",
	"capfAuthMode", "capfList" };
#define N_KEPT (sizeof(kept) / sizeof(kept[0]))

/* Where these parts of the configuration are. */
struct parts {
	struct xml_text declaration; /* of XML; empty when there is none */
	struct xml_text root; /* the start tag of <device> */
	struct xml_text child[N_KEPT];
	const char *present; /* where the present child of the root starts */
};

static const char *
rule_of(enum xml_fault fault)
{
	switch (fault) {
	case XML_NO_ELEMENT:
		return "no element <device>";
	case XML_DOCUMENT_TYPE:
		return "a document type is not allowed";
	case XML_NO_NAME:
		return "a name is missing";
	case XML_NO_EQUALS:
		return "an attribute has no '='";
	case XML_NO_VALUE:
		return "an attribute has no quoted value";
	case XML_VALUE_TAG:
		return "'<' in the value of an attribute";
	case XML_VALUE_CUT:
		return "the value of an attribute does not end";
	case XML_TAG_JUNK:
		return "the tag does not end here";
	case XML_TAG_CUT:
		return "the document ends inside a tag";
	case XML_END_JUNK:
		return "the end tag does not end here";
	case XML_END_OTHER:
		return "the end tag is not that of the last start";
	case XML_TOO_DEEP:
		return "elements are more than 64 deep";
	case XML_COMMENT_CUT:
		return "the comment does not end";
	case XML_INSTRUCTION_CUT:
		return "the processing instruction does not end";
	case XML_CDATA_CUT:
		return "the CDATA section does not end";
	case XML_ELEMENT_CUT:
		return "the document ends inside of <device>";
	case XML_DECLARATION:
		return "a declaration inside of <device>";
	case XML_BEHIND:
		return "text behind </device>";
	}
	return "it is no XML";
}

/* A child of the root ends: does the stub have one of its name? */
static int
note_child(struct parts *s, const char *xml, const struct xml_piece *p,
    struct err *e)
{
	const char *end = p->whole.p + p->whole.len;

	for (size_t i = 0; i < N_KEPT; i++) {
		if (!xml_text_is(&p->inside, kept[i]))
			continue;
		if (s->child[i].p != NULL)
			return err_set(e, ERR_FORMAT, "offset %zu: second <%s>",
			    (size_t)(s->present - xml), kept[i]);
		s->child[i] = (struct xml_text) { s->present,
			(size_t)(end - s->present) };
	}
	return 0;
}

static int
note_root(struct parts *s, const char *xml, const struct xml_piece *p,
    struct err *e)
{
	const struct xml_text *name = &p->inside;

	if (!xml_text_is(name, "device"))
		return err_set(e, ERR_FORMAT,
		    "offset %zu: the root element is <%.*s>, must be <device>",
		    (size_t)(p->whole.p - xml),
		    (int)(name->len < NAME_SHOWN ? name->len : NAME_SHOWN),
		    name->p);
	s->root = p->whole;
	return 0;
}

static int
note_piece(struct parts *s, const char *xml, const struct xml_piece *p,
    struct err *e)
{
	const bool begins = p->kind == XML_START || p->kind == XML_EMPTY;

	if (begins && p->depth == 0)
		return note_root(s, xml, p, e);
	if (p->depth != 1)
		return 0;
	if (begins)
		s->present = p->whole.p;
	if (p->kind == XML_END || p->kind == XML_EMPTY)
		return note_child(s, xml, p, e);
	return 0;
}

/* <?xml and white space, as nothing but the declaration begins. */
static bool
is_declaration(const struct xml_piece *p)
{
	return p->kind == XML_INSTRUCTION && p->inside.len > 3 &&
	    memcmp(p->inside.p, "xml", 3) == 0 && xml_is_space(p->inside.p[3]);
}

static int
read_document(struct parts *s, const char *xml, size_t len, struct err *e)
{
	const char *nul = memchr(xml, '\0', len);
	size_t start = strlen(BYTE_ORDER_MARK);
	struct xml_scan scan;
	struct xml_piece p;
	int rc;

	if (nul != NULL)
		return err_set(e, ERR_FORMAT, "offset %zu: a NUL byte",
		    (size_t)(nul - xml));
	if (len < start || memcmp(xml, BYTE_ORDER_MARK, start) != 0)
		start = 0;
	xml_scan_init(&scan, xml, len, start);
	while ((rc = xml_scan_next(&scan, &p)) == 1) {
		if (p.whole.p == xml + start && is_declaration(&p))
			s->declaration = p.whole;
		if (note_piece(s, xml, &p, e) == -1)
			return -1;
	}
	return rc == 0 ? 0 :
			 err_set(e, ERR_FORMAT, "offset %zu: %s", scan.off,
			     rule_of(scan.fault));
}

/* The start tag, also where it was an empty element. */
static void
put_root(struct wbuf *w, const struct xml_text *root)
{
	size_t n = root->len;

	if (n > 2 && root->p[n - 2] == '/')
		n -= 2;
	else
		n -= 1;
	wbuf_bytes(w, root->p, n);
	wbuf_bytes(w, ">\n", 2);
}

int
config_stub(const void *xml, size_t len, const struct cert *phone,
    uint8_t **out, size_t *n, struct err *e)
{
	struct parts s = { .present = NULL };
	char hash[DIGEST_HEX_SIZE];
	struct wbuf w;

	if (len == 0)
		return err_set(e, ERR_FORMAT, "offset 0: the file is empty");
	if (read_document(&s, xml, len, e) == -1)
		return -1;
	digest_hex(DIGEST_MD5, phone->der, phone->der_len, hash);
	wbuf_init(&w, 0);
	if (s.declaration.len > 0)
		wbuf_bytes(&w, s.declaration.p, s.declaration.len);
	else
		wbuf_bytes(&w, DECLARATION, strlen(DECLARATION));
	wbuf_bytes(&w, "\n", 1);
	put_root(&w, &s.root);
	wbuf_printf(&w, "<fullConfig>false</fullConfig>\n");
	for (size_t i = 0; i < N_KEPT; i++)
		if (s.child[i].p != NULL) {
			wbuf_bytes(&w, s.child[i].p, s.child[i].len);
			wbuf_bytes(&w, "\n", 1);
		}
	wbuf_printf(&w,
	    "<certHash>%s</certHash>\n<encrConfig>true</encrConfig>\n"
	    "</device>\n",
	    hash);
	if (wbuf_detach(&w, out, n) == -1)
		return err_set(e, ERR_TOO_BIG, "the stub is too big");
	return 0;
}
