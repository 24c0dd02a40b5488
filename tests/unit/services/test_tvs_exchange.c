#include "services/tvs_exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/tvs_database.h"
#include "tests/fakes/tvs_world.h"

#define WAIT_MS 30000

static struct tvs_counters counters;
static struct tvs_trace *trace;
static struct tvs_certs *certs;
static struct tvs_exchange x;

static int
set_up(void **state)
{
	const struct tvs_trace_settings settings = TVS_TRACE_DEFAULTS;
	struct tvs_certs_config config = { .counters = &counters,
		.poll_ms = 10 };

	(void)state;
	tvs_world_start();
	memset(&counters, 0, sizeof(counters));
	trace = tvs_trace_new(tvs_world_dir(), &settings, &counters, NULL);
	config.trace = trace;
	certs = tvs_certs_new(&config, NULL);
	if (trace == NULL || certs == NULL ||
	    tvs_certs_wait(certs, WAIT_MS, NULL) == -1)
		return -1;
	x = (struct tvs_exchange) { .certs = certs,
		.counters = &counters,
		.trace = trace };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (!tvs_certs_free(certs))
		return -1;
	tvs_trace_free(trace);
	tvs_world_stop();
	return 0;
}

/* The trace so far; free it. */
static char *
traced(void)
{
	tvs_trace_free(trace);
	trace = NULL;
	return testing_read(tvs_world_dir(), "tvs00000001.txt");
}

