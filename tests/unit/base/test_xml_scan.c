#include "base/xml_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/mem.h"

static const char *
kind_name(enum xml_kind kind)
{
	static const char *const name[] = { "start", "empty", "end", "text",
		"cdata", "comment", "pi" };

	return name[kind];
}

/* All pieces as text; the fault and its offset behind them. */
static char *
pieces(const char *xml, size_t len, size_t off)
{
	char *exact = mem_dup(xml, len); /* the sanitizer sees its end */
	struct xml_text name, value;
	struct xml_piece p;
	struct xml_scan s;
	struct wbuf w;
	uint8_t *text;
	size_t n;
	int rc;

	wbuf_init(&w, 0);
	xml_scan_init(&s, exact, len, off);
	while ((rc = xml_scan_next(&s, &p)) == 1) {
		wbuf_printf(&w, "%zu %s [%.*s]", p.depth, kind_name(p.kind),
		    (int)p.inside.len, p.inside.p);
		while (xml_scan_attribute(&p.attributes, &name, &value))
			wbuf_printf(&w, " %.*s=%.*s", (int)name.len, name.p,
			    (int)value.len, value.p);
		wbuf_printf(&w, "\n");
		assert_ptr_equal(p.whole.p + p.whole.len, exact + s.off);
	}
	if (rc == -1)
		wbuf_printf(&w, "fault %d at %zu\n", (int)s.fault, s.off);
	wbuf_u8(&w, '\0');
	assert_int_equal(wbuf_detach(&w, &text, &n), 0);
	free(exact);
	return (char *)text;
}

static void
expect(const char *xml, const char *want)
{
	char *got = pieces(xml, strlen(xml), 0);

	if (strcmp(got, want) != 0)
		fail_msg("%s\ngave\n%sinstead of\n%s", xml, got, want);
	free(got);
}

static void
every_kind(void **state)
{
	(void)state;
	expect("<?xml version='1.0'?> <!-- a -->\n"
	       "<r:a x = \"1>'\"\ty='/'>t&amp;<b/>\n<![CDATA[<c>]]]>"
	       "<?p?><b c=''/></r:a >\n<!---->",
	    "0 pi [xml version='1.0']\n0 comment [ a ]\n"
	    "0 start [r:a] x=1>' y=/\n1 text [t&amp;]\n1 empty [b]\n"
	    "1 text [\n]\n1 cdata [<c>]]\n1 pi [p]\n1 empty [b] c=\n"
	    "0 end [r:a]\n0 comment []\n");
	expect("<a/>", "0 empty [a]\n");
	expect("<a></a>\t", "0 start [a]\n0 end [a]\n");
}

/* What the caller has read is not looked at. */
static void
from_an_offset(void **state)
{
	char *got = pieces("junk<a/>", 8, 4);

	(void)state;
	assert_string_equal(got, "0 empty [a]\n");
	free(got);
}

/* Each with the offset of what is wrong. */
static void
faults(void **state)
{
	static const struct {
		const char *xml;
		enum xml_fault fault;
		size_t off;
	} bad[] = { { "", XML_NO_ELEMENT, 0 }, { " x", XML_NO_ELEMENT, 1 },
		{ "<!DOCTYPE a><a/>", XML_DOCUMENT_TYPE, 0 },
		{ "<![CDATA[]]><a/>", XML_DOCUMENT_TYPE, 0 },
		{ "<1/>", XML_NO_NAME, 1 }, { "<a></ a>", XML_NO_NAME, 5 },
		{ "<a .b=''/>", XML_NO_NAME, 3 },
		{ "<a b/>", XML_NO_EQUALS, 4 }, { "<a b=1/>", XML_NO_VALUE, 5 },
		{ "<a b='<'/>", XML_VALUE_TAG, 6 },
		{ "<a b='\">", XML_VALUE_CUT, 6 },
		{ "<a b=''c=''/>", XML_TAG_JUNK, 7 }, { "<a", XML_TAG_JUNK, 2 },
		{ "<a /", XML_NO_NAME, 3 }, { "<a ", XML_TAG_CUT, 3 },
		{ "<a></a b>", XML_END_JUNK, 7 }, { "<a></a", XML_END_JUNK, 6 },
		{ "<a></b>", XML_END_OTHER, 3 },
		{ "<a></aa>", XML_END_OTHER, 3 },
		{ "<!--->", XML_COMMENT_CUT, 4 },
		{ "<a><?b></a>", XML_INSTRUCTION_CUT, 5 },
		{ "<a><![CDATA[]>", XML_CDATA_CUT, 12 },
		{ "<a>b", XML_ELEMENT_CUT, 4 },
		{ "<a><!b></a>", XML_DECLARATION, 3 },
		{ "<a/><b/>", XML_BEHIND, 4 }, { "<a/>b", XML_BEHIND, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *got = pieces(bad[i].xml, strlen(bad[i].xml), 0);
		char *want = mem_printf("fault %d at %zu\n", (int)bad[i].fault,
		    bad[i].off);

		if (strlen(got) < strlen(want) ||
		    strcmp(got + strlen(got) - strlen(want), want) != 0)
			fail_msg("%s: %s", bad[i].xml, got);
		free(got);
		free(want);
	}
}

/* As deep as allowed, and one more. */
static void
depth(void **state)
{
	(void)state;
	for (unsigned deep = XML_SCAN_DEPTH; deep <= XML_SCAN_DEPTH + 1;
	     deep++) {
		struct xml_piece p;
		struct xml_scan s;
		struct wbuf w;
		int rc;

		wbuf_init(&w, 0);
		for (unsigned i = 0; i < deep; i++)
			wbuf_printf(&w, "<a>");
		wbuf_printf(&w, "<b/>");
		for (unsigned i = 0; i < deep; i++)
			wbuf_printf(&w, "</a>");
		xml_scan_init(&s, w.data, w.len, 0);
		while ((rc = xml_scan_next(&s, &p)) == 1)
			;
		assert_int_equal(rc, deep == XML_SCAN_DEPTH ? 0 : -1);
		if (rc == -1) {
			assert_int_equal(s.fault, XML_TOO_DEEP);
			assert_int_equal(s.off, 3 * XML_SCAN_DEPTH);
		}
		wbuf_release(&w);
	}
}

/* No beginning of a document is one. */
static void
cut_documents(void **state)
{
	static const char all[] = "<?xml ?><a b='1' c=\"2\"><!-- c --><?p q?>"
				  "<![CDATA[x]]>t<c/></a>";

	(void)state;
	for (size_t n = 0; n < strlen(all); n++) {
		char *got = pieces(all, n, 0);

		assert_non_null(strstr(got, "fault"));
		free(got);
	}
}

static void
texts(void **state)
{
	const struct xml_text a = { "abc=", 3 }, b = { "abcd", 3 },
			      none = { "-a", 2 }, all = { "a:1.-_\xc3", 7 };

	(void)state;
	assert_true(xml_text_same(&a, &b));
	assert_true(xml_text_is(&a, "abc"));
	assert_false(xml_text_is(&a, "ab"));
	assert_false(xml_text_is(&a, "abcd"));
	assert_int_equal(xml_scan_name(&a), 3);
	assert_int_equal(xml_scan_name(&none), 0);
	assert_int_equal(xml_scan_name(&all), 7);
	assert_true(xml_is_space('\r'));
	assert_false(xml_is_space('\0'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(from_an_offset),
		cmocka_unit_test(faults),
		cmocka_unit_test(depth),
		cmocka_unit_test(cut_documents),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
