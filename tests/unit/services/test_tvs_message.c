#include "services/tvs_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define DEVICE   \
	"010018" \
	"0143502d383836312d534550423030304234424130414545"
#define ISSUER   \
	"040006" \
	"434e3d633b00" /* CN=c; */
#define SERIAL   \
	"050002" \
	"5a01"

static uint8_t bytes[TVS_MESSAGE_MAX];
static size_t len;

/* The bytes of hex; the length of the elements stands in it. */
static void
take_hex(const char *hex)
{
	len = strlen(hex) / 2;
	assert_true(len <= sizeof(bytes));
	assert_int_equal(str_unhex(bytes, len, hex), 0);
}

/* A message of this command with these elements. */
static void
take_elements(unsigned command, const char *elements)
{
	char *hex = mem_printf("5701%02x00000003e9%04zx%s", command,
	    strlen(elements) / 2, elements);

	take_hex(hex);
	free(hex);
}

static bool
is_text(const struct tvs_bytes *b, const char *text)
{
	return b->len == strlen(text) &&
	    (b->len == 0 || memcmp(b->data, text, b->len) == 0);
}

static void
reads_a_verify_request(void **state)
{
	struct tvs_request rq;
	struct err e = ERR_INIT;

	(void)state;
	take_elements(1, DEVICE "020003308201");
	assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
	assert_int_equal(rq.command, TVS_VERIFY_REQUEST);
	assert_int_equal(rq.session, 0x3e9);
	assert_true(is_text(&rq.device, "CP-8861-SEPB000B4BA0AEE"));
	assert_int_equal(rq.certificate.len, 3);
	assert_memory_equal(rq.certificate.data, "\x30\x82\x01", 3);
	assert_int_equal(rq.issuer.len, 0);
}

/* The lengths of a published one: 153 = 10 + 27 + 69 + 25 + 22. */
static void
reads_a_query_request_of_153_bytes(void **state)
{
	static const char subject[] =
	    "CN=CUCM105.example.lab;OU=telephony;O=example;L=city;ST=land;C=DE";
	char *hex, *s = mem_alloc(2 * sizeof(subject) + 1);
	struct tvs_request rq;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(sizeof(subject) - 1, 65);
	str_hex(s, (const uint8_t *)subject, sizeof(subject));
	hex = mem_printf("5701037f000003ea008f" DEVICE "030042%s"
			 "040016"
			 "434e3d54657374204341204f3d6578616d706c653b00"
			 "050013"
			 "5a0000000b2c6e3d7a1f4c5b8e0000000b1122",
	    s);
	take_hex(hex);
	free(hex);
	free(s);
	assert_int_equal(len, 153);
	assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
	assert_int_equal(rq.command, TVS_QUERY_REQUEST);
	assert_int_equal(rq.session, 0x3ea);
	assert_true(is_text(&rq.subject, subject));
	assert_true(is_text(&rq.issuer, "CN=Test CA O=example;"));
	assert_int_equal(rq.serial.len, 19);
	assert_int_equal(rq.serial.data[0], 0x5a);
	assert_int_equal(rq.certificate.len, 0);
}

/* Byte 3 is 0 from phones and was 0xf7 from others. */
static void
the_unused_byte_is_not_looked_at(void **state)
{
	struct tvs_request rq;
	struct err e = ERR_INIT;

	(void)state;
	take_hex("570101f7000003e90004"
		 "02000130");
	assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
}

static void
devices_of_any_model(void **state)
{
	static const struct {
		const char *element;
		const char *name;
	} cases[] = {
		{ "01001b"
		  "0143502d383832312d45582d534550423030304234424130414545",
		    "CP-8821-EX-SEPB000B4BA0AEE" },
		{ "010005"
		  "0143495043",
		    "CIPC" },
		{ "010004"
		  "01414200",
		    "AB" }, /* with a NUL */
		{ "010001"
		  "01",
		    "" },
		{ "010000", "" },
		{ "010003"
		  "024142",
		    "" }, /* of another kind */
		{ "", "" },
	};
	struct tvs_request rq;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *hex = mem_printf("%s02000130", cases[i].element);

		take_elements(1, hex);
		free(hex);
		assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
		assert_true(is_text(&rq.device, cases[i].name));
	}
}

static void
elements_in_any_order_unknown_ones_skipped(void **state)
{
	struct tvs_request rq;
	struct err e = ERR_INIT;

	(void)state;
	take_elements(3,
	    "630001aa" SERIAL "63000263630c0000" ISSUER DEVICE "0200012a");
	assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
	assert_true(is_text(&rq.issuer, "CN=c;"));
	assert_memory_equal(rq.serial.data, "\x5a\x01", 2);
	assert_int_equal(rq.subject.len, 0);
	assert_int_equal(rq.certificate.len, 0); /* no part of a query */
}

