/*
 * base/file_servers.c: the list of remote clusters.
 */
#include "base/file_servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
test_lists(void **state)
{
	struct err e = ERR_INIT;
	struct file_servers l;

	(void)state;
	assert_int_equal(file_servers_parse(&l, "", &e), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(file_servers_parse(&l, " \t, ", &e), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(file_servers_parse(&l,
			     " tftp.b.lab 10.0.0.1:8080,\tC-1:1 tftp.B.lab:6970"
			     " 10.0.0.1 ",
			     &e),
	    0);
	assert_int_equal(l.n, 4);
	assert_string_equal(l.item[0].name, "tftp.b.lab");
	assert_int_equal(l.item[0].port, 6970);
	assert_string_equal(l.item[1].name, "10.0.0.1");
	assert_int_equal(l.item[1].port, 8080);
	assert_string_equal(l.item[2].name, "C-1");
	assert_int_equal(l.item[2].port, 1);
	assert_string_equal(l.item[3].name, "10.0.0.1");
	assert_int_equal(l.item[3].port, 6970);
}

static void
test_broken(void **state)
{
	static const char *const lists[] = { ":6970", "a:", "a:0", "a:65536",
		"a:b", "a:1:2", "a;b", "http://a", "a/b", "[::1]:6970",
		"a:6970x", "\xc3\xa4", "a\nb" };
	struct file_servers l;
	char *long_name;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct err e = ERR_INIT;
		char *text = mem_printf("first %s last", lists[i]);

		if (file_servers_parse(&l, text, &e) == 0)
			fail_msg("understood: %s", lists[i]);
		assert_int_equal(e.code, ERR_USAGE);
		assert_int_equal(l.n, 1);
		assert_string_equal(l.item[0].name, "first");
		free(text);
	}
	long_name = mem_alloc(FILE_SERVER_SIZE + 1);
	memset(long_name, 'a', FILE_SERVER_SIZE);
	assert_int_equal(file_servers_parse(&l, long_name, NULL), -1);
	long_name[FILE_SERVER_SIZE - 1] = '\0';
	assert_int_equal(file_servers_parse(&l, long_name, NULL), 0);
	assert_string_equal(l.item[0].name, long_name);
	free(long_name);
}

static void
test_too_many(void **state)
{
	struct err e = ERR_INIT;
	struct file_servers l;

	(void)state;
	assert_int_equal(file_servers_parse(&l, "a b c d e f g h i j a b", &e),
	    0);
	assert_int_equal(l.n, FILE_SERVERS_MAX);
	assert_int_equal(file_servers_parse(&l, "a b c d e f g h i j k", &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(l.n, FILE_SERVERS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
