/*
 * db/device_fields.c: names of phones and values of fields.
 */
#include "db/device_fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
names_are_read_in_every_form(void **state)
{
	static const char *const good[] = { "SEP0011AABBCCDD", "0011aabbccdd",
		"sep0011AABBCCDD", "00:11:aa:bb:cc:dd", "00-11-AA-BB-CC-DD",
		"0011.aabb.ccdd", "0011-AABB-CCDD", "SEP00:11:aa:bb:cc:dd" };
	static const char *const bad[] = { "", "SEP", "SEP0011AABBCCD",
		"SEP0011AABBCCDDE", "SEP0011AABBCCDG",
		"0011AABBCCDD:", ":0011AABBCCDD", "ATA0011AABBCCDD",
		"0011 AABBCCDD", "00:11:aa:bb:c:cdd", "0:011:aa:bb:cc:dd",
		"00:11-aa:bb-cc:dd", "0011.aabb-ccdd", "0011aabb.cc.dd",
		"00::11aabbccdd", "SEP:00:11:aa:bb:cc:dd", "00 11 aa bb cc dd",
		"00\033[2J" };
	char name[DEVICES_NAME_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(device_name_parse(name, good[i], &e), 0);
		assert_string_equal(name, "SEP0011AABBCCDD");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (device_name_parse(name, bad[i], &e) == 0)
			fail_msg("%s is a phone", bad[i]);
		assert_int_equal(e.code, ERR_USAGE);
	}
	assert_null(strchr(e.msg, '\033'));
}

static void
values_are_what_the_database_holds(void **state)
{
	static const struct {
		enum device_field field;
		const char *text;
		const char *value;
	} good[] = {
		{ DEVICE_FIELD_DESCRIPTION, "", "" },
		{ DEVICE_FIELD_DESCRIPTION, "a \xc3\xa9", "a \xc3\xa9" },
		{ DEVICE_FIELD_MODEL, "any", "any" },
		{ DEVICE_FIELD_POOL, "any", "any" },
		{ DEVICE_FIELD_PROTOCOL, "sip", "11" },
		{ DEVICE_FIELD_LOAD, "", "" },
		{ DEVICE_FIELD_LOAD, "SIP45.9-4_2", "SIP45.9-4_2" },
		{ DEVICE_FIELD_SETTINGS_ACCESS, "Restricted", "2" },
		{ DEVICE_FIELD_WEB_ACCESS, "enabled", "0" },
		{ DEVICE_FIELD_SSH_ACCESS, "disabled", "1" },
		{ DEVICE_FIELD_SPAN_TO_PC_PORT, "enabled", "0" },
		{ DEVICE_FIELD_SECURITY, "encrypted", "3" },
		{ DEVICE_FIELD_ENCRYPTED_CONFIG, "enabled", "t" },
		{ DEVICE_FIELD_CERTIFICATE, "", "" },
	};
	struct err e = ERR_INIT;
	const char *value;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(device_field_value(good[i].field, good[i].text,
				     &value, &e),
		    0);
		assert_string_equal(value, good[i].value);
	}
	assert_int_equal(device_field_value(DEVICE_FIELD_SECURITY, "\033x",
			     &value, &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg,
	    "security: \"\\x1bx\": non-secure, authenticated or encrypted");
}

static void
some_values_may_be_empty(void **state)
{
	struct err e = ERR_INIT;
	const char *value;

	(void)state;
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		const enum device_field field = (enum device_field)f;
		int rc = device_field_value(field, "", &value, &e);

		/* only the database knows that nothing is called "" */
		if (field != DEVICE_FIELD_MODEL && field != DEVICE_FIELD_POOL)
			assert_int_equal(rc,
			    device_field_may_be_empty(field) ? 0 : -1);
	}
	assert_false(device_field_may_be_empty(DEVICE_FIELD_MODEL));
	assert_false(device_field_may_be_empty(DEVICE_FIELD_POOL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_in_every_form),
		cmocka_unit_test(values_are_what_the_database_holds),
		cmocka_unit_test(some_values_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
