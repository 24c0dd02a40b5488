#include "base/nodeconf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define LEAST "name = n1\naddress = 127.0.10.1\n"

static char *dir;
static char *path; /* dir/node.conf */

static int
setup(void **state)
{
	(void)state;
	dir = testing_dir();
	path = mem_printf("%s/node.conf", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	free(path);
	return 0;
}

static void
the_least_gets_defaults(void **state)
{
	struct nodeconf c;
	struct err e = ERR_INIT;

	(void)state;
	testing_write(dir, "node.conf", LEAST);
	assert_int_equal(nodeconf_load(&c, path, &e), 0);
	assert_string_equal(c.name, "n1");
	assert_string_equal(c.domain, "");
	assert_string_equal(c.address, "127.0.10.1");
	assert_int_equal(c.role, NODE_PUBLISHER);
	assert_string_equal(c.publisher_name, "n1");
	assert_string_equal(c.publisher_address, "127.0.10.1");
	assert_int_equal(c.ssh_port, 22);
	assert_int_equal(c.tftp_port, 69);
	assert_int_equal(c.http_port, 6970);
	assert_int_equal(c.tvs_port, 2445);
	assert_int_equal(c.tvs_min_tls, NODE_TLS_1_2);
	assert_int_equal(c.sip_port, 5060);
	assert_int_equal(c.db_port, 5432);
	assert_int_equal(c.hold_seconds, 300);
	assert_int_equal(c.startup_delay, 0);
	assert_int_equal(c.key_bits, 2048);
	assert_true(c.clock_offset == 0 && c.age_offset == 0);
}

static void
blanks_and_comments(void **state)
{
	struct nodeconf c;
	struct err e = ERR_INIT;

	(void)state;
	testing_write(dir, "node.conf",
	    "# a node\n\n  \t\n\tname=n1  \r\naddress\t=\t127.0.10.1\n"
	    "organization = A = B # not a comment\n unit =\n"
	    "clock_offset = -60");
	assert_int_equal(nodeconf_load(&c, path, &e), 0);
	assert_string_equal(c.name, "n1");
	assert_string_equal(c.organization, "A = B # not a comment");
	assert_string_equal(c.unit, "");
	assert_true(c.clock_offset == -60);
}

static void
all_of_it_goes_round(void **state)
{
	struct nodeconf a, b;
	struct err e = ERR_INIT;

	(void)state;
	testing_write(dir, "node.conf",
	    "name = test10sub\ndomain = joemar2.lab\naddress = 127.0.10.2\n"
	    "role = subscriber\npublisher_name = test10pub\n"
	    "publisher_address = 127.0.10.1\nssh_port = 2222\n"
	    "tftp_port = 6969\nhttp_port = 1\ntvs_port = 65535\n"
	    "tvs_min_tls = 1.0\n"
	    "sip_port = 5\ndb_port = 6\ncountry = US\nstate = nc\n"
	    "locality = rtp\norganization = cisco\nunit = tac\n"
	    "startup_delay = 600\nhold_seconds = 0\nkey_bits = 4096\n"
	    "clock_offset = -5\nage_offset = 9\n");
	assert_int_equal(nodeconf_load(&a, path, &e), 0);
	assert_int_equal(a.role, NODE_SUBSCRIBER);
	assert_string_equal(a.publisher_address, "127.0.10.1");
	assert_string_equal(a.country, "US");
	assert_int_equal(a.tvs_port, 65535);
	assert_int_equal(a.tvs_min_tls, NODE_TLS_1_0);
	assert_true(a.age_offset == 9);
	paths_set_root(dir);
	assert_int_equal(nodeconf_save(&a, path, &e), 0);
	assert_int_equal(nodeconf_load(&b, path, &e), 0);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
errors_name_line_and_rule(void **state)
{
	static const struct {
		const char *text;
		const char *rule; /* behind the path */
	} cases[] = {
		{ LEAST "colour = red\n", ":3: unknown key: colour" },
		{ LEAST "name = n2\n", ":3: key given twice: name" },
		{ LEAST "nonsense\n", ":3: not \"key = value\": nonsense" },
		{ LEAST "\033[2J = 1\n", ":3: unknown key: \\x1b[2J" },
		{ LEAST "ssh_port = 0\n", ":3: ssh_port: value out of range" },
		{ LEAST "ssh_port = 65536\n",
		    ":3: ssh_port: value out of range" },
		{ LEAST "ssh_port = 22x\n",
		    ":3: ssh_port: value out of range" },
		{ LEAST "ssh_port = -1\n", ":3: ssh_port: value out of range" },
		{ LEAST "tvs_min_tls = 1.1\n",
		    ":3: tvs_min_tls: value out of range" },
		{ LEAST "key_bits = 512\n",
		    ":3: key_bits: value out of range" },
		{ LEAST "age_offset = -1\n",
		    ":3: age_offset: value out of range" },
		{ LEAST "clock_offset = 99999999999999999999\n",
		    ":3: clock_offset: value out of range" },
		{ LEAST "role = boss\n", ":3: role: value out of range" },
		{ LEAST "country = U1\n", ":3: country: value out of range" },
		{ LEAST "country = USA\n", ":3: country: value out of range" },
		{ LEAST "unit = a\001b\n", ":3: unit: value out of range" },
		{ LEAST "domain = a..b\n", ":3: domain: value out of range" },
		{ LEAST "domain = .a\n", ":3: domain: value out of range" },
		{ "name = 1a\n", ":1: name: value out of range" },
		{ "address = 127.0.0\n", ":1: address: value out of range" },
		{ "address = ::1\n", ":1: address: value out of range" },
		{ "address = 127.0.0.1\n", ": no key name" },
		{ "name = n1\n", ": no key address" },
		{ "", ": no key name" },
		{ LEAST "role = subscriber\n", ": no key publisher_name" },
		{ LEAST "role = subscriber\npublisher_name = p\n",
		    ": no key publisher_address" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nodeconf c;
		struct err e = ERR_INIT;

		testing_write(dir, "node.conf", cases[i].text);
		assert_int_equal(nodeconf_load(&c, path, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_true(str_starts(e.msg, path));
		assert_string_equal(e.msg + strlen(path), cases[i].rule);
	}
}

static void
long_values_and_lines(void **state)
{
	char text[4096];
	struct nodeconf c;
	struct err e = ERR_INIT;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[64] = '\0';
	assert_false(nodeconf_valid_name(text));
	text[63] = '\0';
	assert_true(nodeconf_valid_name(text));
	memset(text, 'x', sizeof(text));
	memcpy(text, "unit = ", 7);
	text[7 + 65] = '\0';
	testing_write(dir, "node.conf", text);
	assert_int_equal(nodeconf_load(&c, path, &e), -1);
	text[7 + 65] = 'x';
	text[sizeof(text) - 1] = '\0';
	testing_write(dir, "node.conf", text);
	assert_int_equal(nodeconf_load(&c, path, &e), -1);
	assert_non_null(strstr(e.msg, "line too long"));
}

static void
a_missing_file_is_not_found(void **state)
{
	struct nodeconf c;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(nodeconf_load(&c, "/nonexistent", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
names_are_host_names(void **state)
{
	static const char *const good[] = { "a", "test10pub", "a-b", "A1" };
	static const char *const bad[] = { "", "1a", "-a", "a-", "a.b", "a b",
		"a_b", "\xc3\xbc", "a/" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(nodeconf_valid_name(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(nodeconf_valid_name(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_gets_defaults),
		cmocka_unit_test(blanks_and_comments),
		cmocka_unit_test(all_of_it_goes_round),
		cmocka_unit_test(errors_name_line_and_rule),
		cmocka_unit_test(long_values_and_lines),
		cmocka_unit_test(a_missing_file_is_not_found),
		cmocka_unit_test(names_are_host_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
