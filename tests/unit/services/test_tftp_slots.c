#include "services/tftp_slots.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"

static struct in_addr
source(unsigned n)
{
	struct in_addr a = { .s_addr = htonl(0x0a000000 + n) };

	return a;
}

/* How many of n this source gets. */
static size_t
take(struct tftp_slots *s, unsigned from, size_t n)
{
	size_t got = 0;

	while (got < n && tftp_slots_take(s, source(from)) == TFTP_ROOM)
		got++;
	return got;
}

static void
test_full(void **state)
{
	struct tftp_slots *s = tftp_slots_new(100);
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(tftp_slots_take(s, source(i)), TFTP_ROOM);
	assert_int_equal(tftp_slots_take(s, source(0)), TFTP_ROOM_FULL);
	assert_int_equal(tftp_slots_take(s, source(500)), TFTP_ROOM_FULL);
	assert_int_equal(tftp_slots_used(s), 100);
	tftp_slots_give(s, source(7));
	assert_int_equal(tftp_slots_used(s), 99);
	assert_int_equal(tftp_slots_take(s, source(500)), TFTP_ROOM);
	for (i = 0; i < 100; i++)
		tftp_slots_give(s, source(i == 7 ? 500 : i));
	assert_int_equal(tftp_slots_used(s), 0);
	assert_int_equal(tftp_slots_most(s), 100);
	assert_int_equal(take(s, 3, 80), 80);
	assert_int_equal(tftp_slots_most(s), 100);
	tftp_slots_free(s);
	tftp_slots_free(NULL);
}

/* One source alone gets all but the last eighth, which others still get. */
static void
test_hog(void **state)
{
	struct tftp_slots *s = tftp_slots_new(1600);

	(void)state;
	assert_int_equal(take(s, 1, 1600), 1400);
	assert_int_equal(tftp_slots_take(s, source(1)), TFTP_ROOM_HOGGED);
	assert_int_equal(take(s, 2, 1600), 200);
	assert_int_equal(tftp_slots_take(s, source(2)), TFTP_ROOM_FULL);
	tftp_slots_give(s, source(2));
	assert_int_equal(tftp_slots_take(s, source(1)), TFTP_ROOM_HOGGED);
	tftp_slots_free(s);
}

/* Half of it all is never too much, however full it is. */
static void
test_half(void **state)
{
	struct tftp_slots *s = tftp_slots_new(1600);
	unsigned i;

	(void)state;
	for (i = 0; i < 800; i++)
		assert_int_equal(tftp_slots_take(s, source(100 + i)),
		    TFTP_ROOM);
	assert_int_equal(take(s, 1, 1600), 800);
	assert_int_equal(tftp_slots_used(s), 1600);
	tftp_slots_free(s);
}

static void
test_few_slots(void **state)
{
	struct tftp_slots *s = tftp_slots_new(1);

	(void)state;
	assert_int_equal(take(s, 1, 2), 1);
	assert_int_equal(tftp_slots_take(s, source(1)), TFTP_ROOM_FULL);
	tftp_slots_free(s);
	s = tftp_slots_new(0);
	assert_int_equal(tftp_slots_take(s, source(1)), TFTP_ROOM_FULL);
	tftp_slots_free(s);
}

static void
give_what_nobody_has(void)
{
	struct tftp_slots *s = tftp_slots_new(10);

	tftp_slots_give(s, source(1));
}

static void
test_give_too_much(void **state)
{
	(void)state;
	assert_true(testing_aborts(give_what_nobody_has));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_hog),
		cmocka_unit_test(test_half),
		cmocka_unit_test(test_few_slots),
		cmocka_unit_test(test_give_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
