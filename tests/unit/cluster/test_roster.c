#include "cluster/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db.h"
#include "db/nodes.h"

/*
 * The database of this test: what roster.c calls is defined here, so the
 * linker takes nothing from db/.
 */
static struct node_row rows[3];
static size_t row_count;
static bool is_down;
static bool fails;
static int open_connections;

struct db *
db_open_local(enum db_role role, struct err *e)
{
	assert_int_equal(role, DB_RW);
	if (is_down) {
		err_set(e, ERR_UNREACHABLE, "connection refused");
		return NULL;
	}
	open_connections++;
	return mem_alloc(1);
}

void
db_close(struct db *db)
{
	open_connections--;
	free(db);
}

int
nodes_list(struct db *db, struct node_list *out, struct err *e)
{
	assert_non_null(db);
	out->item = NULL;
	out->n = 0;
	if (fails)
		return err_set(e, ERR_TIMEOUT, "query");
	out->item = mem_dup(rows, row_count * sizeof(rows[0]));
	out->n = row_count;
	return 0;
}

void
node_list_release(struct node_list *l)
{
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

static void
set_row(size_t i, const char *name, const char *address, enum node_role role)
{
	memset(&rows[i], 0, sizeof(rows[i]));
	str_copy(rows[i].name, sizeof(rows[i].name), name);
	str_copy(rows[i].domain, sizeof(rows[i].domain), "joemar2.lab");
	str_copy(rows[i].address, sizeof(rows[i].address), address);
	str_copy(rows[i].host_key, sizeof(rows[i].host_key),
	    "ecdsa-sha2-nistp256 AAAA");
	rows[i].role = role;
	rows[i].ssh_port = 22;
}

static int
setup(void **state)
{
	(void)state;
	set_row(0, "test10pub", "127.0.10.1", NODE_PUBLISHER);
	set_row(1, "test10sub", "127.0.10.2", NODE_SUBSCRIBER);
	set_row(2, "test10sub2", "127.0.10.3", NODE_SUBSCRIBER);
	row_count = 3;
	is_down = false;
	fails = false;
	return 0;
}

static struct nodeconf
conf_of(const char *name)
{
	struct nodeconf c;

	memset(&c, 0, sizeof(c));
	str_copy(c.name, sizeof(c.name), name);
	return c;
}

static void
test_load(void **state)
{
	struct nodeconf c = conf_of("TEST10SUB");
	struct err e = ERR_INIT;
	struct roster r;

	(void)state;
	assert_int_equal(roster_load(&r, &c, &e), 0);
	assert_int_equal(open_connections, 0);
	assert_int_equal(r.n, 3);
	assert_string_equal(r.node[1].address, "127.0.10.2");
	assert_string_equal(r.node[1].host_key, "ecdsa-sha2-nistp256 AAAA");
	assert_int_equal(r.node[1].ssh_port, 22);
	assert_ptr_equal(roster_local(&r), &r.node[1]);
	assert_ptr_equal(roster_publisher(&r), &r.node[0]);
	assert_ptr_equal(roster_find(&r, "Test10sub2"), &r.node[2]);
	assert_ptr_equal(roster_find(&r, "127.0.10.1"), &r.node[0]);
	assert_ptr_equal(roster_find(&r, "test10sub.JOEMAR2.lab"), &r.node[1]);
	assert_null(roster_find(&r, "test10"));
	assert_null(roster_find(&r, ""));
	roster_release(&r);
	assert_int_equal(r.n, 0);
	roster_release(NULL);
}

/* Loading fails with this code and leaves nothing. */
static void
expect_failure(const char *name, enum err_code code)
{
	struct nodeconf c = conf_of(name);
	struct err e = ERR_INIT;
	struct roster r;

	assert_int_equal(roster_load(&r, &c, &e), -1);
	assert_int_equal(e.code, code);
	assert_string_not_equal(e.msg, "");
	assert_int_equal(r.n, 0);
	assert_null(r.node);
	assert_int_equal(open_connections, 0);
	if (code == ERR_DATABASE)
		assert_string_not_equal(e.hint, "");
}

static void
test_database_down(void **state)
{
	(void)state;
	is_down = true;
	expect_failure("test10pub", ERR_DATABASE);
}

static void
test_query_fails(void **state)
{
	(void)state;
	fails = true;
	expect_failure("test10pub", ERR_TIMEOUT);
}

static void
test_strange_rosters(void **state)
{
	(void)state;
	expect_failure("test10other", ERR_STATE);
	rows[0].role = NODE_SUBSCRIBER;
	expect_failure("test10sub", ERR_STATE);
	setup(state);
	memset(rows[2].host_key, 'A', sizeof(rows[2].host_key) - 1);
	expect_failure("test10sub", ERR_FORMAT);
	row_count = 0;
	expect_failure("test10pub", ERR_STATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_load, setup),
		cmocka_unit_test_setup(test_database_down, setup),
		cmocka_unit_test_setup(test_query_fails, setup),
		cmocka_unit_test_setup(test_strange_rosters, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
