#include "base/parameter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILES "Alternate Cisco File Servers"
#define DIGEST "TFTP File Signature Algorithm"
#define KNOWN                                        \
	" The parameters are: " FILES                \
	", Cluster ID, ClusterSecurityMode, " DIGEST \
	", TVS Trace File Size, TVS Trace Files, TVS Trace Level."

static void
the_table_is_sorted_and_complete(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < parameter_table_n; i++) {
		const struct parameter *p = &parameter_table[i];

		if (i > 0)
			assert_true(strcmp(p[-1].name, p->name) < 0);
		assert_non_null(p->help);
		assert_true(p->allowed == NULL || p->values != NULL ||
		    p->check != NULL);
		assert_ptr_equal(parameter_find(p->name, &e), p);
	}
}

static void
unknown_ones_are_told_the_known_ones(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_null(parameter_find("cluster id", &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.msg,
	    "\"cluster id\" is not an enterprise parameter." KNOWN);
	assert_null(parameter_find("\033[2J", &e));
	assert_null(strchr(e.msg, '\033'));
}

static void
splits(const char *text, const char *name, const char *expected)
{
	struct err e = ERR_INIT;
	const char *value;
	size_t len;
	const struct parameter *p = parameter_split(text, &value, &len, &e);

	if (name == NULL) {
		assert_null(p);
		assert_string_equal(e.msg, expected);
		return;
	}
	assert_non_null(p);
	assert_string_equal(p->name, name);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(value, expected, len);
}

static void
names_with_blanks_end_where_values_begin(void **state)
{
	(void)state;
	splits("Cluster ID Alpha", "Cluster ID", "Alpha");
	splits("Cluster ID   \"Alpha\"", "Cluster ID", "Alpha");
	splits(FILES " a b:1", FILES, "a b:1");
	splits(FILES " \"\"", FILES, "");
	splits(FILES " \"", FILES, "\"");
	splits("ClusterSecurityMode 1", "ClusterSecurityMode", "1");
	splits("Cluster ID", NULL,
	    "Cluster ID: the value is missing: 1 to 50 letters, digits, dots and hyphens.");
	splits("ClusterSecurityMode ", NULL,
	    "ClusterSecurityMode: the value is missing.");
	splits("TVS Trace Files 7", "TVS Trace Files", "7");
	splits("TVS Trace File Size 7", "TVS Trace File Size", "7");
	splits("Cluster IDs x", NULL,
	    "\"Cluster IDs x\" is not an enterprise parameter." KNOWN);
	splits("", NULL, "\"\" is not an enterprise parameter." KNOWN);
}

static int
check(const char *name, const char *value, struct err *e)
{
	const struct parameter *p = parameter_find(name, e);

	assert_non_null(p);
	return parameter_check(p, value, e);
}

static void
values_are_checked(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} good[] = {
		{ DIGEST, "SHA-1" },
		{ DIGEST, "SHA-512" },
		{ "Cluster ID", "A.b-9" },
		{ "TVS Trace Level", "Off" },
		{ "TVS Trace Files", "1000" },
		{ "TVS Trace File Size", "1" },
		{ FILES, "" },
		{ FILES, " a.b-c_d  10.0.0.1:80,x:65535 " },
		{ FILES, "a b c d e f g h i j" },
	};
	static const struct {
		const char *name;
		const char *value;
		const char *message;
	} bad[] = {
		{ DIGEST, "sha-1",
		    "\"sha-1\" is not one of its values: SHA-1 or SHA-512." },
		{ "Cluster ID", "",
		    "A cluster is named with 1 to 50 letters, digits, dots "
		    "and hyphens." },
		{ "Cluster ID", "a b",
		    "A cluster is named with 1 to 50 letters, digits, dots "
		    "and hyphens." },
		{ FILES, "a b c d e f g h i j k", "At most 10 hosts." },
		{ FILES, "a:0",
		    "\"a:0\" is not a host name or IPv4 address, with :PORT "
		    "if that is not 6970." },
		{ FILES, "a:",
		    "\"a:\" is not a host name or IPv4 address, with :PORT "
		    "if that is not 6970." },
		{ FILES, "ok a:655360",
		    "\"a:655360\" is not a host name or IPv4 address, with "
		    ":PORT if that is not 6970." },
		{ FILES, "http://a/",
		    "\"http://a/\" is not a host name or IPv4 address, with "
		    ":PORT if that is not 6970." },
		{ FILES, ":80",
		    "\":80\" is not a host name or IPv4 address, with :PORT "
		    "if that is not 6970." },
		{ "TVS Trace Files", "0", "A number from 1 to 1000." },
		{ "TVS Trace File Size", "101", "A number from 1 to 100." },
		{ "TVS Trace Level", "detailed",
		    "\"detailed\" is not one of its values: Off, Error, "
		    "Significant or Detailed." },
		{ "ClusterSecurityMode", "1",
		    "ClusterSecurityMode cannot be set." },
	};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i].name, good[i].value, &e) == -1)
			fail_msg("%s: %s", good[i].value, e.msg);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(check(bad[i].name, bad[i].value, &e), -1);
		assert_string_equal(e.msg, bad[i].message);
	}
}

static void
long_ones_are_refused(void **state)
{
	char big[PARAMETER_VALUE_SIZE + 1];
	struct err e = ERR_INIT;
	size_t len = 0;

	(void)state;
	/* ten hosts with the longest names */
	for (int i = 0; i < FILE_SERVERS_MAX; i++) {
		memset(big + len, 'x', FILE_SERVER_SIZE - 1);
		big[len] = (char)('a' + i);
		len += FILE_SERVER_SIZE;
		big[len - 1] = ' ';
	}
	big[len - 1] = '\0';
	assert_int_equal(check(FILES, big, &e), 0);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(check(FILES, big, &e), -1);
	assert_string_equal(e.msg, "At most 2559 characters.");
	big[51] = '\0';
	assert_int_equal(check("Cluster ID", big, &e), -1);
	big[50] = '\0';
	assert_int_equal(check("Cluster ID", big, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_complete),
		cmocka_unit_test(unknown_ones_are_told_the_known_ones),
		cmocka_unit_test(names_with_blanks_end_where_values_begin),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(long_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
