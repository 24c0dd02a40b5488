#include "services/phone_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static unsigned freed;

static void
free_data(void *data)
{
	freed++;
	free(data);
}

static struct phone_row *
row(const char *mac)
{
	struct phone_row *r = phone_row_new(mac);

	r->data = mem_alloc(1);
	r->free_data = free_data;
	return r;
}

/* The last hold that is given back frees it. */
static void
holds(void **state)
{
	struct phone_row *r = row("00000000000A");
	struct phone_basis *b = phone_basis_new();

	(void)state;
	freed = 0;
	assert_string_equal(r->mac, "00000000000A");
	assert_ptr_equal(phone_row_hold(r), r);
	phone_row_release(r);
	assert_int_equal(freed, 0);
	phone_row_release(r);
	assert_int_equal(freed, 1);
	b->group = mem_array(2, sizeof(*b->group));
	b->data = mem_alloc(1);
	b->free_data = free_data;
	assert_ptr_equal(phone_basis_hold(b), b);
	phone_basis_release(b);
	assert_int_equal(freed, 1);
	phone_basis_release(b);
	assert_int_equal(freed, 2);
	phone_row_release(NULL);
	phone_basis_release(NULL);
}

/* Any number of rows; those that were taken out are not released. */
static void
changes(void **state)
{
	struct phone_changes c = PHONE_CHANGES_INIT;
	struct phone_row *kept;

	(void)state;
	freed = 0;
	for (unsigned i = 0; i < 100; i++) {
		char mac[PHONE_MAC_SIZE];

		(void)str_printf(mac, sizeof(mac), "%012X", i);
		phone_changes_add(&c, row(mac));
	}
	c.basis = phone_basis_new();
	c.complete = true;
	assert_int_equal(c.n, 100);
	assert_string_equal(c.row[99]->mac, "000000000063");
	kept = c.row[7];
	c.row[7] = NULL;
	phone_changes_release(&c);
	assert_int_equal(freed, 99);
	assert_int_equal(c.n, 0);
	assert_null(c.basis);
	assert_false(c.complete);
	phone_changes_release(&c);
	assert_string_equal(kept->mac, "000000000007");
	phone_row_release(kept);
	assert_int_equal(freed, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds),
		cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
