#include "services/xml_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/xml_scan.h"

static void
documents_are_accepted(void **state)
{
	static const char *const good[] = {
		"<a/>",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a></a>\n",
		"<?xml version=\"1.0\"?><a/>",
		"<!-- c --><a b='1' c=\"'2'\"><b>t</b><c d = 'e' /></a><?pi?>",
		"<a>&amp;&lt;&gt;&quot;&apos;&#10;&#x10FFFF;</a>",
		"<a><![CDATA[<&]]></a>",
		"<a>\xc3\xa9\xf0\x9f\x98\x80\t\r\n\x7f\xc2\x85</a >",
		"<a><!-- - --><?xmlx ?></a>",
		"<\xc3\xa9:b-1._/>",
	};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (xml_check(good[i], strlen(good[i]), &e) == -1)
			fail_msg("%s: %s", good[i], e.msg);
}

static void
others_are_refused_by_rule(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} bad[] = {
		{ "", "line 1: no element" },
		{ "text", "line 1: no element" },
		{ "<a>", "line 1: an element does not end" },
		{ "<a></b>",
		    "line 1: an end tag is not that of the last start" },
		{ "<a/><b/>", "line 1: text behind the last end tag" },
		{ "<a>\n<b>\n</a>",
		    "line 3: an end tag is not that of the last start" },
		{ "<a>&</a>", "line 1: '&' must be written \"&amp;\"" },
		{ "<a>&nbsp;</a>", "line 1: '&' must be written \"&amp;\"" },
		{ "<a>&#;</a>", "line 1: no character after \"&#\"" },
		{ "<a>&#0;</a>", "line 1: no character after \"&#\"" },
		{ "<a>&#xD800;</a>", "line 1: no character after \"&#\"" },
		{ "<a>&#99999999999;</a>",
		    "line 1: a wrong digit after \"&#\"" },
		{ "<a>&#1a;</a>", "line 1: a wrong digit after \"&#\"" },
		{ "<a>&#10", "line 1: no character after \"&#\"" },
		{ "<a>]]></a>", "line 1: \"]]>\" in text" },
		{ "<a b=1/>", "line 1: an attribute has no quoted value" },
		{ "<a b/>", "line 1: an attribute has no '='" },
		{ "<a b='1' b='2'/>", "line 1: an attribute stands twice" },
		{ "<a b='1'c='2'/>", "line 1: a tag does not end" },
		{ "<a b='<'/>",
		    "line 1: the value of an attribute does not end" },
		{ "<a b='", "line 1: the value of an attribute does not end" },
		{ "<a ", "line 1: a tag does not end" },
		{ "<a></a", "line 1: a tag does not end" },
		{ "<1/>", "line 1: a name is missing" },
		{ "<", "line 1: a name is missing" },
		{ "<a><!-- -- --></a>", "line 1: \"--\" in a comment" },
		{ "<a><!-- ", "line 1: a comment does not end" },
		{ "<a><![CDATA[", "line 1: a CDATA section does not end" },
		{ "<a><?p ", "line 1: a processing instruction does not end" },
		{ "<a><!b></a>", "line 1: a declaration inside of an element" },
		{ "<!DOCTYPE a><a/>",
		    "line 1: a document type is not allowed" },
		{ "<a><?xml version=\"1.0\"?></a>",
		    "line 1: an XML declaration inside of the document" },
		{ "<?xml version=\"1.1\"?><a/>",
		    "line 1: the first line must be "
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" },
		{ "<a>\n\x01</a>", "line 2: a byte that is no text in UTF-8" },
		{ "<a>\xef\xbf\xbf</a>",
		    "line 1: a byte that is no text in UTF-8" },
		{ "<a>\xff</a>", "line 1: a byte that is no text in UTF-8" },
	};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(xml_check(bad[i].text, strlen(bad[i].text),
				     &e),
		    -1);
		assert_string_equal(e.msg, bad[i].message);
		assert_int_equal(e.code, ERR_FORMAT);
	}
}

static void
depth_and_attributes_have_an_end(void **state)
{
	struct wbuf w;
	struct err e = ERR_INIT;

	(void)state;
	wbuf_init(&w, 0);
	for (unsigned i = 0; i <= XML_SCAN_DEPTH; i++)
		wbuf_printf(&w, "<a>");
	assert_int_equal(xml_check(w.data, w.len, &e), -1);
	assert_string_equal(e.msg, "line 1: elements are more than 64 deep");
	wbuf_release(&w);
	wbuf_init(&w, 0);
	wbuf_printf(&w, "<a");
	for (unsigned i = 0; i <= 64; i++)
		wbuf_printf(&w, " a%u=''", i);
	wbuf_printf(&w, "/>");
	assert_int_equal(xml_check(w.data, w.len, &e), -1);
	assert_string_equal(e.msg, "line 1: too many attributes");
	wbuf_release(&w);
}

/* Every beginning of a document is no document, and is read to its end. */
static void
cut_documents_are_refused(void **state)
{
	static const char all[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a b='&#10;'>"
	    "<!-- c --><?p q?><![CDATA[x]]>&amp;\xc3\xa9<c/></a>";
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(xml_check(all, strlen(all), &e), 0);
	for (size_t n = 0; n < strlen(all); n++) {
		char *copy = mem_alloc(n); /* the sanitizer sees its end */

		memcpy(copy, all, n);
		assert_int_equal(xml_check(copy, n, &e), -1);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_accepted),
		cmocka_unit_test(others_are_refused_by_rule),
		cmocka_unit_test(depth_and_attributes_have_an_end),
		cmocka_unit_test(cut_documents_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
