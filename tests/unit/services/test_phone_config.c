#include "services/phone_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/xml_check.h"
#include "tests/fakes/testing.h"

static struct device_row device;
static struct callmanager_group group;
static struct phone_config_inputs in;

static int
setup(void **state)
{
	(void)state;
	memset(&device, 0, sizeof(device));
	memset(&group, 0, sizeof(group));
	(void)str_copy(device.name, sizeof(device.name), "SEP001122334455");
	(void)str_copy(device.description, sizeof(device.description), "Lobby");
	(void)str_copy(device.model_name, sizeof(device.model_name),
	    "Cisco 7965");
	(void)str_copy(device.pool_name, sizeof(device.pool_name), "Default");
	(void)str_copy(device.load, sizeof(device.load), "SIP45.9-4-2SR3-1S");
	device.protocol = DEVICE_SIP;
	device.settings_access = DEVICE_SETTINGS_RESTRICTED;
	device.web_access = true;
	device.security = DEVICE_ENCRYPTED;
	(void)str_copy(group.name, sizeof(group.name), "North");
	group.servers = 2;
	(void)str_copy(group.server[0].node, NODE_NAME_SIZE, "test10sub");
	(void)str_copy(group.server[0].domain, NODE_DOMAIN_SIZE, "joemar2.lab");
	(void)str_copy(group.server[0].address, NODE_ADDRESS_SIZE,
	    "127.0.10.2");
	(void)str_copy(group.server[1].node, NODE_NAME_SIZE, "test10pub");
	(void)str_copy(group.server[1].address, NODE_ADDRESS_SIZE,
	    "127.0.10.1");
	in = (struct phone_config_inputs) {
		.device = &device,
		.group = &group,
		.cluster_id = "StandAloneCluster",
		.tvs_port = 2445,
		.sip_port = 5060,
	};
	return 0;
}

static struct phone_config_template *
parse(const char *text)
{
	struct err e = ERR_INIT;
	struct phone_config_template *t = phone_config_template_parse("own",
	    text, strlen(text), PHONE_CONFIG_DEVICE, &e);

	if (t == NULL)
		fail_msg("%s", e.msg);
	return t;
}

