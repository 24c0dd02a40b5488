/*
 * db/devices.c: phones are read, and what has changed of them.
 */
#include "db/devices.h"

#include "device_util.h"

static void
new_phone_has_defaults(void **state)
{
	struct device_list l;
	struct err e = ERR_INIT;
	const struct device_row *d;

	(void)state;
	add(SEP1);
	assert_int_equal(devices_list(db, SEP1, &l, &e), 0);
	assert_int_equal(l.n, 1);
	d = l.item;
	assert_string_equal(d->name, SEP1);
	assert_string_equal(d->description, "");
	assert_string_equal(d->model_name, "Unknown");
	assert_string_equal(d->pool_name, "Default");
	assert_int_equal(d->protocol, DEVICE_SIP);
	assert_string_equal(d->load, "");
	assert_int_equal(d->settings_access, DEVICE_SETTINGS_ENABLED);
	assert_false(d->web_access || d->ssh_access || d->span_to_pc_port);
	assert_int_equal(d->security, DEVICE_NON_SECURE);
	assert_false(d->encrypted_config);
	assert_null(d->certificate);
	device_list_release(&l);
}

static void
changes_are_found_once(void **state)
{
	struct device_edit d = { .name = SEP2,
		.value[DEVICE_FIELD_DESCRIPTION] = "x" };
	struct phone_version v0 = version();
	struct phone_version v1, v2;
	struct device_list l;
	struct err e = ERR_INIT;

	(void)state;
	add(SEP1);
	add(SEP2);
	v1 = version();
	assert_true(v1.devices > v0.devices);
	assert_int_equal(v1.layout, v0.layout);
	changed(v0.devices, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].name, SEP1);
	assert_int_equal(l.item[1].change, v1.devices);
	device_list_release(&l);
	changed(v1.devices, &l);
	assert_int_equal(l.n, 0);
	device_list_release(&l);
	/* an edit that changes nothing is none */
	edit(DEVICE_EDIT_SET, &d, 1, NULL);
	v2 = version();
	assert_int_equal(v2.devices, v1.devices + 1);
	edit(DEVICE_EDIT_SET, &d, 1, NULL);
	assert_int_equal(version().devices, v2.devices);
	assert_int_equal(remove_phones(SEP1, NULL, &e), 0);
	changed(v1.devices, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].name, SEP2);
	assert_false(l.item[0].deleted);
	assert_string_equal(l.item[0].description, "x");
	assert_string_equal(l.item[1].name, SEP1);
	assert_true(l.item[1].deleted);
	assert_string_equal(l.item[1].pool, "");
	device_list_release(&l);
	/* who begins anew hears of no removed ones */
	changed(0, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.item[0].name, SEP2);
	device_list_release(&l);
	add(SEP1);
	changed(v2.devices, &l);
	assert_int_equal(l.n, 1);
	assert_false(l.item[0].deleted);
	device_list_release(&l);
}

/* run sql is a writer like any other. */
static void
statements_of_run_sql_count_too(void **state)
{
	struct db *sql = pg_server_open(DB_SQL_RW);
	struct phone_version v;
	struct device_list l;
	struct err e = ERR_INIT;

	(void)state;
	add(SEP1);
	v = version();
	assert_int_equal(db_query(sql,
			     "update device set name = '" SEP2
			     "', description = e'\\x01' || repeat('x', 999)",
			     0, NULL, NULL, &e),
	    0);
	changed(v.devices, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].name, SEP1);
	assert_true(l.item[0].deleted);
	assert_string_equal(l.item[1].name, SEP2);
	assert_int_equal(strlen(l.item[1].description), 128);
	device_list_release(&l);
	/* no phone, and not seen as one */
	assert_int_equal(db_query(sql,
			     "insert into device (name, fkdevicepool)"
			     " select 'CTI-PORT', pkid from devicepool",
			     0, NULL, NULL, &e),
	    0);
	changed(v.devices, &l);
	assert_int_equal(l.n, 2);
	device_list_release(&l);
	assert_int_equal(devices_list(db, NULL, &l, &e), 0);
	assert_int_equal(l.n, 1);
	device_list_release(&l);
	/* a statement that finds nothing */
	v = version();
	assert_int_equal(db_query(sql, "delete from device where name = ''", 0,
			     NULL, NULL, &e),
	    0);
	assert_int_equal(version().devices, v.devices);
	assert_int_equal(db_query(sql, "update device set certificate = 'mine'",
			     0, NULL, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_DENIED);
	db_close(sql);
}

/* A number is not seen before a smaller one. */
static void
numbers_become_visible_in_their_order(void **state)
{
	struct db *first = pg_server_open(DB_SQL_RW);
	struct phone_version v;
	struct device_list l;
	struct err e = ERR_INIT;

	(void)state;
	add(SEP1);
	add(SEP2);
	v = version();
	assert_int_equal(db_begin(first, &e), 0);
	assert_int_equal(db_query(first,
			     "update device set description = 'a'"
			     " where name = '" SEP1 "'",
			     0, NULL, NULL, &e),
	    0);
	/* a second writer has to wait, so nobody sees it first */
	pg_server_sql("set lock_timeout = '200ms'; do $$ begin"
		      " update device set description = 'b' where name = '" SEP2
		      "'; raise exception 'did not wait';"
		      " exception when lock_not_available then null; end $$");
	changed(v.devices, &l);
	assert_int_equal(l.n, 0);
	device_list_release(&l);
	assert_int_equal(db_commit(first, &e), 0);
	changed(v.devices, &l);
	assert_int_equal(l.n, 1);
	device_list_release(&l);
	db_close(first);
}

static void
layout_counts_what_phones_share(void **state)
{
	struct phone_version v = version();
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(device_pool_set(db, "West", "Default", &e), 0);
	assert_true(version().layout > v.layout);
	assert_int_equal(version().devices, v.devices);
	v = version();
	pg_server_sql("update processconfig set paramvalue = 'C2'"
		      " where paramname = 'Cluster ID'");
	assert_true(version().layout > v.layout);
}

static void
models_are_listed(void **state)
{
	struct strlist l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(devices_models(db, &l, &e), 0);
	assert_true(strlist_has(&l, "Cisco 7965"));
	assert_true(strlist_has(&l, "Unknown"));
	strlist_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(new_phone_has_defaults, no_phones),
		cmocka_unit_test_setup(changes_are_found_once, no_phones),
		cmocka_unit_test_setup(statements_of_run_sql_count_too,
		    no_phones),
		cmocka_unit_test_setup(numbers_become_visible_in_their_order,
		    no_phones),
		cmocka_unit_test_setup(layout_counts_what_phones_share,
		    no_phones),
		cmocka_unit_test(models_are_listed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
