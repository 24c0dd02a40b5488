#include "cluster/agent_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Encode m, decode that into *back; both must work. */
static void
round_trip(const struct agent_msg *m, struct agent_msg *back)
{
	struct wbuf w;
	struct err e = ERR_INIT;
	size_t size;

	wbuf_init(&w, 0);
	assert_int_equal(agent_msg_encode(&w, m, &e), 0);
	assert_int_equal(agent_msg_frame_size(w.data, w.len, &size, &e), 0);
	assert_int_equal(size, w.len);
	assert_int_equal(agent_msg_decode(w.data, w.len, back, &e), 0);
	assert_int_equal(back->type, m->type);
	wbuf_release(&w);
}

static void
set_bytes(struct agent_msg *m, const void *p, size_t n)
{
	m->bytes = mem_dup(p, n);
	m->len = n;
	m->has_bytes = true;
}

static void
test_request(void **state)
{
	struct agent_msg m, back;

	(void)state;
	agent_msg_init(&m);
	m.type = AGENT_REQUEST;
	strlist_add(&m.words, "service");
	strlist_add(&m.words, "restart");
	strlist_add(&m.words, "Cisco Tftp");
	strlist_add(&m.words, "");
	round_trip(&m, &back);
	assert_int_equal(back.words.n, 4);
	assert_string_equal(back.words.item[2], "Cisco Tftp");
	assert_string_equal(back.words.item[3], "");
	assert_false(back.has_bytes);
	assert_null(back.secret.text);
	agent_msg_release(&back);

	set_bytes(&m, "a\0b", 3);
	secret_set(&m.secret, "p\xc3\xa4ss", 5);
	round_trip(&m, &back);
	assert_int_equal(back.len, 3);
	assert_memory_equal(back.bytes, "a\0b", 4);
	assert_string_equal(back.secret.text, "p\xc3\xa4ss");
	agent_msg_release(&back);
	assert_int_equal(back.type, AGENT_END);
	agent_msg_release(&m);
	agent_msg_release(NULL);
}

static void
test_answers(void **state)
{
	struct agent_msg m, back;

	(void)state;
	agent_msg_init(&m);
	m.type = AGENT_TEXT;
	set_bytes(&m, "line\n", 5);
	round_trip(&m, &back);
	assert_string_equal((char *)back.bytes, "line\n");
	agent_msg_release(&back);
	m.type = AGENT_DATA;
	round_trip(&m, &back);
	assert_int_equal(back.len, 5);
	agent_msg_release(&back);
	agent_msg_release(&m);

	m.type = AGENT_ROW;
	round_trip(&m, &back);
	assert_int_equal(back.words.n, 0);
	agent_msg_release(&back);
	strlist_add(&m.words, AGENT_NULL);
	strlist_add(&m.words, "");
	round_trip(&m, &back);
	assert_int_equal(back.words.n, 2);
	assert_string_equal(back.words.item[0], AGENT_NULL);
	assert_string_equal(back.words.item[1], "");
	agent_msg_release(&back);
	agent_msg_release(&m);
}

static void
test_result(void **state)
{
	struct agent_msg m, back;

	(void)state;
	agent_msg_init(&m);
	m.type = AGENT_RESULT;
	round_trip(&m, &back);
	assert_int_equal(back.code, ERR_NONE);
	assert_string_equal(back.message, "");
	assert_string_equal(back.hint, "");
	agent_msg_release(&back);
	m.code = ERR_HELD;
	m.message = mem_strdup("held");
	m.hint = mem_strdup("wait");
	round_trip(&m, &back);
	assert_int_equal(back.code, ERR_HELD);
	assert_string_equal(back.message, "held");
	assert_string_equal(back.hint, "wait");
	agent_msg_release(&back);
	agent_msg_release(&m);
}

/* Encoding m fails with this code and leaves what was written before. */
static void
expect_refused(const struct agent_msg *m, enum err_code code)
{
	struct wbuf w;
	struct err e = ERR_INIT;

	wbuf_init(&w, 0);
	wbuf_bytes(&w, "before", 6);
	assert_int_equal(agent_msg_encode(&w, m, &e), -1);
	assert_int_equal(e.code, code);
	assert_int_equal(w.len, 6);
	wbuf_release(&w);
}

