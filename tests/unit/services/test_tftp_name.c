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
	{ "/itlsep0011aabbccdd.tlv", "ITLSEP0011AABBCCDD.tlv",
	    TFTP_NAME_ITL_PHONE },
	{ "CTLFile.tlv", "CTLFile.tlv", TFTP_NAME_DEFAULT },
	{ "CTLSEP0011aabbccdd.TLV", "CTLSEP0011AABBCCDD.tlv",
	    TFTP_NAME_CTL_PHONE },
	{ "SEP0011AABBCCDD.cnf.xml", "SEP0011AABBCCDD.cnf.xml",
	    TFTP_NAME_CONFIG },
	{ "sep0011AABBCCDD.CNF.xml.SGN", "SEP0011AABBCCDD.cnf.xml.sgn",
	    TFTP_NAME_CONFIG_SIGNED },
	{ "SEP0011AABBCCDD.cnf.xml.enc.sgn", "SEP0011AABBCCDD.cnf.xml.enc.sgn",
	    TFTP_NAME_CONFIG_ENCRYPTED },
	{ "SIP0011AABBCCDD.cnf", "SIP0011AABBCCDD.cnf", TFTP_NAME_PHONE },
	{ "ATA0011aabbccdd.cnf.xml", "ATA0011AABBCCDD.cnf.xml",
	    TFTP_NAME_PHONE },
	{ "XmlDefault.cnf.xml", "XMLDefault.cnf.xml", TFTP_NAME_DEFAULT },
	{ "XMLDefault.cnf.xml.sgn", "XMLDefault.cnf.xml.sgn",
	    TFTP_NAME_DEFAULT },
	{ "sipdefault.cnf", "SIPDefault.cnf", TFTP_NAME_DEFAULT },
	{ "SEPDefault.cnf.xml", "SEPDefault.cnf.xml", TFTP_NAME_DEFAULT },
	{ "os79xx.txt", "OS79XX.TXT", TFTP_NAME_DEFAULT },
	{ "/g3-tones.xml", "g3-tones.xml", TFTP_NAME_FREE },
	{ "New_Zealand/g3-tones.xml.sgn", "New_Zealand/g3-tones.xml.sgn",
	    TFTP_NAME_FREE },
	{ "SKb0ec7a33-8fb1-9a5b-a0d4-5d1e2f3a4b5c.xml.sgn",
	    "SKb0ec7a33-8fb1-9a5b-a0d4-5d1e2f3a4b5c.xml.sgn", TFTP_NAME_FREE },
	{ "AppDialRules.xml.sgn", "AppDialRules.xml.sgn", TFTP_NAME_FREE },
	{ "dialplan.xml", "dialplan.xml", TFTP_NAME_FREE },
	{ "RingList.xml", "RingList.xml", TFTP_NAME_FREE },
	{ "RingList", "RingList", TFTP_NAME_FREE },
	{ "RingList.sgn", "RingList.sgn", TFTP_NAME_FREE },
	{ "featurePolicy", "featurePolicy", TFTP_NAME_FREE },
	{ "featurePolicyDefault.xml.sgn", "featurePolicyDefault.xml.sgn",
	    TFTP_NAME_FREE },
	{ "defaultheadsetconfig.json.sgn", "defaultheadsetconfig.json.sgn",
	    TFTP_NAME_FREE },
	{ "SIP45.9-4-2SR3-1S.loads", "SIP45.9-4-2SR3-1S.loads",
	    TFTP_NAME_FREE },
	{ "jar45sip.9-4-2ES26.sbn", "jar45sip.9-4-2ES26.sbn", TFTP_NAME_FREE },
	{ "Ringlist.XML", "Ringlist.XML", TFTP_NAME_FREE },
	{ "Analog1.raw", "Analog1.raw", TFTP_NAME_FREE },
	{ "RINGLIST.DAT", "RINGLIST.DAT", TFTP_NAME_FREE },
	{ "English_United_States/be-sip.jar",
	    "English_United_States/be-sip.jar", TFTP_NAME_FREE },
	{ "english_united_states/be-sip.jar",
	    "english_united_states/be-sip.jar", TFTP_NAME_FREE },
	{ "/Desktops/320x212x16/List.xml", "Desktops/320x212x16/List.xml",
	    TFTP_NAME_FREE },
	{ "desktops/320x212x16/List.xml", "desktops/320x212x16/List.xml",
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
	"_english/x.xml",
	"english1/x.xml",
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
	"ringlists",
	"FileList.txt",
	"filelist.TXT",
	"/ConfigFileCacheList.txt",
	"ConfigFileCacheList.txt.sgn",
	"SEP.cnf.xml/../x",
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

static void
test_mac(void **state)
{
	struct tftp_name n;

	(void)state;
	assert_int_equal(tftp_name_parse(&n, "sep0011aabbccdd.cnf.xml"), 0);
	assert_string_equal(n.mac, "0011AABBCCDD");
	assert_int_equal(tftp_name_parse(&n, "CTLSEP0123456789ab.tlv"), 0);
	assert_string_equal(n.mac, "0123456789AB");
	assert_int_equal(tftp_name_parse(&n, "ITLFile.tlv"), 0);
	assert_string_equal(n.mac, "");
	assert_int_equal(tftp_name_parse(&n, "RingList.xml"), 0);
	assert_string_equal(n.mac, "");
}

/* What every cluster has of its own, and what belongs to a phone. */
static void
test_default(void **state)
{
	static const char *const defaults[] = { "ITLFile.tlv", "CTLFile.tlv",
		"XMLDefault.cnf.xml.sgn", "SIPDefault.cnf", "OS79XX.TXT" };
	static const char *const others[] = { "ITLSEP0011AABBCCDD.tlv",
		"CTLSEP0011AABBCCDD.tlv", "SEP0011AABBCCDD.cnf.xml.sgn",
		"SIP0011AABBCCDD.cnf", "RingList.xml", "x.loads" };
	struct tftp_name n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		assert_int_equal(tftp_name_parse(&n, defaults[i]), 0);
		assert_true(tftp_name_is_default(&n));
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(tftp_name_parse(&n, others[i]), 0);
		assert_false(tftp_name_is_default(&n));
	}
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
		(void)snprintf(request, sizeof(request), "1%cb.xml",
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
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
