/*
 * node/verb_certmon.c: settings and alarms, with a real database.
 */
#include "node/verb.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "verb_util.h"

static void
settings_are_shown_and_set(void **state)
{
	(void)state;
	assert_int_equal(call(0, "cert,monitor,show"), 0);
	assert_string_equal(c.rows, "f|||30|09:00\n");
	assert_int_equal(call(1, "cert,monitor,set,address,a@b"), 0);
	assert_int_equal(call(1, "cert,monitor,set,server,[::1]:587"), 0);
	assert_int_equal(call(1, "cert,monitor,set,email,enable"), 0);
	assert_int_equal(call(1, "cert,monitor,set,days,7"), 0);
	assert_int_equal(call(1, "cert,monitor,set,time,00:05"), 0);
	assert_int_equal(call(0, "cert,monitor,show"), 0);
	assert_string_equal(c.rows, "t|a@b|[::1]:587|7|00:05\n");
}

static void
wrong_ones_are_refused(void **state)
{
	(void)state;
	assert_int_equal(call(0, "cert,monitor,set,days,7"), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_int_equal(call(1, "cert,monitor,set,days,0"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(call(1, "cert,monitor,set,colour,red"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(call(1, "cert,monitor,set,days"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
}

static void
alarms_are_those_of_now(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(call(0, "cert,alarm"), 0);
	assert_string_equal(c.rows, "");
	paths_in(path, "certs/ITLRecovery.p12");
	assert_int_equal(file_replace(path, "key", 3, 0640, &e), 0);
	assert_int_equal(call(0, "cert,alarm"), 0);
	assert_true(str_starts(c.rows,
	    "ITLRecoveryCertBackup|Warning|Cisco Certificate Monitor|This "
	    "cluster has an ITLRecovery certificate "));
	assert_non_null(
	    strstr(c.rows, "|Use the CLI command \"file get tftp "));
	pg_server_sql("update recoverybackup set savedsha256 = presentsha256");
	assert_int_equal(call(0, "cert,alarm"), 0);
	assert_string_equal(c.rows, "");
	/* a file that cannot be read says so in its alarm */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(call(0, "cert,alarm"), 0);
	assert_true(str_starts(c.rows, "ITLRecoveryCertBackup|Warning|"));
	assert_non_null(strstr(c.rows, "|The recovery key cannot be read: "));
	assert_int_equal(rmdir(path), 0);
}

static void
without_a_database_there_is_an_error(void **state)
{
	(void)state;
	pg_server_halt(&server);
	assert_int_equal(call(0, "cert,alarm"), -1);
	assert_int_equal(c.e.code, ERR_UNREACHABLE);
	assert_int_equal(call(0, "cert,monitor,show"), -1);
	assert_int_equal(call(1, "cert,monitor,set,days,8"), -1);
	assert_string_equal(c.e.hint, "Nothing was changed.");
	pg_server_resume(&server);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(settings_are_shown_and_set),
		TEST(wrong_ones_are_refused),
		TEST(alarms_are_those_of_now),
		TEST(without_a_database_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
