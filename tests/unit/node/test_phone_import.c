/*
 * node/phone_import.c: CSV files and certificates.
 */
#include "node/phone_import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "trust/cert.h"
#include "trust/key.h"

/* PEM of a certificate of its own. */
static char *
certificate(enum key_type type)
{
	struct err e = ERR_INIT;
	struct key *k =
	    type == KEY_RSA ? key_generate_rsa(2048, &e) : key_generate_ec(&e);
	struct cert_spec spec = { .subject = { .cn = "SEP001122334455" },
		.not_before = 1700000000,
		.not_after = 1900000000,
		.uses = CERT_USE_CLIENT };
	struct cert *c;
	char *pem;

	assert_non_null(k);
	c = cert_self_sign(&spec, k, &e);
	assert_non_null(c);
	pem = cert_to_pem(c);
	cert_free(c);
	key_free(k);
	return pem;
}

static void
columns_stand_in_any_order(void **state)
{
	static const char text[] =
	    "Model,NAME,description\r\n"
	    "Cisco 8841,00:11:22:33:44:55,\"a, \"\"b\"\"\"\r\n"
	    ",SEP001122334456,\r\n";
	struct phone_edits l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(phone_import_read(text, strlen(text), &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].name, "SEP001122334455");
	assert_int_equal(l.item[0].line, 2);
	assert_string_equal(l.item[0].value[DEVICE_FIELD_MODEL], "Cisco 8841");
	assert_string_equal(l.item[0].value[DEVICE_FIELD_DESCRIPTION],
	    "a, \"b\"");
	assert_null(l.item[0].value[DEVICE_FIELD_POOL]);
	assert_int_equal(l.item[1].line, 3);
	assert_null(l.item[1].value[DEVICE_FIELD_MODEL]);
	assert_string_equal(l.item[1].value[DEVICE_FIELD_DESCRIPTION], "");
	phone_edits_release(&l);
	assert_int_equal(l.n, 0);
	phone_edits_release(NULL);
	/* a header alone is a file without phones */
	assert_int_equal(phone_import_read("name", 4, &l, &e), 0);
	assert_int_equal(l.n, 0);
	phone_edits_release(&l);
}

/* What was deleted in a spreadsheet is to go, if it can. */
static void
empty_fields_empty_what_may_be_empty(void **state)
{
	struct phone_edits l;
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	wbuf_printf(&w, "name");
	for (unsigned f = 0; f < DEVICE_FIELDS; f++)
		wbuf_printf(&w, ",%s", device_field_name((enum device_field)f));
	wbuf_printf(&w, "\nSEP001122334455");
	for (unsigned f = 0; f < DEVICE_FIELDS; f++)
		wbuf_printf(&w, ",");
	assert_int_equal(phone_import_read(w.data, w.len, &l, &e), 0);
	assert_int_equal(l.n, 1);
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		if (device_field_may_be_empty((enum device_field)f))
			assert_string_equal(l.item[0].value[f], "");
		else
			assert_null(l.item[0].value[f]);
	}
	phone_edits_release(&l);
	wbuf_release(&w);
}

static void
lines_without_anything_are_skipped(void **state)
{
	static const char text[] = "name,model\n\nSEP001122334455,8841\n,\n"
				   "\r\nSEP001122334456,8841\n\n\n";
	struct phone_edits l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(phone_import_read(text, strlen(text), &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.item[0].line, 3);
	assert_int_equal(l.item[1].line, 6);
	phone_edits_release(&l);
}

static void
wrong_files_name_line_and_rule(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{ "",
		    "line 1: the first line names the columns, and one of "
		    "them is \"name\"" },
		{ "model\n8841\n",
		    "line 1: the first line names the columns, and one of "
		    "them is \"name\"" },
		{ "name,colour\n", "line 1: no such column: \"colour\"" },
		{ "name,\033[2J\n", "line 1: no such column: \"\\x1b[2J\"" },
		{ "name,model,Name\n", "line 1: column Name stands twice" },
		{ "name,model\nSEP001122334455\n",
		    "line 2: 1 field, but line 1 names 2 columns" },
		{ "name,model\n,8841\n",
		    "line 2: \"\" is no phone: a phone is named SEP and the "
		    "12 hex digits of its MAC address" },
		{ "name\nSEP001122334455\nSEP0,1\n",
		    "line 3: 2 fields, but line 1 names 1 column" },
		{ "name;model\nSEP001122334455;8841\n",
		    "line 1: between columns stands a comma: \"name;model\"" },
		{ "name\nSEP00112233445X\n",
		    "line 2: \"SEP00112233445X\" is no phone: a phone is "
		    "named SEP and the 12 hex digits of its MAC address" },
		{ "name\n\"SEP", "line 2, field 1: a quote does not end" },
	};
	struct phone_edits l;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(phone_import_read(cases[i].text,
				     strlen(cases[i].text), &l, &e),
		    -1);
		assert_string_equal(e.msg, cases[i].message);
		assert_int_equal(l.n, 0);
	}
}

static void
an_unknown_column_is_told_the_known_ones(void **state)
{
	struct phone_edits l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(phone_import_read("x", 1, &l, &e), -1);
	assert_string_equal(e.hint,
	    "Columns: name, description, model, pool, protocol, load, "
	    "settings-access, web-access, ssh-access, span-to-pc-port, "
	    "security, encrypted-config, certificate");
}

static void
certificates_are_read_and_kept_alone(void **state)
{
	char *pem = certificate(KEY_RSA);
	char *text = mem_printf("name,certificate\n"
				"001122334455,\"some words\n%s\"\n"
				"001122334456,\"%s\"\n",
	    pem, pem);
	struct phone_edits l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(phone_import_read(text, strlen(text), &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[0].value[DEVICE_FIELD_CERTIFICATE], pem);
	assert_true(l.item[1].line > 20);
	phone_edits_release(&l);
	free(text);
	free(pem);
}

static void
unfit_certificates_are_refused(void **state)
{
	static const char text[] = "name,certificate\n001122334455,x\n";
	char *pem = certificate(KEY_EC);
	struct phone_edits l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(phone_import_read(text, strlen(text), &l, &e), -1);
	assert_memory_equal(e.msg, "line 2: certificate: ", 21);
	assert_null(phone_import_certificate(pem, strlen(pem), &e));
	assert_int_equal(e.code, ERR_KEY);
	assert_string_equal(e.msg,
	    "nothing can be encrypted to its key, which is not RSA");
	free(pem);
}

static void
too_many_phones_are_refused(void **state)
{
	struct phone_edits l;
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	wbuf_printf(&w, "name\n");
	for (unsigned i = 0; i <= PHONE_IMPORT_PHONES_MAX; i++)
		wbuf_printf(&w, "%012X\n", i);
	assert_int_equal(phone_import_read(w.data, w.len, &l, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_string_equal(e.msg, "line 100002: more than 100000 phones");
	wbuf_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stand_in_any_order),
		cmocka_unit_test(empty_fields_empty_what_may_be_empty),
		cmocka_unit_test(lines_without_anything_are_skipped),
		cmocka_unit_test(wrong_files_name_line_and_rule),
		cmocka_unit_test(an_unknown_column_is_told_the_known_ones),
		cmocka_unit_test(certificates_are_read_and_kept_alone),
		cmocka_unit_test(unfit_certificates_are_refused),
		cmocka_unit_test(too_many_phones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
