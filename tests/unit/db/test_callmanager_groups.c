#include "db/callmanager_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "db/db_priv.h"
#include "db/nodes.h"
#include "db/services.h"
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
	db_rows_add_node(db, "pub1", "127.0.0.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub1", "127.0.0.2", NODE_SUBSCRIBER);
	db_rows_add_node(db, "sub2", "127.0.0.3", NODE_SUBSCRIBER);
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

/* As a new cluster, Cisco CallManager nowhere. */
static int
afresh(void **state)
{
	(void)state;
	pg_server_sql("delete from device; delete from devicepool"
		      " where name <> 'Default';"
		      "update devicepool set fkcallmanagergroup ="
		      " (select pkid from callmanagergroup"
		      " where name = 'Default');"
		      "delete from callmanagergroup where name <> 'Default';"
		      "delete from processnodeservice");
	return 0;
}

static void
activate(const char *node, bool active)
{
	struct err e = ERR_INIT;

	if (services_set_active(db, node, SERVICES_CALLMANAGER, active, &e) ==
	    -1)
		fail_msg("%s", e.msg);
}

/* "Default=pub1,sub1 North=" in the order of names. */
static const char *
groups(void)
{
	static char text[512];
	struct phone_layout l;
	struct wbuf w;
	struct err e = ERR_INIT;

	if (phone_layout_read(db, &l, &e) == -1)
		fail_msg("%s", e.msg);
	wbuf_init(&w, 0);
	for (size_t i = 0; i < l.groups; i++) {
		const struct callmanager_group *g = &l.group[i];

		wbuf_printf(&w, "%s%s", i > 0 ? " " : "", g->name);
		for (size_t k = 0; k < g->servers; k++)
			wbuf_printf(&w, "%s%s", k == 0 ? "=" : ",",
			    g->server[k].node);
	}
	wbuf_u8(&w, 0);
	(void)str_copy(text, sizeof(text), (const char *)w.data);
	wbuf_release(&w);
	phone_layout_release(&l);
	return text;
}

static int
set_group(const char *name, const char *one, const char *two, struct err *e)
{
	struct strlist l = STRLIST_INIT;
	int rc;

	if (one != NULL)
		strlist_add(&l, one);
	if (two != NULL)
		strlist_add(&l, two);
	rc = callmanager_group_set(db, name, &l, e);
	strlist_release(&l);
	return rc;
}

static void
refused(int rc, const struct err *e, enum err_code code, const char *message)
{
	assert_int_equal(rc, -1);
	assert_string_equal(e->msg, message);
	assert_int_equal(e->code, code);
}

static void
default_group_follows_the_service(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_string_equal(groups(), "Default");
	activate("sub1", true);
	activate("pub1", true);
	assert_string_equal(groups(), "Default=sub1,pub1");
	activate("pub1", true);
	assert_string_equal(groups(), "Default=sub1,pub1");
	activate("sub1", false);
	assert_string_equal(groups(), "Default=pub1");
	activate("sub1", true);
	assert_string_equal(groups(), "Default=pub1,sub1");
	/* another service is none of this */
	assert_int_equal(services_set_active(db, "sub2", SERVICES_TFTP, true,
			     &e),
	    0);
	assert_string_equal(groups(), "Default=pub1,sub1");
}

static void
a_node_that_goes_is_in_no_group(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_node(db, "sub9", "127.0.0.9", NODE_SUBSCRIBER);
	activate("pub1", true);
	activate("sub9", true);
	assert_int_equal(set_group("North", "sub9", "pub1", &e), 0);
	assert_string_equal(groups(), "Default=pub1,sub9 North=sub9,pub1");
	assert_int_equal(nodes_remove(db, "sub9", &e), 0);
	assert_string_equal(groups(), "Default=pub1 North=pub1");
}

/* Phones know three servers; a fourth moves up when one goes. */
static void
three_servers_are_told(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	db_rows_add_node(db, "sub3", "127.0.0.4", NODE_SUBSCRIBER);
	activate("pub1", true);
	activate("sub1", true);
	activate("sub2", true);
	activate("sub3", true);
	assert_string_equal(groups(), "Default=pub1,sub1,sub2");
	activate("sub1", false);
	assert_string_equal(groups(), "Default=pub1,sub2,sub3");
	assert_int_equal(nodes_remove(db, "sub3", &e), 0);
}

static void
servers_have_what_links_need(void **state)
{
	struct phone_layout l;
	struct err e = ERR_INIT;
	const struct callmanager_group *g;

	(void)state;
	activate("pub1", true);
	assert_int_equal(phone_layout_read(db, &l, &e), 0);
	assert_int_equal(l.pools, 1);
	assert_string_equal(l.pool[0].name, "Default");
	g = phone_layout_group(&l, l.pool[0].pkid);
	assert_ptr_equal(g, &l.group[0]);
	assert_ptr_equal(phone_layout_default(&l), g);
	assert_null(phone_layout_group(&l, "no such pkid"));
	assert_true(g->tftp_default);
	assert_string_equal(g->server[0].domain, "joemar2.lab");
	assert_string_equal(g->server[0].address, "127.0.0.1");
	phone_layout_release(&l);
	assert_null(phone_layout_default(&l));
}