static void
numbers_and_names_in_one_form(void **state)
{
	struct tvs_request rq;
	struct err e = ERR_INIT;

	(void)state;
	take_elements(3,
	    "050004"
	    "00005a01"
	    "040005"
	    "434e3d633b"
	    "030000");
	assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
	assert_int_equal(rq.serial.len, 2);
	assert_true(is_text(&rq.issuer, "CN=c;"));
	take_elements(3,
	    "050001"
	    "00" ISSUER "030001"
	    "00");
	assert_int_equal(tvs_request_parse(&rq, bytes, len, &e), 0);
	assert_int_equal(rq.serial.len, 1);
	assert_int_equal(rq.subject.len, 0);
}

static void
refuses(const char *why)
{
	struct tvs_request rq;
	struct err e = ERR_INIT;

	if (tvs_request_parse(&rq, bytes, len, &e) == 0)
		fail_msg("taken, not refused: %s", why);
	assert_int_equal(e.code, ERR_FORMAT);
	if (strstr(e.msg, why) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", e.msg, why);
}

static void
refuses_what_breaks_the_format(void **state)
{
	static const struct {
		unsigned command;
		const char *elements;
		const char *why;
	} cases[] = {
		{ 1, "", "no certificate" },
		{ 1, DEVICE, "no certificate" },
		{ 1, "020000", "no certificate" },
		{ 1, "02", "offset 10: an element's header is cut" },
		{ 1, "0200", "header is cut" },
		{ 1, "02000301",
		    "offset 10: element 2 of 3 bytes, 1 are left" },
		{ 1, "0200013002000130", "offset 14: element 2 a second time" },
		{ 3, "", "no issuer" },
		{ 3, SERIAL, "no issuer" },
		{ 3, ISSUER, "no issuer" },
		{ 3, "04000100" SERIAL, "no issuer" },
		{ 3, ISSUER "050000", "serial number: 0 bytes" },
		{ 3,
		    ISSUER "050015"
			   "010101010101010101010101010101010101010101",
		    "serial number: 21 bytes" },
		{ 3, "0400044100420005000101", "issuer name: a NUL inside" },
		{ 3,
		    ISSUER "0300034100"
			   "42" SERIAL,
		    "subject name: a NUL inside" },
		{ 2, "07000101", "command 2" },
		{ 4, "07000101", "command 4" },
		{ 0, "", "command 0" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		take_elements(cases[i].command, cases[i].elements);
		refuses(cases[i].why);
	}
	take_elements(1, "02000130");
	len--;
	refuses("4 bytes of elements in a message of 13");
	len += 2;
	refuses("4 bytes of elements in a message of 15");
	bytes[0] = 0x56;
	refuses("protocol 0x56");
	bytes[0] = 0x57;
	bytes[1] = 2;
	refuses("version 2");
	len = 0;
	refuses("message of 0");
}

static void
length_is_told_by_the_header(void **state)
{
	struct err e = ERR_INIT;
	size_t total = 7, n;

	(void)state;
	take_elements(1, "02000130");
	for (n = 0; n < TVS_HEADER_SIZE; n++) {
		assert_int_equal(tvs_request_length(bytes, n, &total, &e), 0);
		assert_int_equal(total, 0);
	}
	assert_int_equal(tvs_request_length(bytes, n, &total, &e), 0);
	assert_int_equal(total, 14);
	bytes[8] = bytes[9] = 0xff;
	assert_int_equal(tvs_request_length(bytes, n, &total, &e), 0);
	assert_int_equal(total, TVS_MESSAGE_MAX);
	assert_int_equal(tvs_request_length("GET / HTTP/1.0", 1, &total, &e),
	    -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(tvs_request_length("\x57\x01\x05", 3, &total, &e), -1);
}

static void
writes(const struct tvs_answer *a, const char *want)
{
	struct wbuf w;
	char *hex;

	wbuf_init(&w, TVS_MESSAGE_MAX);
	tvs_answer_put(&w, a);
	assert_false(w.failed);
	hex = mem_alloc(2 * w.len + 1);
	str_hex(hex, w.data, w.len);
	assert_string_equal(hex, want);
	free(hex);
	wbuf_release(&w);
}

/* As published, byte for byte. */
static void
verify_answers(void **state)
{
	static const uint8_t roles[] = { 1, 3 };
	struct tvs_answer a = { .command = TVS_VERIFY_RESPONSE,
		.session = 0x3e9,
		.roles = { roles, 2 },
		.ttl = TVS_TTL };

	(void)state;
	writes(&a, "57010200000003e9000407000101");
	a.valid = true;
	writes(&a,
	    "57010200000003e90010"
	    "07000100"
	    "0800020103"
	    "09000400015180");
	a.roles.len = 0;
	writes(&a,
	    "57010200000003e9000e"
	    "07000100"
	    "080000"
	    "09000400015180");
}

/* The published one has 1480 bytes: 10 + 4 + 1454 + 5 + 7. */
static void
query_answers(void **state)
{
	static const uint8_t roles[] = { 0, 3 };
	static uint8_t der[1451];
	struct tvs_answer a = { .command = TVS_QUERY_RESPONSE,
		.session = 0x3e9,
		.certificate = { der, sizeof(der) },
		.roles = { roles, 2 },
		.ttl = TVS_TTL };
	uint8_t start[17], end[12];
	struct wbuf w;

	(void)state;
	writes(&a, "57010400000003e9000407000101");
	a.valid = true;
	wbuf_init(&w, TVS_MESSAGE_MAX);
	tvs_answer_put(&w, &a);
	assert_int_equal(w.len, 1480);
	(void)str_unhex(start, sizeof(start),
	    "57010400000003e905be"
	    "07000100"
	    "0205ab");
	assert_memory_equal(w.data, start, sizeof(start));
	(void)str_unhex(end, sizeof(end),
	    "0800020003"
	    "09000400015180");
	assert_memory_equal(w.data + w.len - sizeof(end), end, sizeof(end));
	wbuf_release(&w);
}

static void
answers_stand_behind_what_is_there(void **state)
{
	struct tvs_answer a = { .command = TVS_QUERY_RESPONSE, .session = 1 };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, TVS_MESSAGE_MAX);
	wbuf_u8(&w, 0xaa);
	tvs_answer_put(&w, &a);
	assert_int_equal(w.len, 15);
	assert_int_equal(w.data[0], 0xaa);
	assert_int_equal(w.data[10], 4);
	wbuf_release(&w);
}

static void
answer_too_long(void)
{
	static uint8_t der[TVS_CERTIFICATE_MAX + 1];
	struct tvs_answer a = { .command = TVS_QUERY_RESPONSE,
		.certificate = { der, sizeof(der) },
		.valid = true };
	struct wbuf w;

	wbuf_init(&w, 0);
	tvs_answer_put(&w, &a);
}

static void
the_longest_answer_fits(void **state)
{
	static uint8_t der[TVS_CERTIFICATE_MAX];
	static const uint8_t roles[TVS_ROLES_MAX];
	struct tvs_answer a = { .command = TVS_QUERY_RESPONSE,
		.certificate = { der, sizeof(der) },
		.roles = { roles, sizeof(roles) },
		.valid = true };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, TVS_MESSAGE_MAX);
	tvs_answer_put(&w, &a);
	assert_false(w.failed);
	assert_int_equal(w.data[8] << 8 | w.data[9],
	    (int)(w.len - TVS_HEADER_SIZE));
	wbuf_release(&w);
	assert_true(testing_aborts(answer_too_long));
}

static void
commands_have_names(void **state)
{
	(void)state;
	assert_string_equal(tvs_command_name(TVS_VERIFY_REQUEST),
	    "TVS_MSG_CERT_VERIFICATION_REQ");
	assert_string_equal(tvs_command_name(TVS_VERIFY_RESPONSE),
	    "TVS_MSG_CERT_VERIFICATION_RES");
	assert_string_equal(tvs_command_name(TVS_QUERY_REQUEST),
	    "TVS_MSG_QUERY_CERT_REQ");
	assert_string_equal(tvs_command_name(TVS_QUERY_RESPONSE),
	    "TVS_MSG_QUERY_CERT_RES");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_verify_request),
		cmocka_unit_test(reads_a_query_request_of_153_bytes),
		cmocka_unit_test(the_unused_byte_is_not_looked_at),
		cmocka_unit_test(devices_of_any_model),
		cmocka_unit_test(elements_in_any_order_unknown_ones_skipped),
		cmocka_unit_test(numbers_and_names_in_one_form),
		cmocka_unit_test(refuses_what_breaks_the_format),
		cmocka_unit_test(length_is_told_by_the_header),
		cmocka_unit_test(verify_answers),
		cmocka_unit_test(query_answers),
		cmocka_unit_test(answers_stand_behind_what_is_there),
		cmocka_unit_test(the_longest_answer_fits),
		cmocka_unit_test(commands_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
