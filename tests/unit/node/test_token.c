/*
 * node/token.c: the text an administrator carries from node to node.
 */
#include "node/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static const struct token example = {
	.name = "test10sub",
	.node_address = "127.0.10.2",
	.node_port = 2222,
	.address = "127.0.10.1",
	.port = 22,
	.fingerprint = "SHA256:abcdefghijklmnopqrstuvwxyz",
	.key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
};

static void
base64_is_that_of_rfc4648(void **state)
{
	static const struct {
		const char *plain;
		const char *text;
	} pairs[] = {
		{ "", "" },
		{ "f", "Zg" },
		{ "fo", "Zm8" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg" },
		{ "fooba", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "-__-" },
	};
	uint8_t back[16];
	char text[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t len = strlen(pairs[i].plain);

		token_base64(text, (const uint8_t *)pairs[i].plain, len);
		assert_string_equal(text, pairs[i].text);
		assert_int_equal(token_unbase64(back, &n, text), 0);
		assert_int_equal(n, len);
		assert_memory_equal(back, pairs[i].plain, len);
	}
}

static void
a_publisher_s_token_is_another_kind(void **state)
{
	struct token t = example;
	struct token back;
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	text = token_encode(&t);
	assert_true(str_starts(text, "ucm1."));
	assert_int_equal(token_decode(&back, text, &e), 0);
	assert_false(back.publisher);
	free(text);
	t.publisher = true;
	text = token_encode(&t);
	assert_true(str_starts(text, "ucmp1."));
	assert_int_equal(token_decode(&back, text, &e), 0);
	assert_true(back.publisher);
	assert_string_equal(back.key, t.key);
	assert_string_equal(back.address, t.address);
	text[4] = '2';
	assert_int_equal(token_decode(&back, text, &e), -1);
	assert_int_equal(token_decode(&back, "ucmp1.", &e), -1);
	assert_int_equal(token_decode(&back, "ucmp1", &e), -1);
	free(text);
}

static void
bad_base64_is_refused(void **state)
{
	static const char *const bad[] = { "Z", "Zh", "Zm9",
		"Zg=", "Zg==", "Z g", "Zm9vA", "Zm9v+/" };
	uint8_t back[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(token_unbase64(back, &n, bad[i]), -1);
}

static void
comes_back_whole(void **state)
{
	struct err e = ERR_INIT;
	struct token t;
	char *text = token_encode(&example);
	char *blanks;

	(void)state;
	assert_true(str_starts(text, "ucm1."));
	assert_int_equal(strspn(text + 5,
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			     "xyz0123456789-_"),
	    strlen(text) - 5);
	assert_int_equal(token_decode(&t, text, &e), 0);
	assert_string_equal(t.name, example.name);
	assert_string_equal(t.node_address, example.node_address);
	assert_int_equal(t.node_port, 2222);
	assert_string_equal(t.address, example.address);
	assert_int_equal(t.port, 22);
	assert_string_equal(t.fingerprint, example.fingerprint);
	assert_string_equal(t.key, example.key);
	blanks = mem_printf("  %s\r\n", text);
	assert_int_equal(token_decode(&t, blanks, &e), 0);
	free(blanks);
	free(text);
}

static void
every_cut_is_refused(void **state)
{
	struct err e = ERR_INIT;
	struct token t;
	char *text = token_encode(&example);

	(void)state;
	for (size_t n = strlen(text); n > 0; n--) {
		text[n - 1] = '\0';
		assert_int_equal(token_decode(&t, text, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_string_equal(t.key, "");
	}
	free(text);
}

static void
other_texts_are_refused(void **state)
{
	struct token other = example;
	struct err e = ERR_INIT;
	struct token t;
	char *text;

	(void)state;
	assert_int_equal(token_decode(&t, "ucm1.two words", &e), -1);
	assert_int_equal(token_decode(&t, "hello", &e), -1);
	assert_int_equal(token_decode(&t, "ucm1.", &e), -1);
	(void)str_copy(other.name, sizeof(other.name), "../x");
	text = token_encode(&other);
	assert_int_equal(token_decode(&t, text, &e), -1);
	assert_string_equal(e.msg, "token: name: not a host name");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_that_of_rfc4648),
		cmocka_unit_test(a_publisher_s_token_is_another_kind),
		cmocka_unit_test(bad_base64_is_refused),
		cmocka_unit_test(comes_back_whole),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
