#include "db/trust_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/params.h"
#include "db/services.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
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

static int
clear(void **state)
{
	(void)state;
	pg_server_sql("delete from certificate");
	return 0;
}

static void
read_it(struct trust_store *s)
{
	struct err e = ERR_INIT;

	if (trust_store_read(db, s, &e) == -1)
		fail_msg("%s", e.msg);
}

static uint64_t
version(void)
{
	struct err e = ERR_INIT;
	uint64_t v;

	if (trust_store_version(db, &v, &e) == -1)
		fail_msg("%s", e.msg);
	return v;
}

static void
empty_at_first(void **state)
{
	struct trust_store s;

	(void)state;
	read_it(&s);
	assert_int_equal(s.n, 0);
	trust_store_release(&s);
	trust_store_release(NULL);
}

static void
certificates_with_their_roles(void **state)
{
	struct trust_store s;
	struct cert_row row;

	(void)state;
	db_rows_add_cert(db, "pub", "CallManager", 1);
	read_it(&s);
	assert_int_equal(s.n, 1);
	db_rows_cert(&row, "pub", "CallManager", 1);
	assert_string_equal(s.item[0].pem, row.pem);
	assert_string_equal(s.item[0].sha256, row.sha256);
	cert_row_release(&row);
	assert_int_equal(s.item[0].ttl, TRUST_STORE_NO_TTL);
	assert_int_equal(s.item[0].n_roles, 2);
	assert_int_equal(s.item[0].role[0], CERT_ROLE_SAST);
	assert_int_equal(s.item[0].role[1], CERT_ROLE_CCM_TFTP);
	trust_store_release(&s);
	assert_int_equal(s.n, 0);
}

/* A new one in its place is read; the old one is gone. */
static void
replaced_ones_are_gone(void **state)
{
	struct trust_store s;
	struct cert_row row;

	(void)state;
	db_rows_add_cert(db, "pub", "CallManager", 1);
	db_rows_add_cert(db, "pub", "CallManager", 2);
	read_it(&s);
	assert_int_equal(s.n, 1);
	db_rows_cert(&row, "pub", "CallManager", 2);
	assert_string_equal(s.item[0].sha256, row.sha256);
	cert_row_release(&row);
	trust_store_release(&s);
}

static void
foreign_ones_of_trust_units(void **state)
{
	struct trust_store s;
	struct cert_row row;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_cert(&row, "", "Phone-SAST-trust", 3);
	assert_int_equal(certs_add_trust(db, &row, &e), 0);
	(void)str_copy(row.unit, sizeof(row.unit), "directory-trust");
	assert_int_equal(certs_add_trust(db, &row, &e), 0);
	cert_row_release(&row);
	pg_server_sql("update certificate set timetolive = 600"
		      " where pkid = (select min(pkid) from certificate)");
	read_it(&s);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.item[0].sha256, s.item[1].sha256);
	assert_int_equal(s.item[0].ttl, 600);
	assert_int_equal(s.item[1].ttl, TRUST_STORE_NO_TTL);
	assert_int_equal(s.item[0].n_roles + s.item[1].n_roles, 2);
	trust_store_release(&s);
}

static void
what_is_in_no_store_does_not_count(void **state)
{
	struct trust_store s;

	(void)state;
	db_rows_add_cert(db, "pub", "TVS", 4);
	pg_server_sql("delete from certificateservicecertificatemap");
	read_it(&s);
	assert_int_equal(s.n, 0);
	trust_store_release(&s);
}

static void
the_version_grows_with_every_change(void **state)
{
	struct err e = ERR_INIT;
	uint64_t before = version();

	(void)state;
	assert_int_equal(version(), before);
	db_rows_add_cert(db, "pub", "TVS", 5);
	assert_true(version() > before);
	before = version();
	pg_server_sql("delete from certificatetrustrolemap");
	assert_true(version() > before);
	before = version();
	pg_server_sql("update certificate set timetolive = 60");
	assert_true(version() > before);
	before = version();
	assert_int_equal(params_set(db, "TVS Trace Level", "Error", &e), 0);
	assert_true(version() > before);
	before = version();
	assert_int_equal(services_set_active(db, "pub", SERVICES_CALLMANAGER,
			     true, &e),
	    0);
	assert_int_equal(version(), before);
}

static void
roles_that_are_none_are_refused(void **state)
{
	struct trust_store s;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_cert(db, "pub", "TVS", 6);
	pg_server_sql("insert into typetrustrole values (256, 'x', 'x')");
	pg_server_sql("insert into certificatetrustrolemap (fkcertificate,"
		      " tktrustrole) select pkid, 256 from certificate");
	assert_int_equal(trust_store_read(db, &s, &e), -1);
	assert_int_equal(e.code, ERR_DATABASE);
	assert_int_equal(s.n, 0);
	pg_server_sql("delete from certificatetrustrolemap;"
		      " delete from typetrustrole where enum = 256");
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_at_first),
		TEST(certificates_with_their_roles),
		TEST(replaced_ones_are_gone),
		TEST(foreign_ones_of_trust_units),
		TEST(what_is_in_no_store_does_not_count),
		TEST(the_version_grows_with_every_change),
		TEST(roles_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
