#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
copies_say_when_they_cut(void **state)
{
	char dst[4];

	(void)state;
	assert_int_equal(str_copy(dst, sizeof(dst), "abc"), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(str_copy(dst, sizeof(dst), "wxyz"), -1);
	assert_string_equal(dst, "wxy");
	assert_int_equal(str_copy(dst, 1, ""), 0);
	assert_int_equal(str_copy(dst, 1, "a"), -1);
	assert_string_equal(dst, "");
	assert_int_equal(str_printf(dst, sizeof(dst), "%d", 123), 0);
	assert_int_equal(str_printf(dst, sizeof(dst), "%d", 4567), -1);
	assert_string_equal(dst, "456");
}

static void
beginnings_and_ends(void **state)
{
	(void)state;
	assert_true(str_equal("a", "a"));
	assert_false(str_equal("a", "A"));
	assert_true(str_starts("show itl", "show"));
	assert_true(str_starts("x", ""));
	assert_false(str_starts("sho", "show"));
	assert_true(str_ends("a.pem", ".pem"));
	assert_true(str_ends(".pem", ".pem"));
	assert_false(str_ends("pem", ".pem"));
	assert_false(str_ends("a.pem.new", ".pem"));
	/* As everybody computes FNV-1a. */
	assert_int_equal(str_hash(""), 0x811c9dc5);
	assert_int_equal(str_hash("foobar"), 0xbf9cf968);
}

static void
check_visible(const char *in, size_t n, const char *expected)
{
	char dst[200];
	char *own = str_visible_dup(in, n);

	assert_string_equal(str_visible(dst, sizeof(dst), in, n), expected);
	assert_string_equal(own, expected);
	free(own);
}

#define VISIBLE(in, expected) check_visible(in, sizeof(in) - 1, expected)

static void
controls_become_visible(void **state)
{
	(void)state;
	VISIBLE("plain text", "plain text");
	VISIBLE("", "");
	VISIBLE("\033]0;title\007", "\\x1b]0;title\\x07");
	VISIBLE("a\nb\tc\rd", "a\\nb\\tc\\x0dd");
	VISIBLE("back\\slash", "back\\\\slash");
	VISIBLE("\0\x7f", "\\x00\\x7f");
}

static void
utf8_stays_when_it_is_right(void **state)
{
	(void)state;
	VISIBLE("Gr\xc3\xbc\xc3\x9f"
		"e \xe2\x82\xac \xf0\x9f\x98\x80",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e \xe2\x82\xac \xf0\x9f\x98\x80");
	/* A C1 control: CSI, as good as ESC [ to some terminals. */
	VISIBLE("\xc2\x9b"
		"31m",
	    "\\xc2\\x9b31m");
	VISIBLE("\xc2\xa0", "\xc2\xa0");
	/* Too long, a surrogate, beyond the end of Unicode. */
	VISIBLE("\xc0\x80", "\\xc0\\x80");
	VISIBLE("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	VISIBLE("\xed\xa0\x80", "\\xed\\xa0\\x80");
	VISIBLE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	VISIBLE("\xf5", "\\xf5");
	/* Cut off, and broken in the middle. */
	VISIBLE("\xe2\x82", "\\xe2\\x82");
	VISIBLE("\xe2(a", "\\xe2(a");
	VISIBLE("\x80", "\\x80");
}

static void
characters_have_a_length(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{ "a", 1 },
		{ "\xc3\xa9", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "\x1f", 0 },
		{ "\x7f", 0 },
		{ "\xc2\x85", 0 },
		{ "\xc0\x80", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xff", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t left = strlen(cases[i].text);

		assert_int_equal(str_utf8(cases[i].text, left), cases[i].len);
		if (cases[i].len > 1)
			assert_int_equal(str_utf8(cases[i].text, left - 1), 0);
	}
	assert_int_equal(str_utf8("", 0), 0);
}

static void
visible_text_is_cut_between_pieces(void **state)
{
	char dst[5];

	(void)state;
	assert_string_equal(str_visible(dst, 5, "abcdef", 6), "abcd");
	assert_string_equal(str_visible(dst, 5, "a\001b", 3), "a");
	assert_string_equal(str_visible(dst, 5, "ab\xe2\x82\xac", 5), "ab");
	assert_string_equal(str_visible(dst, 1, "a", 1), "");
}

static void
numbers_are_plain_and_in_range(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x1",
		"1a", "18446744073709551616", "99999999999999999999", "4",
		"11" };
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(str_number(bad[i], 5, 10, &v), -1);
	assert_true(v == 42);
	assert_int_equal(str_number("5", 5, 10, &v), 0);
	assert_true(v == 5);
	assert_int_equal(str_number("0010", 5, 10, &v), 0);
	assert_true(v == 10);
	assert_int_equal(str_number("18446744073709551615", 0, UINT64_MAX, &v),
	    0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_number("18446744073709551616", 0, UINT64_MAX, &v),
	    -1);
}

static void
hex_goes_both_ways(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x1f, 0xab, 0xff };
	uint8_t back[4];
	char text[9];

	(void)state;
	str_hex(text, bytes, 4);
	assert_string_equal(text, "001fabff");
	assert_int_equal(str_unhex(back, 4, "001FabfF"), 0);
	assert_memory_equal(back, bytes, 4);
	assert_int_equal(str_unhex(back, 4, "001fabf"), -1);
	assert_int_equal(str_unhex(back, 4, "001fabff0"), -1);
	assert_int_equal(str_unhex(back, 4, "001fabfg"), -1);
	assert_int_equal(str_unhex(back, 0, ""), 0);
	str_hex(text, bytes, 0);
	assert_string_equal(text, "");
}

static void
lists_grow_and_sort(void **state)
{
	struct strlist l = STRLIST_INIT;
	char name[8];

	(void)state;
	assert_false(strlist_has(&l, "0"));
	strlist_sort(&l);
	for (int i = 99; i >= 0; i--) {
		(void)snprintf(name, sizeof(name), "%02d", i);
		strlist_add(&l, name);
	}
	strlist_add_n(&l, "abcdef", 3);
	assert_int_equal(l.n, 101);
	assert_string_equal(l.item[0], "99");
	strlist_sort(&l);
	assert_string_equal(l.item[0], "00");
	assert_string_equal(l.item[99], "99");
	assert_string_equal(l.item[100], "abc");
	assert_true(strlist_has(&l, "42"));
	assert_false(strlist_has(&l, "4"));
	strlist_release(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.item);
	strlist_add(&l, "again");
	assert_string_equal(l.item[0], "again");
	strlist_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_say_when_they_cut),
		cmocka_unit_test(beginnings_and_ends),
		cmocka_unit_test(controls_become_visible),
		cmocka_unit_test(utf8_stays_when_it_is_right),
		cmocka_unit_test(characters_have_a_length),
		cmocka_unit_test(visible_text_is_cut_between_pieces),
		cmocka_unit_test(numbers_are_plain_and_in_range),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(lists_grow_and_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
