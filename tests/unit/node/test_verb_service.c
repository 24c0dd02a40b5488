/*
 * node/verb_service.c: the service verbs against a real database and a root
 * parent that only counts.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/itl_state.h"
#include "base/paths.h"
#include "base/service_statistics.h"
#include "db/services.h"
#include "node/agent.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/verb_call.h"

static struct pg_server server;
static struct fake_parent fake;
static struct agent agent;
static struct verb_call c;

static void
started(void *self, enum parent_service s, pid_t pid)
{
	struct tftpd_status st = { .pid = pid, .state = TFTPD_SERVING };
	const struct service_statistics tvs = { .pid = pid };
	struct err e = ERR_INIT;

	(void)self;
	if (s == PARENT_TFTP && tftpd_status_write(&st, &e) == -1)
		abort();
	if (s == PARENT_TVS && service_statistics_write("tvsd", &tvs, &e) == -1)
		abort();
}

static int
start(void **state)
{
	char path[PATH_SIZE];
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	(void)mkdir(paths_in(path, "run"), 0755);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_close(db);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

static bool
is_active(const char *service)
{
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);
	bool active;

	assert_int_equal(services_is_active(db, server.conf.name, service,
			     &active, &e),
	    0);
	db_close(db);
	return active;
}

static int
set_up(void **state)
{
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);

	(void)state;
	if (services_set_active(db, server.conf.name, SERVICES_TFTP, true,
		&e) == -1 ||
	    services_set_active(db, server.conf.name, SERVICES_CALLMANAGER,
		true, &e) == -1)
		return -1;
	db_close(db);
	fake_parent_start(&fake);
	fake.started = started;
	started(NULL, PARENT_TFTP, fake.service[PARENT_TFTP].pid);
	started(NULL, PARENT_TVS, fake.service[PARENT_TVS].pid);
	agent_init(&agent, &server.conf, dup(fake.link.fd));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	verb_call_release(&c);
	agent_release(&agent);
	fake_parent_stop(&fake);
	return 0;
}

static void
lists_platform_first(void **state)
{
	static const char head[] = "System SSH|platform|STARTED|\n"
				   "Cluster Manager|platform|STARTED|\n"
				   "Service Manager|platform|STARTED|\n"
				   "A Cisco DB|managed|STARTED|\n";

	(void)state;
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_memory_equal(c.rows, head, sizeof(head) - 1);
	assert_non_null(strstr(c.rows, "\nCisco Tftp|managed|STARTED|\n"));
	assert_non_null(strstr(c.rows,
	    "\nCisco CallManager|managed|STOPPED|Component is not running\n"));
	assert_non_null(strstr(c.rows,
	    "\nCisco Trust Verification Service|managed|STARTED|\n"));
	assert_non_null(strstr(c.rows,
	    "\nCisco Certificate Authority Proxy Function|managed|STOPPED|"
	    "Service Not Activated\n"));
}

/* One that every node has is never "not activated". */
static void
what_every_node_has_is_stopped_by_command_only(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows,
	    "\nCisco Certificate Expiry Monitor|managed|STARTED|\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,deactivate,"
			     "Cisco Certificate Expiry Monitor"),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,stop,Cisco Certificate Expiry Monitor"),
	    0);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows,
	    "\nCisco Certificate Expiry Monitor|managed|STOPPED|"
	    "Commanded Out of Service\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,start,Cisco Certificate Expiry Monitor"),
	    0);
}

static void
stop_is_remembered_until_start(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1, "service,stop,Cisco Tftp"),
	    0);
	assert_true(fake.service[PARENT_TFTP].down);
	assert_true(is_active(SERVICES_TFTP));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows,
	    "\nCisco Tftp|managed|STOPPED|Commanded Out of Service\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1, "service,start,Cisco Tftp"),
	    0);
	assert_string_equal(c.text,
	    "Cisco Tftp[STARTING]  \nCisco Tftp[STARTING]  \n"
	    "Cisco Tftp[STARTED]  \nCisco Tftp[STARTED]  \n");
	assert_false(fake.service[PARENT_TFTP].down);
}

static void
restarts(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1, "service,restart,Cisco Tftp"),
	    0);
	assert_string_equal(c.text,
	    "Cisco Tftp[STOPPING]  \nCisco Tftp[STOPPING]  \n"
	    "Cisco Tftp[STARTING]  \nCisco Tftp[STARTING]  \n"
	    "Cisco Tftp[STARTED]  \nCisco Tftp[STARTED]  \n");
}

