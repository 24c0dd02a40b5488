#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"

static void
memory_is_zeroed(void **state)
{
	static const char zero[100];
	char *p = mem_alloc(100);
	char *q = mem_array(10, 10);

	(void)state;
	assert_memory_equal(p, zero, 100);
	assert_memory_equal(q, zero, 100);
	free(p);
	free(q);
}

static void
nothing_is_a_size_too(void **state)
{
	void *p = mem_alloc(0);
	void *q = mem_array(0, 8);
	void *r = mem_resize(NULL, 0, 8);
	void *s = mem_dup("", 0);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	assert_non_null(r);
	assert_non_null(s);
	free(p);
	free(q);
	free(r);
	free(s);
}

static void
resize_keeps_what_was_there(void **state)
{
	int *p = mem_array(2, sizeof(*p));

	(void)state;
	p[0] = 7;
	p[1] = 8;
	p = mem_resize(p, 1000, sizeof(*p));
	assert_int_equal(p[0], 7);
	assert_int_equal(p[1], 8);
	free(p);
}

static void
array_overflows(void)
{
	/* Through a volatile, or the compiler sees it coming. */
	volatile size_t n = SIZE_MAX / 4;

	free(mem_array(n, 8));
}

static void
resize_overflows(void)
{
	volatile size_t n = SIZE_MAX / 4;

	free(mem_resize(NULL, n, 8));
}

static void
an_overflow_ends_the_program(void **state)
{
	(void)state;
	assert_true(testing_aborts(array_overflows));
	assert_true(testing_aborts(resize_overflows));
}

static void
copies_are_their_own(void **state)
{
	const char *text = "abcdef";
	char *a = mem_strdup(text);
	char *b = mem_strndup(text, 3);
	char *c = mem_strndup(text, 99);
	char *d = mem_dup(text, 2);
	char *f = mem_printf("%s-%d", "n", 5);

	(void)state;
	assert_ptr_not_equal(a, text);
	assert_string_equal(a, "abcdef");
	assert_string_equal(b, "abc");
	assert_string_equal(c, "abcdef");
	assert_memory_equal(d, "ab", 2);
	assert_string_equal(f, "n-5");
	free(a);
	free(b);
	free(c);
	free(d);
	free(f);
}

static void
wiping_overwrites(void **state)
{
	char text[] = "secret";

	(void)state;
	mem_wipe(text, 3);
	assert_memory_equal(text, "\0\0\0ret", 7);
	mem_wipe(NULL, 0);
	mem_free_wiped(NULL, 5);
}

#define LEFT 4000

/* Leave something on the stack, in a frame that is gone; where it was. */
__attribute__((noinline, no_sanitize("address"))) static uintptr_t
leave(void)
{
	volatile unsigned char here[LEFT];
	size_t i;

	for (i = 0; i < sizeof(here); i++)
		here[i] = 's';
	return (uintptr_t)here;
}

__attribute__((noinline, no_sanitize("address"))) static size_t
still_left(uintptr_t at)
{
	const volatile unsigned char *p = (const volatile unsigned char *)at;
	size_t i, n = 0;

	for (i = 0; i < LEFT; i++)
		n += p[i] == 's';
	return n;
}

static void
the_stack_is_wiped(void **state)
{
	uintptr_t at = leave();

	(void)state;
	assert_true(still_left(at) > LEFT / 2);
	mem_wipe_stack();
	assert_int_equal(still_left(at), 0);
}

static void
secrets_keep_any_byte(void **state)
{
	struct secret s;

	(void)state;
	secret_set(&s, "ab\0cd", 5);
	assert_int_equal(s.len, 5);
	assert_memory_equal(s.text, "ab\0cd\0", 6);
	secret_release(&s);
	assert_null(s.text);
	assert_int_equal(s.len, 0);
	secret_release(&s);
	secret_release(NULL);
	secret_set(&s, "", 0);
	assert_string_equal(s.text, "");
	secret_release(&s);
}

static void
secrets_are_compared_whole(void **state)
{
	struct secret a, b, none = { .text = NULL };

	(void)state;
	secret_set(&a, "abc", 3);
	secret_set(&b, "abc", 3);
	assert_true(secret_equal(&a, &b));
	b.text[2] = 'd';
	assert_false(secret_equal(&a, &b));
	b.text[2] = 'c';
	b.text[0] = 'x';
	assert_false(secret_equal(&a, &b));
	secret_release(&b);
	secret_set(&b, "ab", 2);
	assert_false(secret_equal(&a, &b));
	assert_false(secret_equal(&a, &none));
	assert_false(secret_equal(&none, &none));
	secret_release(&a);
	secret_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed),
		cmocka_unit_test(nothing_is_a_size_too),
		cmocka_unit_test(resize_keeps_what_was_there),
		cmocka_unit_test(an_overflow_ends_the_program),
		cmocka_unit_test(copies_are_their_own),
		cmocka_unit_test(wiping_overwrites),
		cmocka_unit_test(the_stack_is_wiped),
		cmocka_unit_test(secrets_keep_any_byte),
		cmocka_unit_test(secrets_are_compared_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
