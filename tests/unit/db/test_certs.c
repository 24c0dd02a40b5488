#include "db/certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "sub-b", "127.0.10.3", NODE_SUBSCRIBER);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub-a", "127.0.10.2", NODE_SUBSCRIBER);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&server);
	return 0;
}

static void
certificate_comes_back_as_it_went(void **state)
{
	struct cert_row want;
	struct cert_row row;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_cert(&want, "pub", "CallManager", 1);
	assert_int_equal(certs_replace(db, &want, &e), 0);
	assert_int_equal(certs_find(db, "PUB", "CallManager", &row, &e), 0);
	assert_string_equal(row.node, "pub");
	assert_string_equal(row.address, "127.0.10.1");
	assert_string_equal(row.unit, "CallManager");
	assert_string_equal(row.subject, want.subject);
	assert_string_equal(row.issuer, want.issuer);
	assert_string_equal(row.serial, want.serial);
	assert_string_equal(row.sha256, want.sha256);
	assert_string_equal(row.pem, want.pem);
	assert_int_equal(row.not_before, 1001);
	assert_int_equal(row.not_after, 2000000000);
	assert_true(row.self_signed);
	cert_row_release(&row);
	assert_null(row.pem);
	cert_row_release(&row);
	cert_row_release(NULL);
	cert_row_release(&want);
}

