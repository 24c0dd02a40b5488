/*
 * node/restore_rows.c: a rebuilt publisher in a real database.
 */
#include "node/restore_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "db/nodes.h"
#include "db/replicas.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/pledges.h"

static struct pg_server server;
static struct pledge pledge;

/* The publisher of the old rows, and two subscribers. */
static int
start(void **state)
{
	char path[PATH_SIZE];
	struct certfile pair;
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	(void)mkdir(paths_in(path, "certs"), 0755);
	server.conf.key_bits = 1024;
	for (size_t i = 0; i < cert_units_n; i++) {
		if (cert_unit_make(&server.conf, cert_units[i], &pair, &e) ==
			-1 ||
		    certfile_write(paths_in(path, "certs/%s.pem",
				       cert_units[i]),
			pair.key, pair.cert, &e) == -1)
			return -1;
		certfile_release(&pair);
	}
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub1", "127.0.0.2", NODE_SUBSCRIBER);
	db_rows_add_node(db, "Sub-2", "127.0.0.3", NODE_SUBSCRIBER);
	db_close(db);
	pledges_make(&pledge, server.conf.name, "127.0.0.1");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

static int
record(const char *name, struct err *e)
{
	struct nodeconf conf = server.conf;
	struct restore_rows rows = { .conf = &conf, .pledge = &pledge };
	struct wbuf reply;
	int rc;

	(void)str_copy(conf.name, sizeof(conf.name), name);
	wbuf_init(&reply, 0);
	rc = restore_rows_record(&rows, &reply, e);
	wbuf_release(&reply);
	return rc;
}

static void
keys_certificates_and_slots(void **state)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	struct cert_list own;
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);

	(void)state;
	/* twice: an interrupted run is run again */
	for (int i = 0; i < 2; i++)
		if (record(server.conf.name, &e) == -1)
			fail_msg("%s", e.msg);
	assert_int_equal(nodes_find(db, server.conf.name, row, &e), 0);
	assert_string_equal(row->host_key, pledge.host_key);
	assert_string_equal(row->peer_key, pledge.peer_key);
	assert_int_equal(row->ssh_port, 2222);
	assert_int_equal(row->role, NODE_PUBLISHER);
	assert_int_equal(nodes_find(db, "sub1", row, &e), 0);
	assert_string_not_equal(row->host_key, pledge.host_key);
	assert_int_equal(certs_list_own(db, server.conf.name, &own, &e), 0);
	assert_int_equal(own.n, cert_units_n);
	cert_list_release(&own);
	/* a slot that is there may be dropped: both are */
	assert_int_equal(replicas_slot_drop(db, "sub1", &e), 0);
	db_close(db);
	pg_server_sql("do $$ begin if (select count(*) from "
		      "pg_replication_slots where slot_name = 'sub_2') <> 1 "
		      "then raise 'no slot'; end if; end $$");
	free(row);
}

static void
only_the_publisher_is_recorded(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(record("sub1", &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_string_equal(e.msg,
	    "record the new publisher: sub1 is not the publisher there");
	assert_int_equal(record("nobody", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_certificates_and_slots),
		cmocka_unit_test(only_the_publisher_is_recorded),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