static void
answer(const struct tvs_message_bytes *m, struct wbuf *w)
{
	const struct tvs_bytes b = { m->data, m->len };
	struct err e = ERR_INIT;

	wbuf_init(w, 0);
	if (tvs_exchange_answer(&x, "10.1.2.3", &b, w, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
answer_is(const struct tvs_message_bytes *m, const char *want)
{
	struct wbuf w;
	char hex[256];

	answer(m, &w);
	assert_true(w.len < sizeof(hex) / 2);
	str_hex(hex, w.data, w.len);
	assert_string_equal(hex, want);
	wbuf_release(&w);
}

static uint64_t
count(enum tvs_counter which)
{
	return tvs_count_of(&counters, which);
}

static void
verifies(void **state)
{
	struct tvs_message_bytes m;
	char *text;

	(void)state;
	tvs_world_verify(TVS_WORLD_CALLMANAGER, &m);
	answer_is(&m,
	    "57010200000003e90010"
	    "07000100080002000209000400015180");
	free(m.data);
	tvs_world_verify(TVS_WORLD_STRANGER, &m);
	answer_is(&m, "57010200000003e9000407000101");
	free(m.data);
	assert_int_equal(count(TVS_COUNT_VERIFY), 2);
	assert_int_equal(count(TVS_COUNT_VERIFY_VALID), 1);
	assert_int_equal(count(TVS_COUNT_VERIFY_INVALID), 1);
	assert_int_equal(count(TVS_COUNT_QUERY), 0);
	text = traced();
	assert_non_null(
	    strstr(text, "debug MsgType : TVS_MSG_CERT_VERIFICATION_REQ\n"));
	assert_non_null(strstr(text,
	    "debug tvsGetIssuerNameFromX509 - issuerName : CN=callmanager;"
	    "OU=tac;O=cisco;L=rtp;ST=nc;C=US and Length: 46\n"));
	assert_non_null(strstr(text,
	    "debug CertificateDBCACHE::getCertificateInformation - "
	    "Certificate compare return =0\n"));
	assert_non_null(strstr(text,
	    "debug CertificateDBCACHE::getCertificateInformation - "
	    "Certificate found and equal\n"));
	assert_non_null(
	    strstr(text, "debug MsgType : TVS_MSG_CERT_VERIFICATION_RES\n"));
	assert_non_null(strstr(text,
	    "info 10.1.2.3: the certificate that CP-8861-SEPB000B4BA0AEE "
	    "asked for is not known\n"));
	free(text);
}

static void
answers_queries(void **state)
{
	const struct cert *c = tvs_world_cert(TVS_WORLD_CALLMANAGER);
	struct tvs_message_bytes m;
	struct wbuf w;
	char *text;

	(void)state;
	tvs_world_query(TVS_WORLD_CALLMANAGER, &m);
	answer(&m, &w);
	assert_int_equal(w.len, 10 + 4 + 3 + c->der_len + 5 + 7);
	assert_memory_equal(w.data + 17, c->der, c->der_len);
	assert_memory_equal(w.data + 17 + c->der_len,
	    "\x08\0\x02\0\x02\x09\0\x04\0\x01\x51\x80", 12);
	wbuf_release(&w);
	free(m.data);
	tvs_world_query(TVS_WORLD_STRANGER, &m);
	answer_is(&m, "57010400000003e9000407000101");
	free(m.data);
	assert_int_equal(count(TVS_COUNT_QUERY), 2);
	assert_int_equal(count(TVS_COUNT_QUERY_VALID), 1);
	assert_int_equal(count(TVS_COUNT_QUERY_INVALID), 1);
	text = traced();
	assert_non_null(
	    strstr(text, "debug MsgType : TVS_MSG_QUERY_CERT_REQ\n"));
	assert_non_null(
	    strstr(text, "debug issuerName : CN=callmanager;OU=tac;"));
	assert_non_null(strstr(text, "debug serialNumber : "));
	assert_non_null(strstr(text,
	    "debug CertificateDBCACHE::getCertificateInformation - "
	    "Certificate not found\n"));
	free(text);
}

/* An expired certificate is one like all others: phones judge for themselves.
 */
static void
what_is_removed_is_invalid(void **state)
{
	struct tvs_message_bytes m;
	int64_t deadline = clock_ticks() + WAIT_MS;
	bool valid = true;

	(void)state;
	tvs_world_verify(TVS_WORLD_CALLMANAGER, &m);
	tvs_world_forget(TVS_WORLD_CALLMANAGER);
	while (valid) {
		struct wbuf w;

		assert_true(clock_ticks() < deadline);
		answer(&m, &w);
		valid = w.len > 14;
		wbuf_release(&w);
		(void)usleep(1000);
	}
	free(m.data);
}

static void
what_is_not_understood_has_no_answer(void **state)
{
	static const uint8_t junk[] =
	    "\x57\x01\x01\0\0\0\0\x01\0\x03\x02\0\x09";
	const struct tvs_bytes b = { junk, sizeof(junk) - 1 };
	struct err e = ERR_INIT;
	struct wbuf w;
	char *text;

	(void)state;
	wbuf_init(&w, 0);
	assert_int_equal(tvs_exchange_answer(&x, "10.1.2.3", &b, &w, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(w.len, 0);
	assert_int_equal(count(TVS_COUNT_NOT_UNDERSTOOD), 1);
	text = traced();
	assert_non_null(strstr(text,
	    "error 10.1.2.3: not understood: offset 10: element 2 of 9 bytes, "
	    "0 are left; 13 bytes, 57010100000000010003020009\n"));
	free(text);
}

static void
long_junk_is_cut_in_the_trace(void **state)
{
	static uint8_t junk[500];
	const struct tvs_bytes b = { junk, sizeof(junk) };
	const struct err why = { .msg = "because" };
	char *text;

	(void)state;
	tvs_exchange_refuse(&x, "10.1.2.3", &b, &why);
	text = traced();
	assert_non_null(strstr(text, "because; 500 bytes, 0000"));
	assert_non_null(strstr(text, "00...\n"));
	assert_true(strlen(text) < 400);
	free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(verifies),
		TEST(answers_queries),
		TEST(what_is_removed_is_invalid),
		TEST(what_is_not_understood_has_no_answer),
		TEST(long_junk_is_cut_in_the_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
