/*
 * node/phone_work.c: every verb, with a real database.
 */
#include "node/phone_work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/services.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;

static int
start(void **state)
{
	struct err e = ERR_INIT;
	struct db *db;
	int rc;

	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	rc = services_set_active(db, server.conf.name, SERVICES_CALLMANAGER,
	    true, &e);
	db_close(db);
	return rc;
}

static int
stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

/* Run a verb with these words, '|' between; what it prints, or its error. */
static const char *
work(enum phone_verb verb, const char *words, const struct device_edit *edit)
{
	static char text[4096];
	struct phone_work w = { .verb = verb,
		.conf = &server.conf,
		.edits = edit,
		.n = edit != NULL ? 1 : 0 };
	struct err e = ERR_INIT;
	struct wbuf reply;

	while (words != NULL && *words != '\0') {
		size_t n = strcspn(words, "|");

		strlist_add_n(&w.words, words, n);
		words += n + (words[n] == '|');
	}
	w.out = out_new_mem(OUT_TEXT);
	wbuf_init(&reply, 0);
	if (phone_work_run(&w, &reply, &e) == 0)
		(void)str_copy(text, sizeof(text), out_text(w.out));
	else
		(void)str_printf(text, sizeof(text), "%s|%s", e.msg, e.hint);
	assert_int_equal(reply.len, 0);
	out_free(w.out);
	strlist_release(&w.words);
	return text;
}

static void
phones_come_and_go(void **state)
{
	struct device_edit d = { .name = "SEP001122334455" };

	(void)state;
	assert_string_equal(work(PHONE_ADD, NULL, &d), "1 phone added.\n");
	assert_string_equal(work(PHONE_ADD, NULL, &d),
	    "there is a phone SEP001122334455 already|Nothing was changed.");
	assert_string_equal(work(PHONE_LIST, NULL, NULL),
	    "SEP001122334455  Unknown         SIP   Default\n");
	assert_true(str_starts(work(PHONE_LIST, "SEP001122334455", NULL),
	    "name              SEP001122334455\n"));
	d.value[DEVICE_FIELD_WEB_ACCESS] = "enabled";
	assert_string_equal(work(PHONE_SET, NULL, &d), "1 phone changed.\n");
	assert_string_equal(work(PHONE_SET, NULL, &d),
	    "0 phones changed.\n1 phone as before.\n");
	assert_string_equal(work(PHONE_IMPORT, NULL, &d),
	    "0 phones added.\n0 phones changed.\n1 phone as before.\n");
	d.value[DEVICE_FIELD_MODEL] = "9";
	assert_string_equal(work(PHONE_SET, NULL, &d),
	    "SEP001122334455: model: \"9\": no known model|"
	    "\"ucm-node phone models\" lists them.  Nothing was changed.");
	assert_string_equal(work(PHONE_REMOVE,
				"SEP001122334455|SEP001122334455", NULL),
	    "1 phone removed.\n");
	assert_string_equal(work(PHONE_REMOVE, "SEP001122334455", NULL),
	    "there is no phone SEP001122334455|Nothing was changed.");
	assert_string_equal(work(PHONE_LIST, "SEP001122334455", NULL),
	    "there is no phone SEP001122334455|");
	assert_non_null(
	    strstr(work(PHONE_MODELS, NULL, NULL), "\nCisco 8841\n"));
}

/*
 * The connection goes while the change is being committed: a deferred trigger
 * ends it there.
 */
static void
what_is_not_known_is_not_told(void **state)
{
	const struct device_edit d = { .name = "SEP001122334455" };

	(void)state;
	pg_server_sql(
	    "create function last() returns trigger"
	    " language plpgsql security definer as"
	    " $$ begin perform pg_terminate_backend(pg_backend_pid());"
	    " return null; end $$;"
	    "create constraint trigger last after insert on device"
	    " deferrable initially deferred"
	    " for each row execute function last()");
	assert_true(str_ends(work(PHONE_ADD, NULL, &d),
	    "|Whether the change was made is not known."));
	pg_server_sql("drop function last() cascade");
}

static void
groups_and_pools_are_set_and_removed(void **state)
{
	(void)state;
	assert_string_equal(work(PHONE_GROUP_LIST, NULL, NULL),
	    "Default: pub1\n");
	assert_string_equal(work(PHONE_GROUP_SET, "North|pub1", NULL),
	    "The call manager group is set.\n");
	assert_string_equal(work(PHONE_GROUP_SET, "North|pub2", NULL),
	    "there is no node pub2 in the cluster|");
	assert_string_equal(work(PHONE_POOL_SET, "Hall|North", NULL),
	    "The device pool is set.\n");
	assert_string_equal(work(PHONE_POOL_SET, "Hall|South", NULL),
	    "there is no call manager group South|");
	assert_string_equal(work(PHONE_POOL_LIST, NULL, NULL),
	    "Default: group Default, 0 phones\n"
	    "Hall: group North, 0 phones\n");
	assert_string_equal(work(PHONE_GROUP_REMOVE, "North", NULL),
	    "call manager group North is that of 1 device pool|");
	assert_string_equal(work(PHONE_POOL_REMOVE, "Hall", NULL),
	    "The device pool is removed.\n");
	assert_string_equal(work(PHONE_POOL_REMOVE, "Hall", NULL),
	    "there is no device pool Hall|");
	assert_string_equal(work(PHONE_GROUP_REMOVE, "North", NULL),
	    "The call manager group is removed.\n");
}

static void
without_a_database_there_is_an_error(void **state)
{
	const char *text;

	(void)state;
	pg_server_halt(&server);
	text = work(PHONE_LIST, NULL, NULL);
	assert_true(str_starts(text, "this node's database: "));
	assert_true(
	    str_ends(text, "|Does the node run?  See ucm-node status."));
	text = work(PHONE_REMOVE, "SEP001122334455", NULL);
	assert_true(str_starts(text, "the publisher's database: "));
	assert_true(
	    str_ends(text, "|Nothing was changed.  Does the publisher run?"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phones_come_and_go),
		cmocka_unit_test(what_is_not_known_is_not_told),
		cmocka_unit_test(groups_and_pools_are_set_and_removed),
		cmocka_unit_test(without_a_database_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
