#include "services/tftp_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static const struct allowed {
	const char *request;
	const char *name;
	enum tftp_name_kind kind;
} allowed[] = {
	{ "ITLFile.tlv", "ITLFile.tlv", TFTP_NAME_ITL },
	{ "itlfile.TLV", "ITLFile.tlv", TFTP_NAME_ITL },
	{ "/ITLFile.tlv", "ITLFile.tlv", TFTP_NAME_ITL },
	{ "///ITLFile.tlv", "ITLFile.tlv", TFTP_NAME_ITL },
	{ "ITLSEP0011AABBCCDD.tlv", "ITLSEP0011AABBCCDD.tlv",
	    TFTP_NAME_ITL_PHONE },
	{ "itlsep0011aabbccdd.tlv", "ITLSEP0011AABBCCDD.tlv",
	    TFTP_NAME_ITL_PHONE },
	{ "CTLFile.tlv", "CTLFile.tlv", TFTP_NAME_FIXED },
	{ "CTLSEP0011aabbccdd.TLV", "CTLSEP0011AABBCCDD.tlv", TFTP_NAME_FIXED },
	{ "SEP0011AABBCCDD.cnf.xml", "SEP0011AABBCCDD.cnf.xml",
	    TFTP_NAME_FIXED },
	{ "sep0011AABBCCDD.CNF.xml.SGN", "SEP0011AABBCCDD.cnf.xml.sgn",
	    TFTP_NAME_FIXED },
	{ "SEP0011AABBCCDD.cnf.xml.enc.sgn", "SEP0011AABBCCDD.cnf.xml.enc.sgn",
	    TFTP_NAME_FIXED },
	{ "SIP0011AABBCCDD.cnf", "SIP0011AABBCCDD.cnf", TFTP_NAME_FIXED },
	{ "ATA0011aabbccdd.cnf.xml", "ATA0011AABBCCDD.cnf.xml",
	    TFTP_NAME_FIXED },
	{ "XmlDefault.cnf.xml", "XMLDefault.cnf.xml", TFTP_NAME_FIXED },
	{ "XMLDefault.cnf.xml.sgn", "XMLDefault.cnf.xml.sgn", TFTP_NAME_FIXED },
	{ "OS79XX.TXT", "OS79XX.TXT", TFTP_NAME_FIXED },
	{ "/g3-tones.xml", "g3-tones.xml", TFTP_NAME_FREE },
	{ "SK0fa2.xml.sgn", "SK0fa2.xml.sgn", TFTP_NAME_FREE },
	{ "SIP45.9-4-2SR3-1S.loads", "SIP45.9-4-2SR3-1S.loads",
	    TFTP_NAME_FREE },
	{ "jar45sip.9-4-2ES26.sbn", "jar45sip.9-4-2ES26.sbn", TFTP_NAME_FREE },
	{ "Ringlist.XML", "Ringlist.XML", TFTP_NAME_FREE },
	{ "softkey.xml", "softkey.xml", TFTP_NAME_FREE },
	{ "English_United_States/be-sip.jar",
	    "English_United_States/be-sip.jar", TFTP_NAME_FREE },
	{ "/Desktops/320x212x16/List.xml", "Desktops/320x212x16/List.xml",
	    TFTP_NAME_FREE },
};

static const char *const refused[] = {
	"",
	"/",
	".",
	"..",
	"../etc/passwd",
	"/../../etc/passwd.xml",
	"/etc/passwd",
	"./ITLFile.tlv",
	"English_United_States/../ITLFile.tlv",
	"English_United_States/../x.xml",
	"English_United_States//x.xml",
	"English_United_States/",
	"english/x.xml",
	"Desktops/../x.xml",
	"Desktops//x.xml",
	"Desktops/320x212x16/a/x.xml",
	"Desktops/x.xml/",
	"A/B/x.xml",
	"certs/CallManager.pem",
	"..\\x.xml",
	"ITLRecovery.p12",
	"itlrecovery.P12",
	"ITLRecovery.p12.sgn",
	"CallManager.pem",
	"CallManager.PEM",
	"tomcat.key",
	"tomcat.Key.xml",
	"tomcat.pem.sgn",
	"x.pfx.sgn",
	".hidden.xml",
	"English_United_States/.hidden.xml",
	"ITLFile.tlv.tmp01234567",
	"ITLFile.tlv.new",
	"ITLFile.tlv~",
	"ITLFile.tlvx",
	"ITLFile",
	"ITLSEP0011AABBCCD.tlv",
	"ITLSEP0011AABBCCDDE.tlv",
	"ITLSEP0011AABBCCDG.tlv",
	"other.tlv",
	"x.xml ",
	"x y.xml",
	"x.xml\n",
	"x\033.xml",
	"x\xff.xml",
	"x.exe",
	"x.",
	"x..xml",
	"English_United_States/x..xml",
	"xml",
};

static void
test_allowed(void **state)
{
	struct tftp_name n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (tftp_name_parse(&n, allowed[i].request) == -1)
			fail_msg("refused: %s", allowed[i].request);
		assert_string_equal(n.text, allowed[i].name);
		assert_int_equal(n.kind, allowed[i].kind);
	}
}

static void
test_refused(void **state)
{
	struct tftp_name n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (tftp_name_parse(&n, refused[i]) == 0)
			fail_msg("allowed: %s as %s", refused[i], n.text);
	}
}

static void
test_length(void **state)
{
	char request[TFTP_NAME_SIZE + 8];
	struct tftp_name n;

	(void)state;
	memset(request, 'a', sizeof(request));
	(void)str_copy(request + TFTP_NAME_SIZE - 5, 5, ".xml");
	assert_int_equal(tftp_name_parse(&n, request), 0);
	memset(request, 'a', sizeof(request));
	(void)str_copy(request + TFTP_NAME_SIZE - 4, 5, ".xml");
	assert_int_equal(tftp_name_parse(&n, request), -1);
}

/* No single byte may open a way that the rules close. */
static void
test_every_byte(void **state)
{
	char request[16];
	struct tftp_name n;
	int byte;

	(void)state;
	for (byte = 1; byte < 256; byte++) {
		(void)snprintf(request, sizeof(request), "a%cb.xml",
		    (char)byte);
		if (tftp_name_parse(&n, request) == 0)
			assert_non_null(strchr("abcdefghijklmnopqrstuvwxyz"
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					       "0123456789._-",
			    byte));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
