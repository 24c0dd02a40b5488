#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"

static void
numbers_are_big_endian(void **state)
{
	static const uint8_t data[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
		0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	struct rbuf r;
	uint8_t a;
	uint16_t b;
	uint32_t c;
	uint64_t d;

	(void)state;
	rbuf_init(&r, data, sizeof(data));
	assert_int_equal(rbuf_u8(&r, &a), 0);
	assert_int_equal(rbuf_be16(&r, &b), 0);
	assert_int_equal(rbuf_be32(&r, &c), 0);
	assert_int_equal(rbuf_be64(&r, &d), 0);
	assert_int_equal(a, 0x01);
	assert_int_equal(b, 0x0203);
	assert_int_equal(c, 0x04050607);
	assert_true(d == 0x08090a0b0c0d0e0fULL);
	assert_int_equal(rbuf_left(&r), 0);
}

static void
a_getter_past_the_end_moves_nothing(void **state)
{
	/* In the heap, so that the sanitizer sees the end. */
	uint8_t *data = calloc(1, 7);
	struct rbuf r, sub;
	const uint8_t *p = NULL;
	uint64_t d = 42;
	uint32_t c = 42;
	uint16_t b = 42;
	uint8_t a = 42;

	(void)state;
	assert_non_null(data);
	rbuf_init(&r, data, 7);
	assert_int_equal(rbuf_be64(&r, &d), -1);
	assert_int_equal(r.off, 0);
	assert_int_equal(rbuf_bytes(&r, 8, &p), -1);
	assert_int_equal(rbuf_bytes(&r, SIZE_MAX, &p), -1);
	assert_int_equal(rbuf_bytes(&r, 4, &p), 0);
	assert_ptr_equal(p, data);
	assert_int_equal(rbuf_be32(&r, &c), -1);
	assert_int_equal(rbuf_be16(&r, &b), 0);
	assert_int_equal(rbuf_be16(&r, &b), -1);
	assert_int_equal(rbuf_u8(&r, &a), 0);
	assert_int_equal(rbuf_u8(&r, &a), -1);
	assert_int_equal(rbuf_sub(&r, 1, &sub), -1);
	assert_int_equal(r.off, 7);
	assert_true(d == 42);
	assert_int_equal(c, 42);
	free(data);
}

static void
a_sub_reader_ends_where_it_must(void **state)
{
	static const uint8_t data[] = { 1, 2, 3, 4 };
	struct rbuf r, sub;
	uint16_t v;

	(void)state;
	rbuf_init(&r, data, sizeof(data));
	assert_int_equal(rbuf_sub(&r, 3, &sub), 0);
	assert_int_equal(rbuf_left(&r), 1);
	assert_int_equal(rbuf_be16(&sub, &v), 0);
	assert_int_equal(v, 0x0102);
	assert_int_equal(rbuf_be16(&sub, &v), -1);
	assert_int_equal(rbuf_left(&sub), 1);
}

static void
no_data_can_be_read_too(void **state)
{
	const uint8_t *p = NULL;
	struct rbuf r;

	(void)state;
	rbuf_init(&r, NULL, 0);
	assert_int_equal(rbuf_left(&r), 0);
	assert_int_equal(rbuf_bytes(&r, 0, &p), 0);
	assert_non_null(p);
}

static void
what_is_written_reads_back(void **state)
{
	static const uint8_t expected[] = { 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0,
		0, 0, 8, 'a', 'b', 'n', '=', '9' };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	wbuf_u8(&w, 1);
	wbuf_be16(&w, 0x0203);
	wbuf_be32(&w, 0x04050607);
	wbuf_be64(&w, 8);
	wbuf_bytes(&w, "ab", 2);
	wbuf_printf(&w, "n=%d", 9);
	assert_false(w.failed);
	assert_int_equal(w.len, sizeof(expected));
	assert_memory_equal(w.data, expected, sizeof(expected));
	wbuf_patch_be16(&w, 0, 0xaabb);
	wbuf_patch_be32(&w, w.len - 4, 0x01020304);
	assert_int_equal(w.data[0], 0xaa);
	assert_int_equal(w.data[1], 0xbb);
	assert_memory_equal(w.data + w.len - 4, "\1\2\3\4", 4);
	wbuf_release(&w);
	assert_int_equal(w.len, 0);
}

static void
it_grows_with_printf_at_every_size(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	for (unsigned i = 0; i < 1000; i++)
		wbuf_printf(&w, "%c", 'a' + (int)(i % 26));
	wbuf_printf(&w, "%s", "");
	assert_int_equal(w.len, 1000);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(w.data[i], 'a' + (int)(i % 26));
	wbuf_release(&w);
}

static void
the_limit_holds_and_failure_sticks(void **state)
{
	uint8_t *data = NULL;
	struct wbuf w;
	size_t len;

	(void)state;
	wbuf_init(&w, 4);
	wbuf_be32(&w, 1);
	assert_false(w.failed);
	wbuf_u8(&w, 1);
	assert_true(w.failed);
	wbuf_bytes(&w, "", 0);
	wbuf_printf(&w, "x");
	wbuf_patch_be32(&w, 100, 1);
	assert_int_equal(w.len, 4);
	assert_int_equal(wbuf_detach(&w, &data, &len), -1);
	assert_null(data);
	/* Released, with its limit: it can be used again. */
	assert_false(w.failed);
	wbuf_bytes(&w, "12345", 5);
	assert_true(w.failed);
	wbuf_release(&w);
}

static void
detaching_hands_over(void **state)
{
	uint8_t *data;
	struct wbuf w;
	size_t len;

	(void)state;
	wbuf_init(&w, 0);
	wbuf_bytes(&w, "abc", 3);
	assert_int_equal(wbuf_detach(&w, &data, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "abc", 3);
	free(data);
	assert_null(w.data);
	assert_int_equal(wbuf_detach(&w, &data, &len), 0);
	assert_int_equal(len, 0);
	assert_non_null(data);
	free(data);
}

static void
patch_outside(void)
{
	struct wbuf w;

	wbuf_init(&w, 0);
	wbuf_be16(&w, 1);
	wbuf_patch_be16(&w, 1, 2);
}

static void
a_patch_outside_is_a_bug(void **state)
{
	(void)state;
	assert_true(testing_aborts(patch_outside));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(a_getter_past_the_end_moves_nothing),
		cmocka_unit_test(a_sub_reader_ends_where_it_must),
		cmocka_unit_test(no_data_can_be_read_too),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(it_grows_with_printf_at_every_size),
		cmocka_unit_test(the_limit_holds_and_failure_sticks),
		cmocka_unit_test(detaching_hands_over),
		cmocka_unit_test(a_patch_outside_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