static void
groups_are_made_changed_and_removed(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	activate("pub1", true);
	activate("sub1", true);
	assert_int_equal(set_group("North", "SUB1", "pub1", &e), 0);
	assert_string_equal(groups(), "Default=pub1,sub1 North=sub1,pub1");
	assert_int_equal(set_group("North", "pub1", NULL, &e), 0);
	assert_int_equal(set_group("Default", "sub1", NULL, &e), 0);
	assert_string_equal(groups(), "Default=sub1 North=pub1");
	assert_int_equal(callmanager_group_remove(db, "North", &e), 0);
	assert_string_equal(groups(), "Default=sub1");
}

static void
wrong_groups_are_refused(void **state)
{
	struct err e = ERR_INIT;
	char big[52];

	(void)state;
	activate("pub1", true);
	refused(set_group("North", NULL, NULL, &e), &e, ERR_USAGE,
	    "a call manager group has 1 to 3 servers");
	refused(set_group("North", "pub1", "PUB1", &e), &e, ERR_USAGE,
	    "PUB1 is given twice");
	refused(set_group("North", "pub1", "nobody", &e), &e, ERR_NOT_FOUND,
	    "there is no node nobody in the cluster");
	refused(set_group("North", "pub1", "sub1", &e), &e, ERR_STATE,
	    "Cisco CallManager is not activated on sub1");
	assert_string_equal(e.hint,
	    "Activate it there: utils service activate Cisco CallManager");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	refused(set_group(big, "pub1", NULL, &e), &e, ERR_USAGE,
	    "a call manager group is named with 1 to 50 characters, no blank "
	    "at the ends");
	assert_int_equal(set_group("", "pub1", NULL, &e), -1);
	assert_int_equal(set_group(" x", "pub1", NULL, &e), -1);
	assert_int_equal(set_group("x\n", "pub1", NULL, &e), -1);
	/* nothing of it was done */
	assert_string_equal(groups(), "Default=pub1");
	big[50] = '\0';
	assert_int_equal(set_group(big, "pub1", NULL, &e), 0);
	refused(callmanager_group_remove(db, "South", &e), &e, ERR_NOT_FOUND,
	    "there is no call manager group South");
	refused(callmanager_group_remove(db, "Default", &e), &e, ERR_STATE,
	    "the call manager group Default stays");
}

static void
pools_belong_to_groups(void **state)
{
	struct phone_layout l;
	struct err e = ERR_INIT;

	(void)state;
	activate("pub1", true);
	refused(device_pool_set(db, "Hall", "North", &e), &e, ERR_NOT_FOUND,
	    "there is no call manager group North");
	assert_int_equal(set_group("North", "pub1", NULL, &e), 0);
	assert_int_equal(device_pool_set(db, "Hall", "Default", &e), 0);
	assert_int_equal(device_pool_set(db, "Hall", "North", &e), 0);
	pg_server_sql("insert into device (name, fkdevicepool)"
		      " select 'SEP001122334455', pkid from devicepool"
		      " where name = 'Hall'");
	assert_int_equal(phone_layout_read(db, &l, &e), 0);
	assert_int_equal(l.pools, 2);
	assert_string_equal(l.pool[1].name, "Hall");
	assert_int_equal(l.pool[1].phones, 1);
	assert_string_equal(phone_layout_group(&l, l.pool[1].pkid)->name,
	    "North");
	phone_layout_release(&l);
	refused(callmanager_group_remove(db, "North", &e), &e, ERR_STATE,
	    "call manager group North is that of 1 device pool");
	refused(device_pool_remove(db, "Hall", &e), &e, ERR_STATE,
	    "device pool Hall has 1 phone");
	refused(device_pool_remove(db, "Default", &e), &e, ERR_STATE,
	    "the device pool Default stays");
	refused(device_pool_remove(db, "West", &e), &e, ERR_NOT_FOUND,
	    "there is no device pool West");
	pg_server_sql("delete from device");
	assert_int_equal(device_pool_remove(db, "Hall", &e), 0);
	assert_int_equal(callmanager_group_remove(db, "North", &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(default_group_follows_the_service,
		    afresh),
		cmocka_unit_test_setup(a_node_that_goes_is_in_no_group, afresh),
		cmocka_unit_test_setup(three_servers_are_told, afresh),
		cmocka_unit_test_setup(servers_have_what_links_need, afresh),
		cmocka_unit_test_setup(groups_are_made_changed_and_removed,
		    afresh),
		cmocka_unit_test_setup(wrong_groups_are_refused, afresh),
		cmocka_unit_test_setup(pools_belong_to_groups, afresh),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
