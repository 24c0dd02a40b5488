#include "db/nodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;
static struct db *db;

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&server);
	return 0;
}

static void
empty_cluster_has_no_nodes(void **state)
{
	struct node_list l;
	struct node_row row;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(nodes_list(db, &l, &e), 0);
	assert_int_equal(l.n, 0);
	node_list_release(&l);
	assert_int_equal(nodes_find(db, "EnterpriseWideData", &row, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.msg,
	    "there is no node EnterpriseWideData in the cluster");
}

/* The publisher is first even when it was added last. */
static void
nodes_come_publisher_first_then_as_joined(void **state)
{
	struct node_list l;
	struct node_row want;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_node(db, "zsub", "127.0.10.2", NODE_SUBSCRIBER);
	db_rows_add_node(db, "asub-2", "127.0.10.3", NODE_SUBSCRIBER);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
	assert_int_equal(nodes_list(db, &l, &e), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.item[0].name, "pub");
	assert_int_equal(l.item[0].role, NODE_PUBLISHER);
	assert_int_equal(l.item[0].nodeid, 4);
	assert_string_equal(l.item[1].name, "zsub");
	assert_int_equal(l.item[1].nodeid, 2);
	assert_string_equal(l.item[2].name, "asub-2");
	db_rows_node(&want, "asub-2", "127.0.10.3", NODE_SUBSCRIBER);
	want.nodeid = 3;
	(void)str_copy(want.pkid, sizeof(want.pkid), l.item[2].pkid);
	assert_int_equal(strlen(want.pkid), DB_PKID_SIZE - 1);
	assert_memory_equal(&l.item[2], &want, sizeof(want));
	node_list_release(&l);
}

static void
node_is_found_by_name_and_address(void **state)
{
	struct node_row row;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(nodes_find(db, "ZSUB", &row, &e), 0);
	assert_string_equal(row.address, "127.0.10.2");
	assert_int_equal(nodes_find(db, "127.0.10.3", &row, &e), 0);
	assert_string_equal(row.name, "asub-2");
	assert_int_equal(nodes_find(db, "127.0.10.9", &row, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(nodes_find(db, "' or true --", &row, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
adding_again_replaces_the_facts(void **state)
{
	struct node_row row;
	struct node_row again;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(nodes_find(db, "zsub", &row, &e), 0);
	memset(row.address, 0, sizeof(row.address));
	(void)str_copy(row.address, sizeof(row.address), "127.0.10.22");
	memset(row.host_key, 0, sizeof(row.host_key));
	(void)str_copy(row.host_key, sizeof(row.host_key), "new");
	row.ssh_port = 22;
	assert_int_equal(nodes_add(db, &row, &e), 0);
	assert_int_equal(nodes_find(db, "zsub", &again, &e), 0);
	assert_memory_equal(&again, &row, sizeof(row));
}

static void
conflicts_are_refused(void **state)
{
	struct node_row row;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_node(&row, "other", "127.0.10.3", NODE_SUBSCRIBER);
	assert_int_equal(nodes_add(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_string_equal(e.msg,
	    "node other: the address 127.0.10.3 belongs to node asub-2");
	db_rows_node(&row, "other", "127.0.10.4", NODE_PUBLISHER);
	assert_int_equal(nodes_add(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_string_equal(e.msg, "node other: the publisher is pub already");
	db_rows_node(&row, "bad name", "127.0.10.4", NODE_SUBSCRIBER);
	assert_int_equal(nodes_add(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	db_rows_node(&row, "other", "", NODE_SUBSCRIBER);
	assert_int_equal(nodes_add(db, &row, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(nodes_find(db, "other", &row, &e), -1);
}

static long
certificates(void)
{
	PGresult *res;
	struct err e = ERR_INIT;
	long n;

	assert_int_equal(db_query(db, "select count(*) from certificate", 0,
			     NULL, &res, &e),
	    0);
	n = (long)cell_int(res, 0, 0);
	PQclear(res);
	return n;
}

static void
removing_takes_everything_along(void **state)
{
	struct node_list l;
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_cert(db, "pub", "TVS", 1);
	db_rows_add_cert(db, "asub-2", "TVS", 2);
	db_rows_add_cert(db, "asub-2", "CAPF", 3);
	assert_int_equal(certificates(), 3);
	assert_int_equal(nodes_remove(db, "asub-2", &e), 0);
	assert_int_equal(certificates(), 1);
	assert_int_equal(nodes_list(db, &l, &e), 0);
	assert_int_equal(l.n, 2);
	node_list_release(&l);
	assert_int_equal(nodes_remove(db, "asub-2", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(nodes_remove(db, "pub", &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(certificates(), 1);
}

static void
release_is_null_safe(void **state)
{
	(void)state;
	node_list_release(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_cluster_has_no_nodes),
		cmocka_unit_test(nodes_come_publisher_first_then_as_joined),
		cmocka_unit_test(node_is_found_by_name_and_address),
		cmocka_unit_test(adding_again_replaces_the_facts),
		cmocka_unit_test(conflicts_are_refused),
		cmocka_unit_test(removing_takes_everything_along),
		cmocka_unit_test(release_is_null_safe),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