static void
test_limits(void **state)
{
	struct agent_msg m;
	char *big = mem_alloc(AGENT_FRAME_MAX);
	size_t i;

	(void)state;
	memset(big, 'x', AGENT_FRAME_MAX - 1);
	agent_msg_init(&m);
	m.type = AGENT_REQUEST;
	expect_refused(&m, ERR_USAGE);
	strlist_add_n(&m.words, big, AGENT_WORD_MAX + 1);
	expect_refused(&m, ERR_TOO_BIG);
	strlist_release(&m.words);
	for (i = 0; i <= AGENT_WORDS_MAX; i++)
		strlist_add(&m.words, "word");
	expect_refused(&m, ERR_TOO_BIG);
	strlist_release(&m.words);
	strlist_add(&m.words, "itl");
	set_bytes(&m, big, AGENT_PAYLOAD_MAX + 1);
	expect_refused(&m, ERR_TOO_BIG);
	agent_msg_release(&m);

	m.type = AGENT_REQUEST;
	strlist_add(&m.words, "itl");
	secret_set(&m.secret, big, AGENT_SECRET_MAX + 1);
	expect_refused(&m, ERR_TOO_BIG);
	secret_release(&m.secret);
	secret_set(&m.secret, "a\0b", 3);
	expect_refused(&m, ERR_USAGE);
	agent_msg_release(&m);

	/* Each column fits, all together do not. */
	m.type = AGENT_ROW;
	strlist_add(&m.words, big);
	expect_refused(&m, ERR_TOO_BIG);
	agent_msg_release(&m);
	free(big);
}

/* A frame in hex without its length, which is put in front. */
static int
decode_hex(const char *hex, struct err *e)
{
	uint8_t frame[256];
	struct agent_msg m;
	size_t n = strlen(hex) / 2;
	int rc;

	assert_int_equal(str_unhex(frame + 4, n, hex), 0);
	frame[0] = frame[1] = frame[2] = 0;
	frame[3] = (uint8_t)n;
	rc = agent_msg_decode(frame, n + 4, &m, e);
	agent_msg_release(&m);
	return rc;
}

static void
test_strict(void **state)
{
	static const struct {
		const char *hex;
		const char *rule;
	} bad[] = {
		{ "00", "unknown type 0" },
		{ "06", "unknown type 6" },
		{ "01", "WORD is missing" },
		{ "0102000000017a", "WORD is missing" },
		{ "0101", "offset 5: cut inside a field's head" },
		{ "010100000001", "offset 5: WORD runs past the frame" },
		{ "0101ffffffff41", "offset 5: WORD of 4294967295 bytes" },
		{ "01010000000100", "offset 5: NUL byte in WORD" },
		{ "010000000000", "offset 5: unknown tag 0" },
		{ "010a00000000", "offset 5: unknown tag 10" },
		{ "010400000000", "offset 5: TEXT in a frame of type 1" },
		{ "0101000000014102000000000200000000",
		    "offset 16: PAYLOAD more than 1 times" },
		{ "02", "TEXT is missing" },
		{ "0204000000000400000000",
		    "offset 10: TEXT more than 1 times" },
		{ "04", "BYTES is missing" },
		{ "0508000000000900000000", "CODE is missing" },
		{ "05070000000300000008000000000900000000", "CODE of 3 bytes" },
		{ "050700000004000000000900000000", "MESSAGE is missing" },
		{ "050700000004000000000800000000090000000000",
		    "cut inside a field's head" },
	};
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err_clear(&e);
		assert_int_equal(decode_hex(bad[i].hex, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		if (strstr(e.msg, bad[i].rule) == NULL)
			fail_msg("%s: \"%s\", not \"%s\"", bad[i].hex, e.msg,
			    bad[i].rule);
	}
	assert_int_equal(decode_hex("03", &e), 0);
	assert_int_equal(decode_hex("0101000000017a", &e), 0);
	/* A code of a later version is an error all the same. */
	assert_int_equal(decode_hex("0507000000040000ffff08000000000900000000",
			     &e),
	    0);
}

static void
test_frame_size(void **state)
{
	static const uint8_t most[] = { 0x00, 0x10, 0x00, 0x00 };
	static const uint8_t more[] = { 0x00, 0x10, 0x00, 0x01 };
	static const uint8_t none[] = { 0x00, 0x00, 0x00, 0x00 };
	struct agent_msg m;
	struct err e = ERR_INIT;
	size_t size = 7;

	(void)state;
	assert_int_equal(agent_msg_frame_size(most, 3, &size, &e), 0);
	assert_int_equal(size, 0);
	assert_int_equal(agent_msg_frame_size(most, 4, &size, &e), 0);
	assert_int_equal(size, AGENT_FRAME_MAX + 4);
	assert_int_equal(agent_msg_frame_size(more, 4, &size, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(agent_msg_frame_size(none, 4, &size, &e), -1);
	assert_int_equal(agent_msg_decode(none, 4, &m, &e), -1);
	assert_int_equal(agent_msg_decode(most, 3, &m, &e), -1);
	assert_int_equal(agent_msg_decode("\0\0\0\1\3x", 6, &m, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_frame_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
