/*
 * node/verb_parameter.c: enterprise parameters, with a real database.
 */
#include "node/verb.h"

#include "base/str.h"
#include "verb_util.h"

#define DIGEST "TFTP File Signature Algorithm"
#define FILES "Alternate Cisco File Servers"

static void
parameters_are_shown_and_set(void **state)
{
	(void)state;
	assert_int_equal(call(0, "parameter,list"), 0);
	assert_true(str_starts(c.rows, FILES "||other clusters "));
	assert_non_null(strstr(c.rows, "\nCluster ID|StandAloneCluster|"));
	assert_int_equal(call(0, "parameter,show," DIGEST), 0);
	assert_string_equal(c.rows,
	    DIGEST "|SHA-1|digest of trust lists and signed files|SHA-1 or "
		   "SHA-512|Cisco Tftp\n");
	assert_int_equal(call(1, "parameter,set," DIGEST ",SHA-512"), 0);
	assert_int_equal(call(1, "parameter,set," FILES ",a b:80"), 0);
	assert_int_equal(call(0, "parameter,show," DIGEST), 0);
	assert_true(str_starts(c.rows, DIGEST "|SHA-512|"));
	assert_int_equal(call(0, "parameter,show," FILES), 0);
	assert_true(str_starts(c.rows, FILES "|a b:80|"));
	assert_int_equal(call(0, "parameter,show,ClusterSecurityMode"), 0);
	assert_string_equal(c.rows,
	    "ClusterSecurityMode|0|0: phones may register without "
	    "security||\n");
}

static void
wrong_ones_are_refused(void **state)
{
	(void)state;
	assert_int_equal(call(0, "parameter,set," DIGEST ",SHA-1"), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_int_equal(call(1, "parameter,set," DIGEST ",MD5"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(call(4, "parameter,set,ClusterSecurityMode,1"), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_int_equal(call(4, "parameter,set,Colour,red"), -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
	assert_int_equal(call(0, "parameter,show,Colour"), -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
	assert_int_equal(call(0, "parameter,show"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
}

static void
without_a_database_there_is_an_error(void **state)
{
	(void)state;
	pg_server_halt(&server);
	assert_int_equal(call(0, "parameter,list"), -1);
	assert_true(str_starts(c.e.msg, "the enterprise parameters: "));
	assert_int_equal(call(0, "parameter,show,Cluster ID"), -1);
	assert_true(str_starts(c.e.msg, "the enterprise parameters: "));
	assert_int_equal(call(1, "parameter,set,Cluster ID,x"), -1);
	assert_true(str_starts(c.e.msg, "the publisher's database: "));
	assert_string_equal(c.e.hint, "Nothing was changed.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(parameters_are_shown_and_set,
		    tear_down),
		cmocka_unit_test_teardown(wrong_ones_are_refused, tear_down),
		cmocka_unit_test_teardown(without_a_database_there_is_an_error,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
