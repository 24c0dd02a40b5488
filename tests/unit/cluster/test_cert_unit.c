/*
 * cluster/cert_unit.c: names, contents and rows of the units' certificates.
 */
#include "cluster/cert_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"
#include "trust/pkcs12.h"

static struct nodeconf conf;
static char *dir;

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	(void)str_copy(conf.domain, sizeof(conf.domain), "joemar2.lab");
	(void)str_copy(conf.unit, sizeof(conf.unit), "tac");
	(void)str_copy(conf.organization, sizeof(conf.organization), "cisco");
	(void)str_copy(conf.locality, sizeof(conf.locality), "rtp");
	(void)str_copy(conf.state, sizeof(conf.state), "nc");
	(void)str_copy(conf.country, sizeof(conf.country), "US");
	conf.key_bits = 1024;
	return mkdir(paths_in(path, "certs"), 0755);
}

static int
tear_down(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	return 0;
}

static void
knows_the_units_of_the_reference(void **state)
{
	static const char *const want[] = { "tomcat", "ipsec", "ITLRecovery",
		"CallManager", "CAPF", "TVS" };
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(cert_units_n, 6);
	for (i = 0; i < 6; i++) {
		assert_string_equal(cert_units[i], want[i]);
		assert_true(cert_unit_known(want[i]));
	}
	assert_false(cert_unit_known("callmanager"));
	assert_int_equal(cert_unit_check("TVS", &e), 0);
	assert_int_equal(cert_unit_check("\033[2J", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_null(strchr(e.msg, '\033'));
	for (i = 0; i < 6; i++)
		assert_non_null(strstr(e.hint, want[i]));
}

static void
names_as_in_the_seeds(void **state)
{
	char cn[CERT_UNIT_CN_SIZE];
	char again[CERT_UNIT_CN_SIZE];

	(void)state;
	assert_string_equal(cert_unit_common_name(cn, &conf, "CallManager"),
	    "test10pub.joemar2.lab");
	assert_string_equal(cert_unit_common_name(cn, &conf, "TVS"),
	    "test10pub.joemar2.lab");
	assert_string_equal(cert_unit_common_name(cn, &conf, "ITLRecovery"),
	    "ITLRECOVERY_test10pub.joemar2.lab");
	cert_unit_common_name(cn, &conf, "CAPF");
	assert_int_equal(strlen(cn), 13);
	assert_memory_equal(cn, "CAPF-", 5);
	assert_int_equal(strspn(cn + 5, "0123456789abcdef"), 8);
	assert_string_not_equal(cn,
	    cert_unit_common_name(again, &conf, "CAPF"));
	conf.domain[0] = '\0';
	assert_string_equal(cert_unit_common_name(cn, &conf, "tomcat"),
	    "test10pub");
}

static void
makes_a_pair_for_five_years(void **state)
{
	struct certfile pair;
	struct err e = ERR_INIT;
	int64_t now = clock_wall();

	(void)state;
	assert_int_equal(cert_unit_make(&conf, "ITLRecovery", &pair, &e), 0);
	assert_true(cert_matches_key(pair.cert, pair.key));
	assert_int_equal(pair.cert->key_bits, 1024);
	assert_true(pair.cert->self_issued);
	assert_string_equal(pair.cert->subject,
	    "CN=ITLRECOVERY_test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;"
	    "C=US");
	assert_true(pair.cert->not_before >= now);
	assert_int_equal(pair.cert->not_after,
	    cert_years(pair.cert->not_before, 5));
	certfile_release(&pair);
	assert_int_equal(cert_unit_make(&conf, "nothing", &pair, &e), -1);
	assert_null(pair.key);
}

static void
fills_the_row(void **state)
{
	struct certfile pair;
	struct cert_row row;
	struct cert *back;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(cert_unit_make(&conf, "TVS", &pair, &e), 0);
	assert_int_equal(cert_unit_row(&row, "test10pub", "TVS", pair.cert, &e),
	    0);
	assert_string_equal(row.node, "test10pub");
	assert_string_equal(row.unit, "TVS");
	assert_string_equal(row.subject, pair.cert->subject);
	assert_int_equal(strlen(row.serial), 2 * pair.cert->serial_len);
	assert_int_equal(strlen(row.sha256), 64);
	assert_true(row.self_signed);
	assert_null(strstr(row.pem, "PRIVATE"));
	back = cert_from_pem(row.pem, strlen(row.pem), &e);
	assert_non_null(back);
	assert_true(cert_equal(back, pair.cert));
	cert_free(back);
	cert_row_release(&row);
	certfile_release(&pair);
}

static void
writes_a_p12_that_the_password_opens(void **state)
{
	char path[PATH_SIZE];
	struct certfile pair;
	struct secret password;
	struct key *key;
	struct cert *cert;
	struct stat st;
	struct err e = ERR_INIT;

	(void)state;
	assert_false(cert_unit_p12_current());
	assert_int_equal(cert_unit_write_p12(&e), -1);
	assert_int_equal(cert_unit_make(&conf, "ITLRecovery", &pair, &e), 0);
	assert_int_equal(certfile_write(paths_in(path, "certs/ITLRecovery.pem"),
			     pair.key, pair.cert, &e),
	    0);
	assert_int_equal(cert_unit_write_p12(&e), -1);
	testing_write(dir, "certs/security_password", "se cret\n");
	assert_int_equal(cert_unit_write_p12(&e), 0);
	assert_true(cert_unit_p12_current());
	paths_in(path, "certs/ITLRecovery.p12");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	secret_set(&password, "se cret", 7);
	assert_int_equal(pkcs12_load(path, &password, &key, &cert, &e), 0);
	assert_true(cert_equal(cert, pair.cert));
	key_free(key);
	cert_free(cert);
	secret_release(&password);
	certfile_release(&pair);
	/* another password, another key: not current */
	testing_write(dir, "certs/security_password", "changed\n");
	assert_false(cert_unit_p12_current());
	testing_write(dir, "certs/security_password", "\n");
	assert_int_equal(cert_unit_write_p12(&e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_the_units_of_the_reference),
		TEST(names_as_in_the_seeds),
		TEST(makes_a_pair_for_five_years),
		TEST(fills_the_row),
		TEST(writes_a_p12_that_the_password_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
