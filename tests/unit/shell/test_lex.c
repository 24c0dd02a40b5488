#include "shell/lex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
words_are_separated_by_blanks(void **state)
{
	static const char line[] = "  show \t itl\n";
	struct lex l;

	(void)state;
	lex_split(&l, line, strlen(line));
	assert_int_equal(l.n, 2);
	assert_memory_equal(line + l.word[0].off, "show", 4);
	assert_int_equal(l.word[0].len, 4);
	assert_int_equal(l.word[1].len, 3);
	assert_false(l.open);
	lex_release(&l);
}

static void
nothing_is_special(void **state)
{
	static const char line[] = "a;b |c `d` $(e) \"f g\" \\h";
	struct lex l;

	(void)state;
	lex_split(&l, line, strlen(line));
	assert_int_equal(l.n, 7);
	assert_true(l.open);
	lex_release(&l);
	lex_split(&l, "", 0);
	assert_int_equal(l.n, 0);
	assert_false(l.open);
	lex_release(&l);
}

static int
check(const char *line, size_t len)
{
	struct err e = ERR_INIT;

	return lex_check(line, len, &e);
}

static void
text_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(check("show itl", 8), 0);
	assert_int_equal(check("a\tb\nc\r", 6), 0);
	assert_int_equal(check("gr\xc3\xbc\xc3\x9f", 6), 0);
	assert_int_equal(check("\xe2\x82\xac\xf0\x9f\x98\x80", 7), 0);
	assert_int_equal(check("", 0), 0);
}

static void
other_bytes_are_refused(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(check("a\0b", 3), -1);
	assert_int_equal(check("a\033[2J", 5), -1);
	assert_int_equal(check("\x7f", 1), -1);
	assert_int_equal(check("\xff", 1), -1);
	assert_int_equal(check("\x80", 1), -1);
	assert_int_equal(check("\xc0\x80", 2), -1); /* overlong NUL */
	assert_int_equal(check("\xc3", 1), -1); /* cut short */
	assert_int_equal(check("\xed\xa0\x80", 3), -1); /* surrogate */
	assert_int_equal(check("\xc2\x9b", 2), -1); /* C1 control */
	assert_int_equal(check("\xf4\x90\x80\x80", 4), -1); /* too large */
	assert_int_equal(lex_check("ab\x01", 3, &e), -1);
	assert_string_equal(e.msg,
	    "Byte 3 of the line (0x01) is not text; the line was not run.");
}

static void
long_lines_are_refused(void **state)
{
	struct err e = ERR_INIT;
	char *line = mem_alloc(LEX_LINE_MAX + 1);

	(void)state;
	memset(line, 'a', LEX_LINE_MAX + 1);
	assert_int_equal(lex_check(line, LEX_LINE_MAX, &e), 0);
	assert_int_equal(lex_check(line, LEX_LINE_MAX + 1, &e), -1);
	assert_string_equal(e.msg,
	    "The line is longer than 16384 bytes and was not run.");
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_separated_by_blanks),
		cmocka_unit_test(nothing_is_special),
		cmocka_unit_test(text_is_accepted),
		cmocka_unit_test(other_bytes_are_refused),
		cmocka_unit_test(long_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