/* Free it. */
static char *
render(const struct phone_config_template *t)
{
	struct err e = ERR_INIT;
	uint8_t *out;
	size_t len;
	char *text;

	if (phone_config_render(t, &in, &out, &len, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(xml_check(out, len, &e), 0);
	text = mem_strndup((const char *)out, len);
	free(out);
	return text;
}

static void
makes(const char *template, const char *expected)
{
	struct phone_config_template *t = parse(template);
	char *text = render(t);

	assert_string_equal(text, expected);
	free(text);
	phone_config_template_free(t);
}

static void
fields_are_filled_in(void **state)
{
	(void)state;
	makes("<a b='${device.name}'>${device.mac} ${device.description} "
	      "${device.model} ${device.pool} ${device.protocol} "
	      "${device.load} ${device.settingsAccess} ${device.webAccess} "
	      "${device.sshAccess} ${device.spanToPCPort} "
	      "${device.securityMode} ${device.transport} "
	      "${device.encrConfig} ${group.name} ${group.default} "
	      "${cluster.id} ${tvs.port} ${sip.port}$ $} {${device.sccp}}</a>",
	    "<a b='SEP001122334455'>001122334455 Lobby Cisco 7965 Default SIP "
	    "SIP45.9-4-2SR3-1S 2 0 1 1 3 3 false North false "
	    "StandAloneCluster 2445 5060$ $} {}</a>");
	device.protocol = DEVICE_SCCP;
	device.security = DEVICE_NON_SECURE;
	device.encrypted_config = true;
	in.certificate_md5 = "00ff";
	makes("<a>${device.protocol} ${device.sip}${device.sccp} "
	      "${device.transport} ${device.encrConfig} ${certificate.md5}</a>",
	    "<a>SCCP true 2 true 00ff</a>");
}

static void
blocks_are_repeated_or_left_out(void **state)
{
	static const char servers[] =
	    "<m>${#servers}<s p=\"${server.priority}\">${server.name} "
	    "${server.address}${?device.load} ${device.load}${/device.load}"
	    "</s>${/servers}</m>";
	static const char inside[] =
	    "<m>${?device.load}${#servers}<s/>${/servers}<l/>${/device.load}"
	    "${server.name}</m>";

	(void)state;
	makes(servers,
	    "<m><s p=\"0\">test10sub.joemar2.lab 127.0.10.2 "
	    "SIP45.9-4-2SR3-1S</s><s p=\"1\">test10pub 127.0.10.1 "
	    "SIP45.9-4-2SR3-1S</s></m>");
	makes(inside, "<m><s/><s/><l/></m>");
	device.load[0] = '\0';
	makes(servers,
	    "<m><s p=\"0\">test10sub.joemar2.lab 127.0.10.2</s>"
	    "<s p=\"1\">test10pub 127.0.10.1</s></m>");
	makes(inside, "<m></m>");
	group.servers = 0;
	makes(servers, "<m></m>");
	in.group = NULL;
	makes(servers, "<m></m>");
	in.cluster_id = NULL;
	makes("<a>${group.name}${group.default}${cluster.id}</a>",
	    "<a>false</a>");
}

/* Whatever a text holds, it is text. */
static void
descriptions_cannot_break_out(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
		{ "</a><b c=\"d\" e='f'>&amp;]]>",
		    "&lt;/a&gt;&lt;b c=&quot;d&quot; e=&#39;f&#39;&gt;"
		    "&amp;amp;]]&gt;" },
		{ "a\tb\r\nc", "a&#9;b&#13;&#10;c" },
		{ "\x01\x1b[2J\xff\xc3",
		    "\xef\xbf\xbd\xef\xbf\xbd[2J"
		    "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80\xef\xbf\xbf",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80" },
		{ "${device.name}", "${device.name}" },
	};
	char expected[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)str_copy(device.description, sizeof(device.description),
		    cases[i].text);
		(void)str_printf(expected, sizeof(expected),
		    "<a b=\"%s\" c='%s'>%s</a>", cases[i].expected,
		    cases[i].expected, cases[i].expected);
		makes("<a b=\"${device.description}\" "
		      "c='${device.description}'>${device.description}</a>",
		    expected);
	}
}

static void
wrong_templates_name_line_and_rule(void **state)
{
	static const struct {
		const char *text;
		enum phone_config_kind kind;
		const char *message;
	} cases[] = {
		{ "<a>\n${device.colour}</a>", PHONE_CONFIG_DEVICE,
		    "own: line 2: no such field: device.colour" },
		{ "<a>${}</a>", PHONE_CONFIG_DEVICE,
		    "own: line 1: no such field" },
		{ "<a>${device.name</a>", PHONE_CONFIG_DEVICE,
		    "own: line 1: \"${\" without \"}\"" },
		{ "<a>${#servers}</a>", PHONE_CONFIG_DEVICE,
		    "own: line 1: a block does not end" },
		{ "<a>${/servers}</a>", PHONE_CONFIG_DEVICE,
		    "own: line 1: no block that could end here: servers" },
		{ "<a>${#servers}${?sip.port}${/servers}${/sip.port}</a>",
		    PHONE_CONFIG_DEVICE,
		    "own: line 1: another block must end first: sip.port" },
		{ "<a>${#servers}${#servers}${/servers}${/servers}</a>",
		    PHONE_CONFIG_DEVICE,
		    "own: line 1: a block inside of itself: #servers" },
		{ "<a>${#phones}</a>", PHONE_CONFIG_DEVICE,
		    "own: line 1: no such field: #phones" },
		{ "<a>\n</b>", PHONE_CONFIG_DEVICE,
		    "own: filled in: line 2: an end tag is not that of the "
		    "last start" },
		{ "<a ${device.name}='1'/>", PHONE_CONFIG_DEVICE,
		    "own: filled in: line 1: a name is missing" },
		{ "<a${device.name}/>", PHONE_CONFIG_DEVICE,
		    "own: filled in: line 1: a tag does not end" },
		{ "<a><!-- ${device.name} --></a>", PHONE_CONFIG_DEVICE,
		    "own: filled in: line 1: \"--\" in a comment" },
		{ "<Default>${device.name}</Default>", PHONE_CONFIG_DEFAULT,
		    "own: line 1: no such field here: device.name" },
		{ "", PHONE_CONFIG_DEVICE,
		    "own: filled in: line 1: no element" },
	};
	char *big = mem_alloc(PHONE_CONFIG_TEMPLATE_MAX + 1);
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(phone_config_template_parse("own", cases[i].text,
		    strlen(cases[i].text), cases[i].kind, &e));
		assert_string_equal(e.msg, cases[i].message);
		assert_int_equal(e.code, ERR_FORMAT);
	}
	assert_null(phone_config_template_parse("own", "<a>\0</a>", 8,
	    PHONE_CONFIG_DEVICE, &e));
	assert_string_equal(e.msg, "own: a NUL byte");
	assert_null(phone_config_template_parse("own", big,
	    PHONE_CONFIG_TEMPLATE_MAX + 1, PHONE_CONFIG_DEVICE, &e));
	assert_int_equal(e.code, ERR_TOO_BIG);
	free(big);
}

