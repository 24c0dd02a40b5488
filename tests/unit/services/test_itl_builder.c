#include "services/itl_builder.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/itl_node.h"
#include "trust/trustlist.h"

static int
setup(void **state)
{
	*state = itl_node_new();
	return 0;
}

static int
teardown(void **state)
{
	itl_node_free(*state);
	return 0;
}

static void
wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 10000), 1);
}

static void
test_success(void **state)
{
	struct itl_node *n = *state;
	struct itl_builder *b;
	struct err e = ERR_INIT;
	struct trustlist l;
	uint8_t *data;
	size_t len;

	b = itl_builder_start(&n->source, &e);
	assert_non_null(b);
	wait_for(itl_builder_fd(b));
	assert_int_equal(itl_builder_take(b, &data, &len, &e), 0);
	itl_builder_free(b);
	assert_int_equal(trustlist_parse(&l, data, len, &e), 0);
	trustlist_release(&l);
	free(data);
}

static void
test_failure(void **state)
{
	struct itl_node *n = *state;
	struct itl_builder *b;
	struct err e = ERR_INIT;
	uint8_t *data = NULL;
	size_t len;

	atomic_store(&n->failures, 1);
	b = itl_builder_start(&n->source, &e);
	assert_non_null(b);
	wait_for(itl_builder_fd(b));
	assert_int_equal(itl_builder_take(b, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_null(data);
	itl_builder_free(b);
}

/* What is not taken, and what is not waited for, is freed all the same. */
static void
test_left_behind(void **state)
{
	struct itl_node *n = *state;
	struct itl_builder *b;
	struct err e = ERR_INIT;
	int fd;

	b = itl_builder_start(&n->source, &e);
	assert_non_null(b);
	wait_for(itl_builder_fd(b));
	itl_builder_free(b);
	atomic_store(&n->delay_ms, 50);
	b = itl_builder_start(&n->source, &e);
	assert_non_null(b);
	fd = dup(itl_builder_fd(b));
	itl_builder_free(b);
	itl_builder_free(NULL);
	wait_for(fd);
	(void)close(fd);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_success),
		TEST(test_failure),
		TEST(test_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
