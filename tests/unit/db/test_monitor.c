#include "db/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/changes.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
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

/* As a new cluster has it. */
static int
forget(void **state)
{
	(void)state;
	pg_server_sql("delete from certificatemonitor;"
		      "insert into certificatemonitor default values");
	return 0;
}

static struct cert_monitor
read_it(void)
{
	struct cert_monitor m;
	struct err e = ERR_INIT;

	if (monitor_read(db, &m, &e) == -1)
		fail_msg("%s", e.msg);
	return m;
}

static void
set_it(const char *name, const char *value)
{
	struct err e = ERR_INIT;

	if (monitor_set(db, name, value, &e) == -1)
		fail_msg("%s %s: %s", name, value, e.msg);
}

static void
refused(const char *name, const char *value, enum err_code code)
{
	struct err e = ERR_INIT;

	assert_int_equal(monitor_set(db, name, value, &e), -1);
	assert_int_equal(e.code, code);
	assert_true(e.msg[0] != '\0');
}

static void
installation_sends_nothing(void **state)
{
	struct cert_monitor m = read_it();

	(void)state;
	assert_false(m.email);
	assert_string_equal(m.address, "");
	assert_string_equal(m.host, "");
	assert_int_equal(m.port, 25);
	assert_int_equal(m.days, 30);
	assert_int_equal(m.minute, 9 * 60);
}

static void
each_can_be_set_and_is_a_change(void **state)
{
	struct cert_monitor m;
	struct err e = ERR_INIT;
	uint64_t before, after;

	(void)state;
	assert_int_equal(changes_read(db, &before, &e), 0);
	set_it("address", "a@b,c@d");
	set_it("server", "[::1]:2525");
	set_it("days", "60");
	set_it("time", "23:59");
	set_it("email", "enable");
	m = read_it();
	assert_true(m.email);
	assert_string_equal(m.address, "a@b,c@d");
	assert_string_equal(m.host, "::1");
	assert_int_equal(m.port, 2525);
	assert_int_equal(m.days, 60);
	assert_int_equal(m.minute, 1439);
	assert_int_equal(changes_read(db, &after, &e), 0);
	assert_true(after >= before + 5);
	set_it("server", "mail");
	set_it("email", "disable");
	m = read_it();
	assert_false(m.email);
	assert_string_equal(m.host, "mail");
	assert_int_equal(m.port, 25);
}

static void
email_needs_address_and_server(void **state)
{
	(void)state;
	refused("email", "enable", ERR_STATE);
	set_it("address", "a@b");
	refused("email", "enable", ERR_STATE);
	set_it("server", "mail");
	set_it("email", "enable");
	set_it("email", "enable");
}

static void
wrong_values_are_refused(void **state)
{
	(void)state;
	refused("address", "a@b\r\nBcc: c@d", ERR_USAGE);
	refused("address", "", ERR_USAGE);
	refused("server", "mail:0", ERR_USAGE);
	refused("days", "0", ERR_USAGE);
	refused("time", "24:00", ERR_USAGE);
	refused("email", "maybe", ERR_USAGE);
	refused("colour", "red", ERR_USAGE);
}

static void
a_table_without_its_row_is_an_error(void **state)
{
	struct cert_monitor m;
	struct err e = ERR_INIT;

	(void)state;
	pg_server_sql("delete from certificatemonitor");
	assert_int_equal(monitor_read(db, &m, &e), -1);
	assert_int_equal(e.code, ERR_DATABASE);
}

/* Commands check what they write; run sql only reads. */
static void
run_sql_changes_nothing(void **state)
{
	struct db *sql = pg_server_open(DB_SQL_RW);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_query(sql, "select address from certificatemonitor",
			     0, NULL, NULL, &e),
	    0);
	assert_int_equal(db_query(sql,
			     "update certificatemonitor set address = 'x'", 0,
			     NULL, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_DENIED);
	db_close(sql);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(installation_sends_nothing, forget),
		cmocka_unit_test_setup(each_can_be_set_and_is_a_change, forget),
		cmocka_unit_test_setup(email_needs_address_and_server, forget),
		cmocka_unit_test_setup(wrong_values_are_refused, forget),
		cmocka_unit_test_setup_teardown(
		    a_table_without_its_row_is_an_error, forget, forget),
		cmocka_unit_test_setup(run_sql_changes_nothing, forget),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
