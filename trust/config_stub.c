#include "trust/config_stub.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "trust/digest.h"

#define DEPTH_MAX 64
#define NAME_SHOWN 40 /* bytes of a name in an error */

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

struct text {
	const char *p;
	size_t len;
};

/* What the stub takes over, in its order. */
static const char *const kept[] = { "ipAddressMode", "loadInformation",
	"capfAuthMode", "capfList" };
#define N_KEPT (sizeof(kept) / sizeof(kept[0]))

struct scan {
	const char *xml;
	size_t len;
	size_t off; /* of what is read next */
	struct text open[DEPTH_MAX]; /* names of the elements around it */
	size_t depth;
	struct text declaration; /* of XML; empty when there is none */
	struct text root; /* the start tag of <device> */
	struct text child[N_KEPT];
	size_t child_off; /* where the present child of the root starts */
	struct err *e;
};

/* The end of a tag: what kind it was. */
enum tag_end {
	TAG_OPEN,
	TAG_EMPTY /* <a/> */
};

static int
broken(const struct scan *s, const char *rule)
{
	return err_set(s->e, ERR_FORMAT, "offset %zu: %s", s->off, rule);
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

static void
skip_space(struct scan *s)
{
	while (s->off < s->len && is_space(s->xml[s->off]))
		s->off++;
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

/* Step behind the next occurrence of end. */
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

static int
read_attribute(struct scan *s)
{
	struct text name;
	char quote[2] = "";

	if (read_name(s, &name) == -1)
		return -1;
	skip_space(s);
	if (!looking_at(s, "="))
		return broken(s, "an attribute has no '='");
	s->off++;
	skip_space(s);
	if (!looking_at(s, "\"") && !looking_at(s, "'"))
		return broken(s, "an attribute has no quoted value");
	quote[0] = s->xml[s->off++];
	for (size_t i = s->off; i < s->len && s->xml[i] != quote[0]; i++)
		if (s->xml[i] == '<') {
			s->off = i;
			return broken(s, "'<' in the value of an attribute");
		}
	return skip_to(s, quote, "the value of an attribute does not end");
}

/* Attributes and the end of a start tag. */
static int
read_tag_rest(struct scan *s, enum tag_end *end)
{
	for (;;) {
		size_t before = s->off;

		skip_space(s);
		if (looking_at(s, "/>")) {
			s->off += 2;
			*end = TAG_EMPTY;
			return 0;
		}
		if (looking_at(s, ">")) {
			s->off++;
			*end = TAG_OPEN;
			return 0;
		}
		if (s->off == before)
			return broken(s, "the tag does not end here");
		if (s->off == s->len)
			return broken(s, "the document ends inside a tag");
		if (read_attribute(s) == -1)
			return -1;
	}
}

static bool
is_text(const struct text *t, const char *text)
{
	return t->len == strlen(text) && memcmp(t->p, text, t->len) == 0;
}

/* The root's child that ends here, if the stub has one of its name. */
static int
note_child(struct scan *s, const struct text *name)
{
	for (size_t i = 0; i < N_KEPT; i++) {
		if (!is_text(name, kept[i]))
			continue;
		if (s->child[i].p != NULL)
			return err_set(s->e, ERR_FORMAT,
			    "offset %zu: second <%s>", s->child_off, kept[i]);
		s->child[i] = (struct text) { s->xml + s->child_off,
			s->off - s->child_off };
	}
	return 0;
}

/* An element ended: its name is off the stack. */
static int
leave(struct scan *s, const struct text *name)
{
	return s->depth == 1 ? note_child(s, name) : 0;
}

static int
read_start_tag(struct scan *s)
{
	const size_t start = s->off++;
	struct text name;
	enum tag_end end = TAG_OPEN;

	if (read_name(s, &name) == -1)
		return -1;
	if (s->depth == 0 && !is_text(&name, "device"))
		return err_set(s->e, ERR_FORMAT,
		    "offset %zu: the root element is <%.*s>, must be <device>",
		    start, (int)(name.len < NAME_SHOWN ? name.len : NAME_SHOWN),
		    name.p);
	if (read_tag_rest(s, &end) == -1)
		return -1;
	if (s->depth == 0)
		s->root = (struct text) { s->xml + start, s->off - start };
	if (s->depth == 1)
		s->child_off = start;
	if (end == TAG_EMPTY)
		return leave(s, &name);
	if (s->depth == DEPTH_MAX) {
		s->off = start;
		return broken(s, "elements are more than 64 deep");
	}
	s->open[s->depth++] = name;
	return 0;
}

static int
read_end_tag(struct scan *s)
{
	const size_t start = s->off;
	const struct text *top = &s->open[s->depth - 1];
	struct text name;

	s->off += 2;
	if (read_name(s, &name) == -1)
		return -1;
	if (name.len != top->len || memcmp(name.p, top->p, name.len) != 0) {
		s->off = start;
		return broken(s, "the end tag is not that of the last start");
	}
	skip_space(s);
	if (!looking_at(s, ">"))
		return broken(s, "the end tag does not end here");
	s->off++;
	s->depth--;
	return leave(s, &name);
}

/* What may stand anywhere; 0 when it was none, 1 when it was, or -1. */
static int
skip_comment(struct scan *s)
{
	int rc;

	if (looking_at(s, "<!--")) {
		s->off += 4;
		rc = skip_to(s, "-->", "the comment does not end");
	} else if (looking_at(s, "<?")) {
		s->off += 2;
		rc = skip_to(s, "?>",
		    "the processing instruction does not "
		    "end");
	} else {
		return 0;
	}
	return rc == -1 ? -1 : 1;
}

/* White space and comments in front of and behind the root. */
static int
skip_around(struct scan *s)
{
	int rc;

	do {
		skip_space(s);
		rc = skip_comment(s);
	} while (rc == 1);
	return rc;
}

/* One piece of the root's content. */
static int
read_piece(struct scan *s)
{
	int rc = skip_comment(s);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (looking_at(s, "<![CDATA[")) {
		s->off += 9;
		return skip_to(s, "]]>", "the CDATA section does not end");
	}
	if (looking_at(s, "</"))
		return read_end_tag(s);
	if (looking_at(s, "<!"))
		return broken(s, "a declaration inside of <device>");
	if (looking_at(s, "<"))
		return read_start_tag(s);
	while (s->off < s->len && s->xml[s->off] != '<')
		s->off++;
	return 0;
}

static int
read_prolog(struct scan *s)
{
	if (looking_at(s, "\xef\xbb\xbf"))
		s->off += 3;
	if (looking_at(s, "<?xml") && s->len - s->off > 5 &&
	    is_space(s->xml[s->off + 5])) {
		const size_t start = s->off;

		if (skip_comment(s) == -1)
			return -1;
		s->declaration =
		    (struct text) { s->xml + start, s->off - start };
	}
	if (skip_around(s) == -1)
		return -1;
	if (looking_at(s, "<!"))
		return broken(s, "a document type is not allowed");
	if (!looking_at(s, "<"))
		return broken(s, "no element <device>");
	return 0;
}

static int
read_document(struct scan *s)
{
	const char *nul = memchr(s->xml, '\0', s->len);

	if (nul != NULL) {
		s->off = (size_t)(nul - s->xml);
		return broken(s, "a NUL byte");
	}
	if (read_prolog(s) == -1 || read_start_tag(s) == -1)
		return -1;
	while (s->depth > 0) {
		if (s->off == s->len)
			return broken(s,
			    "the document ends inside of <device>");
		if (read_piece(s) == -1)
			return -1;
	}
	if (skip_around(s) == -1)
		return -1;
	return s->off == s->len ? 0 : broken(s, "text behind </device>");
}

/* The start tag, also where it was an empty element. */
static void
put_root(struct wbuf *w, const struct text *root)
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
	struct scan s = { .xml = xml, .len = len, .e = e };
	char hash[DIGEST_HEX_SIZE];
	struct wbuf w;

	if (len == 0)
		return err_set(e, ERR_FORMAT, "offset 0: the file is empty");
	if (read_document(&s) == -1)
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
