#include "trust/config_stub.h"

#include "trust/digest.h"
#include "trust_util.h"

/* The stub of a text, NUL-terminated; NULL with e set. */
static char *
stub_of(const char *xml, size_t len, struct err *e)
{
	struct certfile phone = pair("phone_lsc2048");
	uint8_t *p = NULL;
	char *text = NULL;
	size_t n;

	if (config_stub(xml, len, phone.cert, &p, &n, e) == 0)
		text = mem_strndup((const char *)p, n);
	free(p);
	certfile_release(&phone);
	return text;
}

/* What a stub ends with. */
static char *
tail(void)
{
	struct certfile phone = pair("phone_lsc2048");
	char hash[DIGEST_HEX_SIZE];

	digest_hex(DIGEST_MD5, phone.cert->der, phone.cert->der_len, hash);
	assert_int_equal(strlen(hash), 32);
	certfile_release(&phone);
	return mem_printf("<certHash>%s</certHash>\n"
			  "<encrConfig>true</encrConfig>\n</device>\n",
	    hash);
}

static void
expect(const char *xml, const char *front)
{
	struct err e = ERR_INIT;
	char *got = stub_of(xml, strlen(xml), &e), *end = tail();
	char *want = mem_printf("%s%s", front, end);

	if (got == NULL)
		fail_msg("%s: %s", xml, e.msg);
	assert_string_equal(got, want);
	free(got);
	free(end);
	free(want);
}

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define FULL "<fullConfig>false</fullConfig>\n"

static void
a_whole_configuration(void **state)
{
	(void)state;
	expect("<?xml version=\"1.0\" encoding=\"iso-8859-1\" ?>\r\n"
	       "<!-- <loadInformation>no</loadInformation> -->\n"
	       "<?pi <device> ?>\n"
	       "<device  xsi:type=\"axl:XIPPhone\" ctiid='7'>\n"
	       "  <fullConfig>true</fullConfig>\n"
	       "  <sshPassword>secret</sshPassword>\n"
	       "  <capfList><capf a=\"x>y\"><phonePort>3804</phonePort>\n"
	       "<processNodeName>pub</processNodeName></capf></capfList>\n"
	       "  <vendorConfig><loadInformation>inner</loadInformation>"
	       "<![CDATA[</device><capfAuthMode>9</capfAuthMode>]]>"
	       "</vendorConfig>\n"
	       "  <loadInformation model=\"8851\">sip88xx.12</loadInformation >"
	       "\n<ipAddressMode>0</ipAddressMode><capfAuthMode/>\n"
	       "  <certHash>old</certHash><encrConfig>false</encrConfig>\n"
	       "</device>\n<!-- end -->\n",
	    "<?xml version=\"1.0\" encoding=\"iso-8859-1\" ?>\n"
	    "<device  xsi:type=\"axl:XIPPhone\" ctiid='7'>\n" FULL
	    "<ipAddressMode>0</ipAddressMode>\n"
	    "<loadInformation model=\"8851\">sip88xx.12</loadInformation >\n"
	    "<capfAuthMode/>\n"
	    "<capfList><capf a=\"x>y\"><phonePort>3804</phonePort>\n"
	    "<processNodeName>pub</processNodeName></capf></capfList>\n");
}

static void
small_ones(void **state)
{
	(void)state;
	expect("<device/>", XML "<device>\n" FULL);
	expect("<device />", XML "<device >\n" FULL);
	expect("\xef\xbb\xbf<device a='/'></device>",
	    XML "<device a='/'>\n" FULL);
	expect(" \n<device>text &amp; <a/> more</device> ",
	    XML "<device>\n" FULL);
	expect("<device><a b = \"1\"\tc='2'\n/></device\n>",
	    XML "<device>\n" FULL);
}

static void
the_vector(void **state)
{
	struct bytes b = load(VECTORS "payload_e01_SEP58971ECC97C1.cnf.xml");

	(void)state;
	expect((const char *)b.p,
	    XML "<device>\n" FULL "<loadInformation>sip88xx.12-8-1-0001-455"
		"</loadInformation>\n");
	free(b.p);
}

static void
broken_documents(void **state)
{
	static const struct {
		const char *xml;
		const char *why;
	} table[] = { { "", "offset 0: the file is empty" },
		{ "  ", "offset 2: no element <device>" },
		{ "device", "offset 0: no element <device>" },
		{ "<phone/>",
		    "offset 0: the root element is <phone>, must be" },
		{ "<!DOCTYPE device><device/>",
		    "offset 0: a document type is not allowed" },
		{ "<?xml version='1.0'", "the processing instruction does" },
		{ "<!-- - -- <device/>", "offset 4: the comment does not end" },
		{ "<device><!-- </device>", "the comment does not end" },
		{ "<", "offset 1: a name is missing" },
		{ "<1device/>", "offset 1: a name is missing" },
		{ "<device", "offset 7: the tag does not end here" },
		{ "<device ", "offset 8: the document ends inside a tag" },
		{ "<device =", "offset 8: a name is missing" },
		{ "<device a>", "an attribute has no '='" },
		{ "<device a=b>", "an attribute has no quoted value" },
		{ "<device a='b>", "the value of an attribute does not end" },
		{ "<device a='<'>", "offset 11: '<' in the value of an attr" },
		{ "<device a='1'b='2'/>", "the tag does not end here" },
		{ "<device>",
		    "offset 8: the document ends inside of <device>" },
		{ "<device><a></device></a>",
		    "offset 11: the end tag is not that of the last start" },
		{ "<device></devic>", "the end tag is not that of the last" },
		{ "<device></device x>", "the end tag does not end here" },
		{ "<device></ device>", "offset 10: a name is missing" },
		{ "<device/>x", "offset 9: text behind </device>" },
		{ "<device/><device/>", "offset 9: text behind </device>" },
		{ "<device><![CDATA[ </device>", "the CDATA section does not" },
		{ "<device><!ENTITY x ''></device>",
		    "offset 8: a declaration inside of <device>" },
		{ "<device><capfList/><capfList></capfList></device>",
		    "offset 19: second <capfList>" } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err e = ERR_INIT;
		/* Without its NUL, so that nothing can lean on it. */
		size_t n = strlen(table[i].xml);
		char *exact = mem_dup(table[i].xml, n);
		char *got = stub_of(exact, n, &e);

		if (got != NULL || e.code != ERR_FORMAT ||
		    strstr(e.msg, table[i].why) == NULL)
			fail_msg("%s: %s", table[i].xml, e.msg);
		free(exact);
	}
}

static void
a_nul_byte(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_null(stub_of("<device>\0</device>", 18, &e));
	assert_err(e, ERR_FORMAT, "offset 8: a NUL byte");
}

static void
depth(void **state)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	for (unsigned deep = 62; deep <= 64; deep++) {
		char *got;

		wbuf_init(&w, 0);
		wbuf_printf(&w, "<device>");
		for (unsigned i = 0; i < deep; i++)
			wbuf_printf(&w, "<a>");
		for (unsigned i = 0; i < deep; i++)
			wbuf_printf(&w, "</a>");
		wbuf_printf(&w, "</device>");
		got = stub_of((const char *)w.data, w.len, &e);
		assert_int_equal(got != NULL, deep <= 63);
		free(got);
		wbuf_release(&w);
	}
	assert_err(e, ERR_FORMAT, "offset 197: elements are more than 64 deep");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_configuration),
		cmocka_unit_test(small_ones),
		cmocka_unit_test(the_vector),
		cmocka_unit_test(broken_documents),
		cmocka_unit_test(a_nul_byte),
		cmocka_unit_test(depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
