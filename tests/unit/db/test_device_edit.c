/*
 * db/device_edit.c: phones come, change and go, all or none.
 */
#include "db/device_edit.h"

#include "base/mem.h"
#include "device_util.h"

#define MANY 10000

static void
refused(enum device_edit_mode mode, const struct device_edit *edits, size_t n,
    enum err_code code, const char *message)
{
	const struct device_edits all = { .mode = mode, .item = edits, .n = n };
	struct device_list before, after;
	struct err e = ERR_INIT;

	assert_int_equal(devices_list(db, NULL, &before, &e), 0);
	assert_int_equal(devices_edit(db, &all, NULL, &e), -1);
	assert_string_equal(e.msg, message);
	assert_int_equal(e.code, code);
	err_clear(&e);
	assert_int_equal(devices_list(db, NULL, &after, &e), 0);
	assert_int_equal(before.n, after.n);
	device_list_release(&before);
	device_list_release(&after);
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

/* A phone that goes to the wrong one gets other servers. */
static void
pools_are_told_by_their_case(void **state)
{
	struct device_edit d = { .name = SEP1,
		.value[DEVICE_FIELD_POOL] = "Hall" };
	struct device_list l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(device_pool_set(db, "hall", "Default", &e), 0);
	refused(DEVICE_EDIT_ADD, &d, 1, ERR_NOT_FOUND,
	    SEP1 ": pool: \"Hall\": no device pool");
	assert_int_equal(device_pool_set(db, "Hall", "Default", &e), 0);
	edit(DEVICE_EDIT_ADD, &d, 1, NULL);
	assert_int_equal(devices_list(db, SEP1, &l, &e), 0);
	assert_string_equal(l.item->pool_name, "Hall");
	device_list_release(&l);
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
who_is_removed_twice_counts_once(void **state)
{
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;
	size_t n;

	(void)state;
	add(SEP1);
	strlist_add(&l, SEP1);
	strlist_add(&l, SEP1);
	assert_int_equal(devices_remove(db, &l, &n, &e), 0);
	assert_int_equal(n, 1);
	strlist_release(&l);
}

static void
edits_wait_for_each_other(void **state)
{
	const struct device_edit d = { .name = SEP1 };
	const struct device_edits one = { .mode = DEVICE_EDIT_ADD,
		.item = &d,
		.n = 1 };
	struct db *other = pg_server_open(DB_RW);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_begin(other, &e), 0);
	assert_int_equal(devices_edit(other, &one, NULL, &e), 0);
	refused(DEVICE_EDIT_ADD, &d, 1, ERR_STATE,
	    "somebody else is changing phones just now");
	assert_int_equal(remove_phones(SEP1, NULL, &e), -1);
	assert_string_equal(e.hint, "Try again in a minute.");
	assert_int_equal(db_commit(other, &e), 0);
	assert_int_equal(remove_phones(SEP1, NULL, &e), 0);
	db_close(other);
}

static char said[1024];

static int
listen(void *self, const char *text)
{
	(void)self;
	return str_copy(said, sizeof(said), text);
}

static void
many_are_imported_at_once(void **state)
{
	static const struct progress progress = { .text = listen };
	struct device_edit *edits = mem_array(MANY, sizeof(*edits));
	const struct device_edits all = { .mode = DEVICE_EDIT_IMPORT,
		.item = edits,
		.n = MANY,
		.progress = &progress };
	struct err e = ERR_INIT;
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
	said[0] = '\0';
	assert_int_equal(devices_edit(db, &all, &counts, &e), 0);
	assert_int_equal(counts.added, MANY);
	assert_string_equal(said, "5000 of 10000 phones so far.\n");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_field_can_be_set, no_phones),
		cmocka_unit_test_setup(wrong_values_name_field_and_rule,
		    no_phones),
		cmocka_unit_test_setup(all_or_nothing, no_phones),
		cmocka_unit_test_setup(
		    certificate_stays_with_what_is_encrypted_to_it, no_phones),
		cmocka_unit_test_setup(pools_are_told_by_their_case, no_phones),
		cmocka_unit_test_setup(removing_is_all_or_nothing, no_phones),
		cmocka_unit_test_setup(who_is_removed_twice_counts_once,
		    no_phones),
		cmocka_unit_test_setup(edits_wait_for_each_other, no_phones),
		cmocka_unit_test_setup(many_are_imported_at_once, no_phones),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
