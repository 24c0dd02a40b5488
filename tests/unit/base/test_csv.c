#include "base/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/mem.h"

/* "1:a|b 2:c": line and fields of every record, or the error. */
static void
reads(const char *text, size_t len, const char *expected)
{
	char *copy = mem_dup(text, len); /* the sanitizer sees its end */
	struct err e = ERR_INIT;
	struct csv c;
	struct wbuf w;

	wbuf_init(&w, 0);
	csv_init(&c, copy, len);
	for (;;) {
		struct strlist l = STRLIST_INIT;
		unsigned line;

		if (csv_next(&c, &l, &line, &e) == -1) {
			assert_int_equal(l.n, 0);
			wbuf_printf(&w, "%s%s", w.len > 0 ? " " : "", e.msg);
			break;
		}
		if (l.n == 0)
			break;
		wbuf_printf(&w, "%s%u:", w.len > 0 ? " " : "", line);
		for (size_t i = 0; i < l.n; i++)
			wbuf_printf(&w, "%s%s", i > 0 ? "|" : "", l.item[i]);
		strlist_release(&l);
	}
	wbuf_u8(&w, 0);
	assert_string_equal((const char *)w.data, expected);
	wbuf_release(&w);
	free(copy);
}

#define READS(text, expected) reads(text, sizeof(text) - 1, expected)

static void
records_are_read(void **state)
{
	(void)state;
	READS("", "");
	READS("a", "1:a");
	READS("a,b\nc\n", "1:a|b 2:c");
	READS("a,b\r\nc\r\n", "1:a|b 2:c");
	READS("a,,\n", "1:a||");
	READS("\n\na", "1: 2: 3:a");
	READS("\xef\xbb\xbf"
	      "a,b",
	    "1:a|b");
	READS(" a , b ", "1: a | b ");
}

static void
quotes_hold_anything(void **state)
{
	(void)state;
	READS("\"a,b\",\"c\"\"d\"\n\"\"", "1:a,b|c\"d 2:");
	READS("\"a\nb\r\nc\",d\ne", "1:a\nb\r\nc|d 4:e");
	READS("a,\"b\"", "1:a|b");
}

static void
what_breaks_a_rule_is_refused(void **state)
{
	(void)state;
	READS("a\nb,c\"c\"", "1:a line 2, field 2: a quote inside of a field");
	READS("\"a\"b", "line 1, field 1: text behind a quoted field");
	READS("a,b,\"a\" ,b", "line 1, field 3: text behind a quoted field");
	READS("a\n\"b\nc", "1:a line 2, field 1: a quote does not end");
	READS("a\rb", "line 1, field 1: a carriage return alone");
	READS("a\r", "line 1, field 1: a carriage return alone");
	READS("a,b\0b", "line 1, field 2: a NUL byte");
	READS("\"a\n\0b\"", "line 2, field 1: a NUL byte");
	READS("\"", "line 1, field 1: a quote does not end");
	READS("\"\"\"", "line 1, field 1: a quote does not end");
}

static void
what_is_written_is_read_again(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	csv_put(&w,
	    "\xef\xbb\xbf"
	    "a",
	    ',');
	csv_put(&w, "", ',');
	csv_put(&w, "a,b", ',');
	csv_put(&w, "say \"x\"", '\n');
	csv_put(&w, " a", ',');
	csv_put(&w, "a ", ',');
	csv_put(&w, "a\nb", ',');
	csv_put(&w, "a\rb", '\n');
	wbuf_u8(&w, 0);
	assert_string_equal((const char *)w.data,
	    "\"\xef\xbb\xbf"
	    "a\",,\"a,b\",\"say \"\"x\"\"\"\n"
	    "\" a\",\"a \",\"a\nb\",\"a\rb\"\n");
	reads((const char *)w.data, w.len - 1,
	    "1:\xef\xbb\xbf"
	    "a||a,b|say \"x\" 2: a|a |a\nb|a\rb");
	wbuf_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(quotes_hold_anything),
		cmocka_unit_test(what_breaks_a_rule_is_refused),
		cmocka_unit_test(what_is_written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
