#include "services/remote_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

static struct tftp_file *
file_of(size_t len)
{
	return tftp_file_new(mem_alloc(len), len);
}

/* Remember a new file of this length. */
static void
put(struct remote_cache *c, const char *name, size_t len, int64_t until)
{
	struct tftp_file *file = file_of(len);

	remote_cache_put(c, name, file, until);
	tftp_file_release(file);
}

static bool
has(struct remote_cache *c, const char *name, int64_t now)
{
	struct tftp_file *file = NULL;
	bool known = remote_cache_get(c, name, now, &file);

	tftp_file_release(file);
	return known;
}

static void
test_files(void **state)
{
	struct remote_cache *c = remote_cache_new(100000);
	struct tftp_file *file = file_of(10), *got = NULL;

	(void)state;
	assert_false(has(c, "a", 0));
	remote_cache_put(c, "a", file, 100);
	assert_true(remote_cache_get(c, "a", 99, &got));
	assert_ptr_equal(got, file);
	tftp_file_release(got);
	assert_int_equal(remote_cache_files(c), 1);
	/* something else is known in its place */
	remote_cache_put(c, "a", NULL, 200);
	assert_true(remote_cache_get(c, "a", 199, &got));
	assert_null(got);
	assert_int_equal(remote_cache_files(c), 0);
	assert_true(remote_cache_bytes(c) > 0);
	remote_cache_clear(c);
	assert_false(has(c, "a", 0));
	assert_int_equal(remote_cache_bytes(c), 0);
	remote_cache_free(c);
	tftp_file_release(file);
	remote_cache_free(NULL);
}

static void
test_time(void **state)
{
	struct remote_cache *c = remote_cache_new(100000);

	(void)state;
	put(c, "a", 10, 100);
	remote_cache_put(c, "b", NULL, 50);
	assert_true(has(c, "b", 49));
	assert_false(has(c, "b", 50));
	assert_false(has(c, "b", 0));
	assert_false(has(c, "a", 100));
	assert_int_equal(remote_cache_bytes(c), 0);
	remote_cache_free(c);
}

/* What was not wanted for longest makes room. */
static void
test_bounded(void **state)
{
	struct remote_cache *c = remote_cache_new(30000);
	char name[16];
	int i;

	(void)state;
	put(c, "a", 9000, 100);
	put(c, "b", 9000, 100);
	put(c, "c", 9000, 100);
	assert_true(has(c, "a", 0));
	put(c, "d", 9000, 100);
	assert_false(has(c, "b", 0));
	assert_true(has(c, "a", 0));
	assert_true(has(c, "c", 0));
	assert_true(has(c, "d", 0));
	put(c, "large", 15001, 100);
	assert_false(has(c, "large", 0));
	assert_true(has(c, "a", 0));
	for (i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		remote_cache_put(c, name, NULL, 100);
		assert_true(remote_cache_bytes(c) <= 30000);
	}
	assert_true(has(c, "n999", 0));
	assert_false(has(c, "a", 0));
	assert_int_equal(remote_cache_files(c), 0);
	remote_cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