static void
numbers_of_parts_are_bounded(void **state)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	wbuf_printf(&w, "<a>");
	for (unsigned i = 0; i < 4096; i++)
		wbuf_printf(&w, "${sip.port}");
	wbuf_printf(&w, "</a>");
	assert_null(phone_config_template_parse("own", w.data, w.len,
	    PHONE_CONFIG_DEVICE, &e));
	assert_string_equal(e.msg, "own: line 1: too many fields");
	wbuf_release(&w);
}

/* Half an element may be left out: then nothing is made. */
static void
what_is_no_xml_is_not_made(void **state)
{
	struct phone_config_template *t =
	    parse("<a>${?device.sip}<b>${/device.sip}"
		  "${?device.load}</b>${/device.load}</a>");
	struct err e = ERR_INIT;
	uint8_t *out = NULL;
	size_t len = 0;
	char *text;

	(void)state;
	text = render(t);
	assert_string_equal(text, "<a><b></b></a>");
	free(text);
	device.load[0] = '\0';
	assert_int_equal(phone_config_render(t, &in, &out, &len, &e), -1);
	assert_string_equal(e.msg,
	    "what own makes: line 1: an end tag is not that of the last "
	    "start");
	phone_config_template_free(t);
}

static void
big_files_are_not_made(void **state)
{
	struct phone_config_template *t;
	struct err e = ERR_INIT;
	struct wbuf w;
	uint8_t *out = NULL;
	size_t len = 0;

	(void)state;
	wbuf_init(&w, 0);
	wbuf_printf(&w, "<a>");
	for (unsigned i = 0; i < 2000; i++)
		wbuf_printf(&w, "${device.description}");
	wbuf_printf(&w, "</a>%c", 0);
	t = parse((const char *)w.data);
	memset(device.description, '&', sizeof(device.description) - 1);
	assert_int_equal(phone_config_render(t, &in, &out, &len, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	phone_config_template_free(t);
	wbuf_release(&w);
}

static void
has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in\n%s", part, text);
}

/* The ones that come with the program, when there is none of one's own. */
static void
built_in_templates_say_all(void **state)
{
	char *dir = testing_dir();
	struct phone_config_template *t;
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	paths_set_root(dir);
	t = phone_config_template_load(PHONE_CONFIG_DEVICE, &e);
	assert_non_null(t);
	assert_string_equal(phone_config_template_name(t),
	    "etc/phone/SEP.cnf.xml");
	text = render(t);
	has(text, "<deviceProtocol>SIP</deviceProtocol>");
	has(text, "<settingsAccess>2</settingsAccess>");
	has(text, "<webAccess>0</webAccess>\n<sshAccess>1</sshAccess>");
	has(text, "<spanToPCPort>1</spanToPCPort>");
	has(text, "<deviceSecurityMode>3</deviceSecurityMode>");
	has(text, "<loadInformation>SIP45.9-4-2SR3-1S</loadInformation>");
	has(text, "<certHash></certHash>\n<encrConfig>false</encrConfig>");
	has(text, "<processNodeName>127.0.10.2</processNodeName>");
	has(text,
	    "<TVS>\n<members>\n<member priority=\"0\">\n<port>2445</port>\n"
	    "<address>127.0.10.2</address>\n</member>\n<member "
	    "priority=\"1\">\n<port>2445</port>\n"
	    "<address>127.0.10.1</address>\n</member>\n</members>\n</TVS>");
	has(text, "<sipProfile>");
	free(text);
	device.protocol = DEVICE_SCCP;
	text = render(t);
	assert_null(strstr(text, "<sipProfile>"));
	free(text);
	phone_config_template_free(t);
	t = phone_config_template_load(PHONE_CONFIG_DEFAULT, &e);
	assert_non_null(t);
	in.device = NULL;
	text = render(t);
	has(text, "<Default>\n<callManagerGroup>\n<name>North</name>");
	has(text, "<name>test10sub.joemar2.lab</name>");
	free(text);
	phone_config_template_free(t);
	testing_dir_remove(dir);
}

static void
an_own_template_comes_first(void **state)
{
	char *dir = testing_dir();
	struct phone_config_template *t;
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	char *text;

	(void)state;
	paths_set_root(dir);
	assert_int_equal(file_mkdir(paths_in(path, "etc"), 0755, &e), 0);
	assert_int_equal(file_mkdir(paths_in(path, "etc/phone"), 0755, &e), 0);
	testing_write(dir, "etc/phone/SEP.cnf.xml",
	    "<device>${device.name}</device>");
	t = phone_config_template_load(PHONE_CONFIG_DEVICE, &e);
	assert_non_null(t);
	text = render(t);
	assert_string_equal(text, "<device>SEP001122334455</device>");
	free(text);
	phone_config_template_free(t);
	/* nothing stands in for one that is broken or cannot be read */
	testing_write(dir, "etc/phone/SEP.cnf.xml", "<device>");
	assert_null(phone_config_template_load(PHONE_CONFIG_DEVICE, &e));
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(mkdir(paths_in(path, "etc/phone/XMLDefault.cnf.xml"),
			     0755),
	    0);
	assert_null(phone_config_template_load(PHONE_CONFIG_DEFAULT, &e));
	testing_dir_remove(dir);
}

static void
fields_have_names(void **state)
{
	const char *const *names = phone_config_fields();
	size_t n = 0;

	(void)state;
	for (; names[n] != NULL; n++)
		assert_non_null(strchr(names[n], '.'));
	assert_int_equal(n, 25);
	phone_config_template_free(NULL);
}

static void
the_manual_has_all_fields(void **state)
{
	char *manual = testing_read("doc", "ucm-node.8");

	(void)state;
	assert_non_null(manual);
	for (const char *const *f = phone_config_fields(); *f != NULL; f++)
		if (strstr(manual, *f) == NULL)
			fail_msg("ucm-node.8 does not have %s", *f);
	free(manual);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(fields_are_filled_in, setup),
		cmocka_unit_test_setup(blocks_are_repeated_or_left_out, setup),
		cmocka_unit_test_setup(descriptions_cannot_break_out, setup),
		cmocka_unit_test_setup(wrong_templates_name_line_and_rule,
		    setup),
		cmocka_unit_test_setup(numbers_of_parts_are_bounded, setup),
		cmocka_unit_test_setup(what_is_no_xml_is_not_made, setup),
		cmocka_unit_test_setup(big_files_are_not_made, setup),
		cmocka_unit_test_setup(built_in_templates_say_all, setup),
		cmocka_unit_test_setup(an_own_template_comes_first, setup),
		cmocka_unit_test(fields_have_names),
		cmocka_unit_test(the_manual_has_all_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