static void
deactivates_and_activates(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,deactivate,Cisco Tftp"),
	    0);
	assert_false(is_active(SERVICES_TFTP));
	assert_true(fake.service[PARENT_TFTP].down);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows,
	    "\nCisco Tftp|managed|STOPPED|Service Not Activated\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1, "service,start,Cisco Tftp"),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	assert_string_equal(c.e.msg, "Cisco Tftp: Service Not Activated");
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1, "service,restart,Cisco Tftp"),
	    -1);
	assert_int_equal(fake.service[PARENT_TFTP].restarts, 0);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,activate,Cisco Tftp"),
	    0);
	assert_true(is_active(SERVICES_TFTP));
	assert_false(fake.service[PARENT_TFTP].down);
}

/* Cisco CallManager has no program here; TVS runs where it is activated. */
static void
tvs_follows_callmanager(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,deactivate,Cisco CallManager"),
	    0);
	assert_non_null(
	    strstr(c.text, "Cisco Trust Verification Service[STOPPED]  \n"));
	assert_false(is_active(SERVICES_CALLMANAGER));
	assert_true(fake.service[PARENT_TVS].down);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows,
	    "\nCisco CallManager|managed|STOPPED|Service Not Activated\n"));
	assert_non_null(strstr(c.rows,
	    "\nCisco Trust Verification Service|managed|STOPPED|"
	    "Service Not Activated\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,start,Cisco Trust Verification Service"),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	assert_non_null(
	    strstr(c.e.hint, "utils service activate Cisco CallManager"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,activate,Cisco CallManager"),
	    0);
	assert_true(is_active(SERVICES_CALLMANAGER));
	assert_false(fake.service[PARENT_TVS].down);
	assert_non_null(
	    strstr(c.text, "Cisco Trust Verification Service[STARTED]  \n"));
}

static void
tvs_is_started_and_stopped(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,stop,Cisco Trust Verification Service"),
	    0);
	assert_true(fake.service[PARENT_TVS].down);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows,
	    "\nCisco Trust Verification Service|managed|STOPPED|"
	    "Commanded Out of Service\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,start,Cisco Trust Verification Service"),
	    0);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,restart,"
			     "Cisco Trust Verification Service"),
	    0);
	assert_int_equal(fake.service[PARENT_TVS].restarts, 1);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,activate,"
			     "Cisco Trust Verification Service"),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	assert_non_null(strstr(c.e.msg, "Cisco CallManager"));
}

static void
callmanager_has_no_program(void **state)
{
	static const char *const calls[] = { "service,start,Cisco CallManager",
		"service,stop,Cisco CallManager",
		"service,restart,Cisco CallManager",
		"service,autorestart,show,Cisco CallManager",
		"service,autorestart,disable,Cisco CallManager" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		assert_int_equal(verb_call(&c, &agent, 1, calls[i]), -1);
		assert_int_equal(c.e.code, ERR_STATE);
		assert_non_null(strstr(c.e.msg, "has no program"));
		verb_call_release(&c);
	}
	assert_false(fake.service[PARENT_TVS].down);
}

static void
refuses_what_cannot_be(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1, "service,start,Cisco Foo"),
	    -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(c.e.hint, "Cisco Tftp"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 4,
			     "service,stop,Cluster Manager"),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 4,
			     "service,deactivate,A Cisco DB"),
	    -1);
	assert_int_equal(c.e.code, ERR_STATE);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 0, "service,stop,Cisco Tftp"),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_false(fake.service[PARENT_TFTP].down);
}

static void
switches_auto_restart(void **state)
{
	(void)state;
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,autorestart,show,Cisco Tftp"),
	    0);
	assert_string_equal(c.text, "Auto-restart of Cisco Tftp is enabled.\n");
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,autorestart,disable,Cisco Tftp"),
	    0);
	assert_string_equal(c.text,
	    "Auto-restart of Cisco Tftp is disabled.\n");
	assert_true(fake.service[PARENT_TFTP].once);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,autorestart,enable,Cisco Tftp"),
	    0);
	assert_false(fake.service[PARENT_TFTP].once);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,autorestart,never,Cisco Tftp"),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
}

/* What runs can be told, and stopped, without the database. */
static void
works_without_the_database(void **state)
{
	(void)state;
	pg_server_halt(&server);
	assert_int_equal(verb_call(&c, &agent, 0, "service,list"), 0);
	assert_non_null(strstr(c.rows, "\nCisco Tftp|managed|STARTED|\n"));
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1, "service,restart,Cisco Tftp"),
	    0);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, 1,
			     "service,deactivate,Cisco Tftp"),
	    -1);
	assert_false(fake.service[PARENT_TFTP].down);
	pg_server_resume(&server);
	assert_true(is_active(SERVICES_TFTP));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_platform_first),
		TEST(what_every_node_has_is_stopped_by_command_only),
		TEST(stop_is_remembered_until_start),
		TEST(restarts),
		TEST(deactivates_and_activates),
		TEST(tvs_follows_callmanager),
		TEST(tvs_is_started_and_stopped),
		TEST(callmanager_has_no_program),
		TEST(refuses_what_cannot_be),
		TEST(switches_auto_restart),
		TEST(works_without_the_database),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
