/*
 * node/adopted.c: the keys that count while the database knows others.
 */
#include "node/adopted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/pledges.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "certs"), 0755, NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
kept_until_forgotten(void **state)
{
	struct pledge p;
	struct pledge q;
	struct err e = ERR_INIT;
	struct stat st;
	char path[PATH_SIZE];
	bool found = true;

	(void)state;
	assert_int_equal(adopted_load(&q, &found, &e), 0);
	assert_false(found);
	pledges_make(&p, "pub", "127.0.10.1");
	assert_int_equal(adopted_store(&p, &e), 0);
	assert_int_equal(stat(paths_in(path, "certs/publisher-adopted"), &st),
	    0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(adopted_load(&q, &found, &e), 0);
	assert_true(found);
	assert_memory_equal(&p, &q, sizeof(p));
	assert_int_equal(adopted_forget(&e), 0);
	assert_int_equal(adopted_load(&q, &found, &e), 0);
	assert_false(found);
	assert_int_equal(adopted_forget(&e), 0);
}

static void
a_broken_file_is_an_error(void **state)
{
	struct pledge q;
	struct err e = ERR_INIT;
	bool found = true;

	testing_write(*state, "certs/publisher-adopted", "UCMB1x");
	assert_int_equal(adopted_load(&q, &found, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_false(found);
	assert_non_null(strstr(e.msg, "certs/publisher-adopted: "));
}

static void
the_publisher_s_row_gets_them(void **state)
{
	static struct node_row row[2];
	struct node_list l = { .item = row, .n = 2 };
	struct pledge p;

	(void)state;
	pledges_make(&p, "pub", "127.0.10.1");
	for (size_t i = 0; i < 2; i++) {
		row[i].role = i == 1 ? NODE_PUBLISHER : NODE_SUBSCRIBER;
		row[i].ssh_port = 22;
		(void)str_copy(row[i].host_key, sizeof(row[i].host_key), "old");
		(void)str_copy(row[i].peer_key, sizeof(row[i].peer_key), "old");
	}
	assert_false(adopted_apply(&p, &l));
	assert_string_equal(row[1].host_key, p.host_key);
	assert_string_equal(row[1].peer_key, p.peer_key);
	assert_int_equal(row[1].ssh_port, 2222);
	assert_string_equal(row[0].host_key, "old");
	assert_string_equal(row[0].peer_key, "old");
	/* now it has them */
	assert_true(adopted_apply(&p, &l));
	/* one of the two is not enough */
	(void)str_copy(row[1].peer_key, sizeof(row[1].peer_key), "old");
	assert_false(adopted_apply(&p, &l));
	l.n = 0;
	assert_false(adopted_apply(&p, &l));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept_until_forgotten, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_broken_file_is_an_error,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(the_publisher_s_row_gets_them,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
