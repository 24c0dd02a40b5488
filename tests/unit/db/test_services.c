#include "db/services.h"

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
services_start_deactivated(void **state)
{
	struct service_list l;
	struct err e = ERR_INIT;
	size_t i;
	bool tftp = false;

	(void)state;
	db_rows_add_node(db, "sub-a", "127.0.10.2", NODE_SUBSCRIBER);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub-b", "127.0.10.3", NODE_SUBSCRIBER);
	assert_int_equal(services_of_node(db, "PUB", &l, &e), 0);
	assert_true(l.n >= 5);
	for (i = 0; i < l.n; i++) {
		assert_false(l.item[i].active);
		assert_string_not_equal(l.item[i].name, "Enterprise Wide");
		tftp = tftp || str_equal(l.item[i].name, SERVICES_TFTP);
		if (i > 0)
			assert_true(
			    strcmp(l.item[i - 1].name, l.item[i].name) < 0);
	}
	assert_true(tftp);
	service_list_release(&l);
	service_list_release(NULL);
}

static void
active_nodes_come_publisher_first(void **state)
{
	struct node_list l;
	struct err e = ERR_INIT;
	bool active = false;

	(void)state;
	assert_int_equal(services_set_active(db, "sub-b", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_int_equal(services_set_active(db, "sub-a", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_int_equal(services_set_active(db, "pub", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_int_equal(services_set_active(db, "pub", SERVICES_TVS, true, &e),
	    0);
	assert_int_equal(services_nodes(db, SERVICES_TFTP, &l, &e), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.item[0].name, "pub");
	assert_string_equal(l.item[1].name, "sub-a");
	assert_string_equal(l.item[2].name, "sub-b");
	assert_string_equal(l.item[2].address, "127.0.10.3");
	node_list_release(&l);
	assert_int_equal(services_set_active(db, "sub-a", SERVICES_TFTP, false,
			     &e),
	    0);
	assert_int_equal(services_nodes(db, SERVICES_TFTP, &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[1].name, "sub-b");
	node_list_release(&l);
	assert_int_equal(services_is_active(db, "sub-b", SERVICES_TFTP, &active,
			     &e),
	    0);
	assert_true(active);
	assert_int_equal(services_is_active(db, "sub-a", SERVICES_TFTP, &active,
			     &e),
	    0);
	assert_false(active);
	assert_int_equal(services_is_active(db, "sub-b", SERVICES_TVS, &active,
			     &e),
	    0);
	assert_false(active);
}

static void
setting_what_is_set_changes_nothing(void **state)
{
	struct err e = ERR_INIT;
	struct service_list l;
	size_t i;
	size_t n = 0;

	(void)state;
	assert_int_equal(services_set_active(db, "pub", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_int_equal(services_set_active(db, "pub", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_int_equal(services_of_node(db, "pub", &l, &e), 0);
	for (i = 0; i < l.n; i++)
		n += l.item[i].active ? 1 : 0;
	assert_int_equal(n, 2);
	service_list_release(&l);
}

static void
unknown_names_are_told_apart(void **state)
{
	struct service_list l;
	struct node_list nodes;
	struct err e = ERR_INIT;
	bool active = true;

	(void)state;
	assert_int_equal(services_set_active(db, "nope", SERVICES_TFTP, true,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.msg, "nope"));
	assert_int_equal(services_set_active(db, "pub", "Cisco Tftpd", true,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.msg, "there is no service Cisco Tftpd");
	assert_int_equal(services_set_active(db, "pub", "Enterprise Wide", true,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(services_of_node(db, "nope", &l, &e), -1);
	assert_int_equal(l.n, 0);
	assert_int_equal(services_is_active(db, "nope", SERVICES_TFTP, &active,
			     &e),
	    -1);
	assert_int_equal(services_nodes(db, "nope", &nodes, &e), 0);
	assert_int_equal(nodes.n, 0);
	node_list_release(&nodes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_start_deactivated),
		cmocka_unit_test(active_nodes_come_publisher_first),
		cmocka_unit_test(setting_what_is_set_changes_nothing),
		cmocka_unit_test(unknown_names_are_told_apart),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