static void
replacing_leaves_one(void **state)
{
	struct cert_list l;
	struct cert_row row;
	struct err e = ERR_INIT;
	bool yes = false;
	char sha[CERTS_SHA256_SIZE];

	(void)state;
	db_rows_add_cert(db, "sub-a", "CallManager", 2);
	db_rows_add_cert(db, "pub", "CallManager", 3);
	assert_int_equal(certs_by_unit(db, "CallManager", &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].node, "pub");
	assert_string_equal(l.item[0].serial, "00000003");
	assert_string_equal(l.item[1].node, "sub-a");
	assert_string_equal(l.item[1].serial, "00000002");
	(void)str_copy(sha, sizeof(sha), l.item[0].sha256);
	cert_list_release(&l);
	assert_int_equal(certs_is_current(db, "pub", "CallManager", sha, &yes,
			     &e),
	    0);
	assert_true(yes);
	assert_int_equal(certs_is_current(db, "sub-a", "CallManager", sha, &yes,
			     &e),
	    0);
	assert_false(yes);
	assert_int_equal(certs_is_current(db, "pub", "TVS", sha, &yes, &e), 0);
	assert_false(yes);
	/* the same when it must be final, and the lock is given back */
	assert_int_equal(certs_is_current_settled(db, "pub", "CallManager", sha,
			     &yes, &e),
	    0);
	assert_true(yes);
	assert_int_equal(certs_is_current_settled(db, "pub", "TVS", sha, &yes,
			     &e),
	    0);
	assert_false(yes);
	assert_int_equal(certs_is_current_settled(db, "nope", "TVS", sha, &yes,
			     &e),
	    0);
	assert_false(yes);
	assert_int_equal(certs_find(db, "pub", "TVS", &row, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.msg,
	    "the database has no TVS certificate of node pub");
}

static void
bad_requests_change_nothing(void **state)
{
	struct cert_row row;
	struct cert_list l;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_cert(&row, "nope", "CallManager", 9);
	assert_int_equal(certs_replace(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	cert_row_release(&row);
	db_rows_cert(&row, "pub", "CallManager-trust", 9);
	assert_int_equal(certs_replace(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg,
	    "there is no certificate unit CallManager-trust");
	cert_row_release(&row);
	db_rows_cert(&row, "pub", "CallManager", 9);
	row.sha256[0] = '\0';
	assert_int_equal(certs_replace(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	cert_row_release(&row);
	assert_int_equal(certs_by_unit(db, "CallManager", &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].serial, "00000003");
	cert_list_release(&l);
}

static void
store_a_key(void)
{
	struct cert_row row;
	struct err e = ERR_INIT;

	db_rows_cert(&row, "pub", "CallManager", 9);
	free(row.pem);
	row.pem = mem_strdup("-----BEGIN PRIVATE KEY-----\n");
	(void)certs_replace(db, &row, &e);
}

static void
private_key_is_never_stored(void **state)
{
	(void)state;
	assert_true(testing_aborts(store_a_key));
}

static void
add_trust(const char *unit, unsigned number, int want)
{
	struct cert_row row;
	struct err e = ERR_INIT;

	db_rows_cert(&row, "foreign", unit, number);
	assert_int_equal(certs_add_trust(db, &row, &e), want);
	cert_row_release(&row);
}

static void
trust_units_list_copies_and_foreign_ones(void **state)
{
	struct cert_list l;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_cert(db, "pub", "CAPF", 4);
	add_trust("tomcat-trust", 5, 0);
	add_trust("tomcat-trust", 5, 0);
	add_trust("Phone-trust", 5, 0);
	add_trust("tomcat", 6, -1);
	assert_int_equal(certs_list_trust(db, &l, &e), 0);
	assert_int_equal(l.n, 6);
	assert_string_equal(l.item[0].unit, "Phone-trust");
	assert_string_equal(l.item[0].subject, "CN=foreign;OU=tac;O=cisco");
	assert_string_equal(l.item[0].node, "");
	assert_string_equal(l.item[1].unit, "CallManager-trust");
	assert_string_equal(l.item[1].node, "pub");
	assert_string_equal(l.item[2].node, "pub");
	assert_string_equal(l.item[3].node, "sub-a");
	assert_string_equal(l.item[4].unit, "tomcat-trust");
	assert_string_equal(l.item[5].unit, "CAPF-trust");
	cert_list_release(&l);
	/* the foreign ones are nobody's own */
	assert_int_equal(certs_list_own(db, "pub", &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].unit, "CallManager");
	assert_string_equal(l.item[1].unit, "CAPF");
	cert_list_release(&l);
	cert_list_release(NULL);
}

static void
roles_follow_the_unit(void **state)
{
	struct cert_list l;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_cert(db, "pub", "ITLRecovery", 7);
	assert_int_equal(certs_by_role(db, CERT_ROLE_SAST, &l, &e), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.item[0].serial, "00000003");
	assert_string_equal(l.item[0].unit, "CallManager");
	assert_string_equal(l.item[1].serial, "00000007");
	assert_string_equal(l.item[1].unit, "ITLRecovery");
	assert_string_equal(l.item[2].node, "sub-a");
	cert_list_release(&l);
	assert_int_equal(certs_by_role(db, CERT_ROLE_CAPF, &l, &e), 0);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.item[0].unit, "CAPF");
	cert_list_release(&l);
	assert_int_equal(certs_by_role(db, CERT_ROLE_APP_SERVER, &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].node, "");
	cert_list_release(&l);
}

static void
itl_takes_what_it_needs(void **state)
{
	struct cert_itl c;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(certs_for_itl(db, &c, &e), 0);
	assert_int_equal(c.tvs.n, 0);
	cert_itl_release(&c);
	db_rows_add_cert(db, "sub-a", "TVS", 11);
	db_rows_add_cert(db, "sub-b", "TVS", 12);
	db_rows_add_cert(db, "pub", "TVS", 10);
	db_rows_add_cert(db, "sub-b", "CAPF", 13);
	db_rows_add_cert(db, "sub-b", "ITLRecovery", 14);
	assert_int_equal(certs_for_itl(db, &c, &e), 0);
	assert_string_equal(c.capf.serial, "00000004");
	assert_string_equal(c.recovery.serial, "00000007");
	assert_int_equal(c.tvs.n, 3);
	assert_string_equal(c.tvs.item[0].node, "pub");
	assert_string_equal(c.tvs.item[1].node, "sub-b");
	assert_string_equal(c.tvs.item[2].node, "sub-a");
	cert_itl_release(&c);
	cert_itl_release(&c);
	cert_itl_release(NULL);
}

/* Without the publisher's, a subscriber's certificate does not stand in. */
static void
itl_wants_the_publishers(void **state)
{
	struct cert_itl c;
	struct err e = ERR_INIT;

	(void)state;
	pg_server_sql("delete from certificate"
		      " where serialnumber in ('00000004', '00000007')");
	assert_int_equal(certs_for_itl(db, &c, &e), 0);
	assert_null(c.capf.pem);
	assert_null(c.recovery.pem);
	cert_itl_release(&c);
}

static void
itl_is_read_inside_a_transaction_too(void **state)
{
	struct cert_itl c;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_begin(db, &e), 0);
	db_rows_add_cert(db, "sub-a", "TVS", 15);
	assert_int_equal(certs_for_itl(db, &c, &e), 0);
	assert_int_equal(c.tvs.n, 3);
	cert_itl_release(&c);
	assert_int_equal(db_commit(db, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate_comes_back_as_it_went),
		cmocka_unit_test(replacing_leaves_one),
		cmocka_unit_test(bad_requests_change_nothing),
		cmocka_unit_test(private_key_is_never_stored),
		cmocka_unit_test(trust_units_list_copies_and_foreign_ones),
		cmocka_unit_test(roles_follow_the_unit),
		cmocka_unit_test(itl_takes_what_it_needs),
		cmocka_unit_test(itl_wants_the_publishers),
		cmocka_unit_test(itl_is_read_inside_a_transaction_too),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
