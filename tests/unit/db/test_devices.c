#include "db/devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "db/callmanager_groups.h"
#include "db/db_priv.h"
#include "tests/fakes/pg_cluster.h"

#define SEP1 "SEP001122334401"
#define SEP2 "SEP001122334402"
#define MANY 10000

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

static int
no_phones(void **state)
{
	(void)state;
	pg_server_sql("delete from device; delete from devicechange;"
		      "delete from devicepool where name <> 'Default'");
	return 0;
}

static void
edit(enum device_edit_mode mode, const struct device_edit *edits, size_t n,
    struct device_edit_counts *counts)
{
	struct err e = ERR_INIT;

	if (devices_edit(db, mode, edits, n, counts, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
refused(enum device_edit_mode mode, const struct device_edit *edits, size_t n,
    enum err_code code, const char *message)
{
	struct device_list before, after;
	struct err e = ERR_INIT;

	assert_int_equal(devices_list(db, NULL, &before, &e), 0);
	assert_int_equal(devices_edit(db, mode, edits, n, NULL, &e), -1);
	assert_string_equal(e.msg, message);
	assert_int_equal(e.code, code);
	err_clear(&e);
	assert_int_equal(devices_list(db, NULL, &after, &e), 0);
	assert_int_equal(before.n, after.n);
	device_list_release(&before);
	device_list_release(&after);
}

static void
add(const char *name)
{
	struct device_edit d = { .name = "" };

	(void)str_copy(d.name, sizeof(d.name), name);
	edit(DEVICE_EDIT_ADD, &d, 1, NULL);
}

static int
remove_phones(const char *one, const char *other, struct err *e)
{
	struct strlist l = STRLIST_INIT;
	int rc;

	strlist_add(&l, one);
	if (other != NULL)
		strlist_add(&l, other);
	rc = devices_remove(db, &l, e);
	strlist_release(&l);
	return rc;
}

static struct phone_version
version(void)
{
	struct phone_version v;
	struct err e = ERR_INIT;

	if (devices_version(db, &v, &e) == -1)
		fail_msg("%s", e.msg);
	return v;
}

static void
changed(uint64_t since, struct device_list *out)
{
	struct err e = ERR_INIT;

	if (devices_changed(db, since, out, &e) == -1)
		fail_msg("%s", e.msg);
}

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
every_field_can_be_set(void **state)
{
	static const char *const value[DEVICE_FIELDS] = {
		[DEVICE_FIELD_DESCRIPTION] = "Lobby \"A\\B\" {,} <&> \xc3\xa9",
		[DEVICE_FIELD_MODEL] = "7965",
		[DEVICE_FIELD_POOL] = "North",
		[DEVICE_FIELD_PROTOCOL] = "sccp",
		[DEVICE_FIELD_LOAD] = "SCCP45.9-4-2SR3-1S",
		[DEVICE_FIELD_SETTINGS_ACCESS] = "restricted",
		[DEVICE_FIELD_WEB_ACCESS] = "enabled",
		[DEVICE_FIELD_SSH_ACCESS] = "ENABLED",
		[DEVICE_FIELD_SPAN_TO_PC_PORT] = "enabled",
		[DEVICE_FIELD_SECURITY] = "encrypted",
		[DEVICE_FIELD_ENCRYPTED_CONFIG] = "enabled",
		[DEVICE_FIELD_CERTIFICATE] = "-----BEGIN\nX\n",
	};
	struct device_edit d = { .name = SEP1 };
	struct device_edit_counts counts;
	struct device_list l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(device_pool_set(db, "North", "Default", &e), 0);
	memcpy(d.value, value, sizeof(value));
	add(SEP1);
	edit(DEVICE_EDIT_SET, &d, 1, &counts);
	assert_int_equal(counts.changed, 1);
	assert_int_equal(counts.added + counts.unchanged, 0);
	assert_int_equal(devices_list(db, NULL, &l, &e), 0);
	assert_int_equal(l.n, 1);
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		const char *text =
		    device_field_text(l.item, (enum device_field)f);

		if (f == DEVICE_FIELD_MODEL)
			assert_string_equal(text, "Cisco 7965");
		else if (f == DEVICE_FIELD_PROTOCOL)
			assert_string_equal(text, "SCCP");
		else if (f == DEVICE_FIELD_SSH_ACCESS)
			assert_string_equal(text, "enabled");
		else
			assert_string_equal(text, value[f]);
	}
	assert_int_equal(l.item->model, 436);
	device_list_release(&l);
	/* what was not said stays; what is the same is no change */
	memset(d.value, 0, sizeof(d.value));
	d.value[DEVICE_FIELD_WEB_ACCESS] = "disabled";
	edit(DEVICE_EDIT_SET, &d, 1, &counts);
	assert_int_equal(counts.changed, 1);
	edit(DEVICE_EDIT_SET, &d, 1, &counts);
	assert_int_equal(counts.unchanged, 1);
	assert_int_equal(devices_list(db, SEP1, &l, &e), 0);
	assert_false(l.item->web_access);
	assert_true(l.item->ssh_access);
	assert_string_equal(l.item->description,
	    value[DEVICE_FIELD_DESCRIPTION]);
	device_list_release(&l);
}

static void
wrong_values_name_field_and_rule(void **state)
{
	static const struct {
		const char *value;
		const char *message;
		enum device_field field;
		enum err_code code;
	} cases[] = {
		{ "a\nb",
		    "line 7: description: \"a\\nb\": control bytes or no "
		    "UTF-8",
		    DEVICE_FIELD_DESCRIPTION, ERR_USAGE },
		{ "\xff",
		    "line 7: description: \"\\xff\": control bytes or no "
		    "UTF-8",
		    DEVICE_FIELD_DESCRIPTION, ERR_USAGE },
		{ "Nokia", "line 7: model: \"Nokia\": no known model",
		    DEVICE_FIELD_MODEL, ERR_NOT_FOUND },
		{ "West", "line 7: pool: \"West\": no device pool",
		    DEVICE_FIELD_POOL, ERR_NOT_FOUND },
		{ "H323", "line 7: protocol: \"H323\": SCCP or SIP",
		    DEVICE_FIELD_PROTOCOL, ERR_USAGE },
		{ "a b",
		    "line 7: load: \"a b\": letters, digits, \".\", \"_\" and "
		    "\"-\", at most 64",
		    DEVICE_FIELD_LOAD, ERR_USAGE },
		{ "",
		    "line 7: settings-access: \"\": disabled, enabled or "
		    "restricted",
		    DEVICE_FIELD_SETTINGS_ACCESS, ERR_USAGE },
		{ "very",
		    "line 7: security: \"very\": non-secure, authenticated or "
		    "encrypted",
		    DEVICE_FIELD_SECURITY, ERR_USAGE },
		{ "enabled",
		    "line 7: an encrypted configuration needs the phone's "
		    "certificate",
		    DEVICE_FIELD_ENCRYPTED_CONFIG, ERR_STATE },
	};
	char *big = mem_alloc(DEVICES_CERTIFICATE_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device_edit d = { .name = SEP1, .line = 7 };

		d.value[cases[i].field] = cases[i].value;
		refused(DEVICE_EDIT_IMPORT, &d, 1, cases[i].code,
		    cases[i].message);
		d.line = 0;
		if (cases[i].field == DEVICE_FIELD_LOAD)
			refused(DEVICE_EDIT_IMPORT, &d, 1, cases[i].code,
			    SEP1 ": load: \"a b\": letters, digits, \".\", "
				 "\"_\" and \"-\", at most 64");
	}
	memset(big, 'x', DEVICES_CERTIFICATE_MAX + 1);
	refused(DEVICE_EDIT_ADD,
	    &(struct device_edit) { .name = SEP1,
		.value[DEVICE_FIELD_CERTIFICATE] = big },
	    1, ERR_TOO_BIG, SEP1 ": certificate: more than 16384 bytes");
	memset(big, 'x', DEVICES_DESCRIPTION_MAX + 1);
	big[DEVICES_DESCRIPTION_MAX + 1] = '\0';
	refused(DEVICE_EDIT_ADD,
	    &(struct device_edit) { .name = SEP1,
		.value[DEVICE_FIELD_DESCRIPTION] = big },
	    1, ERR_USAGE,
	    SEP1 ": description: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\": more than 128 "
		 "characters");
	free(big);
}

static void
all_or_nothing(void **state)
{
	const struct device_edit two[] = {
		{ .name = SEP1, .line = 2 },
		{ .name = SEP2, .line = 3 },
	};
	const struct device_edit twice[] = {
		{ .name = SEP2, .line = 2 },
		{ .name = SEP1, .line = 4 },
		{ .name = SEP2, .line = 9 },
		{ .name = SEP1, .line = 11 },
	};

	(void)state;
	refused(DEVICE_EDIT_IMPORT, twice, 4, ERR_EXISTS,
	    "line 9: " SEP2 " is in line 2 already");
	add(SEP2);
	refused(DEVICE_EDIT_ADD, two, 2, ERR_EXISTS,
	    "there is a phone " SEP2 " already");
	refused(DEVICE_EDIT_SET, two, 2, ERR_NOT_FOUND,
	    "there is no phone " SEP1);
}

static void
certificate_stays_with_what_is_encrypted_to_it(void **state)
{
	struct device_edit d = { .name = SEP1,
		.value[DEVICE_FIELD_CERTIFICATE] = "PEM",
		.value[DEVICE_FIELD_ENCRYPTED_CONFIG] = "enabled" };

	(void)state;
	edit(DEVICE_EDIT_ADD, &d, 1, NULL);
	memset(d.value, 0, sizeof(d.value));
	d.value[DEVICE_FIELD_CERTIFICATE] = "";
	refused(DEVICE_EDIT_SET, &d, 1, ERR_STATE,
	    SEP1 ": an encrypted configuration needs the phone's certificate");
	d.value[DEVICE_FIELD_ENCRYPTED_CONFIG] = "disabled";
	edit(DEVICE_EDIT_SET, &d, 1, NULL);
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
removing_is_all_or_nothing(void **state)
{
	struct device_list l;
	struct err e = ERR_INIT;

	(void)state;
	add(SEP1);
	assert_int_equal(remove_phones(SEP1, SEP2, &e), -1);
	assert_string_equal(e.msg, "there is no phone " SEP2);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(devices_list(db, SEP1, &l, &e), 0);
	device_list_release(&l);
	add(SEP2);
	assert_int_equal(remove_phones(SEP1, SEP2, &e), 0);
	assert_int_equal(devices_list(db, SEP1, &l, &e), -1);
	assert_string_equal(e.msg, "there is no phone " SEP1);
	assert_int_equal(l.n, 0);
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
many_are_imported_at_once(void **state)
{
	struct device_edit *edits = mem_array(MANY, sizeof(*edits));
	struct device_edit_counts counts;
	struct phone_version v = version();
	struct device_list l;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		(void)str_printf(edits[i].name, sizeof(edits[i].name),
		    "SEP0000000%05X", i);
		edits[i].line = i + 2;
		edits[i].value[DEVICE_FIELD_MODEL] = "Cisco 8841";
		edits[i].value[DEVICE_FIELD_DESCRIPTION] = "one of many";
	}
	/* the last one of them is wrong */
	edits[MANY - 1].value[DEVICE_FIELD_MODEL] = "x";
	refused(DEVICE_EDIT_IMPORT, edits, MANY, ERR_NOT_FOUND,
	    "line 10001: model: \"x\": no known model");
	assert_int_equal(version().devices, v.devices);
	edits[MANY - 1].value[DEVICE_FIELD_MODEL] = NULL;
	edit(DEVICE_EDIT_IMPORT, edits, MANY, &counts);
	assert_int_equal(counts.added, MANY);
	changed(v.devices, &l);
	assert_int_equal(l.n, MANY);
	device_list_release(&l);
	edits[17].value[DEVICE_FIELD_DESCRIPTION] = "another";
	edit(DEVICE_EDIT_IMPORT, edits, MANY, &counts);
	assert_int_equal(counts.added, 0);
	assert_int_equal(counts.changed, 1);
	assert_int_equal(counts.unchanged, MANY - 1);
	free(edits);
}

static void
names_are_read_in_every_form(void **state)
{
	static const char *const good[] = { "SEP0011AABBCCDD", "0011aabbccdd",
		"sep0011AABBCCDD", "00:11:aa:bb:cc:dd", "00-11-AA-BB-CC-DD",
		"0011.aabb.ccdd" };
	static const char *const bad[] = { "", "SEP", "SEP0011AABBCCD",
		"SEP0011AABBCCDDE", "SEP0011AABBCCDG",
		"0011AABBCCDD:", ":0011AABBCCDD", "ATA0011AABBCCDD",
		"0011 AABBCCDD", "00\033[2J" };
	char name[DEVICES_NAME_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(device_name_parse(name, good[i], &e), 0);
		assert_string_equal(name, "SEP0011AABBCCDD");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(device_name_parse(name, bad[i], &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
	assert_null(strchr(e.msg, '\033'));
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
		cmocka_unit_test_setup(every_field_can_be_set, no_phones),
		cmocka_unit_test_setup(wrong_values_name_field_and_rule,
		    no_phones),
		cmocka_unit_test_setup(all_or_nothing, no_phones),
		cmocka_unit_test_setup(
		    certificate_stays_with_what_is_encrypted_to_it, no_phones),
		cmocka_unit_test_setup(changes_are_found_once, no_phones),
		cmocka_unit_test_setup(statements_of_run_sql_count_too,
		    no_phones),
		cmocka_unit_test_setup(numbers_become_visible_in_their_order,
		    no_phones),
		cmocka_unit_test_setup(removing_is_all_or_nothing, no_phones),
		cmocka_unit_test_setup(layout_counts_what_phones_share,
		    no_phones),
		cmocka_unit_test_setup(many_are_imported_at_once, no_phones),
		cmocka_unit_test(names_are_read_in_every_form),
		cmocka_unit_test(models_are_listed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
