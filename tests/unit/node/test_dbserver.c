/*
 * node/dbserver.c: a real data directory, made and run for a moment.
 */
#include "node/dbserver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/hostuser.h"
#include "node/setup.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

#define PORT 54329 /* of a socket in our own directory only */

/* A publisher's tree with everything the server wants to see. */
static struct setup *
make_node(void)
{
	struct setup *s = mem_alloc(sizeof(*s));
	struct err e = ERR_INIT;
	struct bundle rq;
	struct bundle certs;
	struct bundle client;
	struct dbtls_issue is = { .conf = &s->conf,
		.name = "pub",
		.address = "127.0.0.1",
		.requests = &rq };

	setup_init(s);
	s->templates = "etc";
	s->conf.db_port = PORT;
	(void)str_copy(s->conf.name, sizeof(s->conf.name), "pub");
	(void)str_copy(s->conf.domain, sizeof(s->conf.domain), "joemar2.lab");
	(void)str_copy(s->conf.address, sizeof(s->conf.address), "127.0.0.1");
	(void)str_copy(s->conf.publisher_name, sizeof(s->conf.publisher_name),
	    "pub");
	(void)str_copy(s->conf.publisher_address,
	    sizeof(s->conf.publisher_address), "127.0.0.1");
	assert_int_equal(setup_tree(s, &e), 0);
	assert_int_equal(setup_configuration(s, &e), 0);
	assert_int_equal(setup_as("ucm", dbtls_make_ca, &s->conf, &e), 0);
	assert_int_equal(setup_ask("postgres", dbtls_request_server, &s->conf,
			     &rq, &e),
	    0);
	assert_int_equal(setup_ask("ucm", dbtls_request_client, &s->conf,
			     &client, &e),
	    0);
	bundle_add_text(&rq, "client_csr",
	    bundle_find(&client, "client_csr")->data);
	assert_int_equal(setup_ask("ucm", dbtls_issue, &is, &certs, &e), 0);
	assert_int_equal(setup_as("postgres", dbtls_install_server, &certs, &e),
	    0);
	bundle_release(&rq);
	bundle_release(&client);
	bundle_release(&certs);
	return s;
}

/* Who may be the database administrator? */
static int
look_inside(void *arg, struct wbuf *reply, struct err *e)
{
	struct db *db = db_open_local(DB_ADMIN, e);

	(void)arg;
	(void)reply;
	if (db == NULL)
		return -1;
	db_close(db);
	return 0;
}

/* As postgres: the rest of an interrupted run. */
static int
leave_something(void *arg, struct wbuf *reply, struct err *e)
{
	char path[PATH_SIZE];

	(void)arg;
	(void)reply;
	if (file_mkdir(paths_in(path, "db/data.new"), 0700, e) == -1)
		return -1;
	return file_replace(paths_in(path, "db/data.new/left"), "over", 4, 0600,
	    e);
}

static void
made_started_stopped(void **state)
{
	char *dir = private_host_root();
	struct setup *s = make_node();
	struct err e = ERR_INIT;
	struct stat st;
	char path[PATH_SIZE];
	pid_t pid;

	(void)state;
	assert_false(dbserver_exists());
	/* what an interrupted run left is no hindrance */
	assert_int_equal(setup_as("postgres", leave_something, NULL, &e), 0);
	assert_int_equal(dbserver_init(&e), 0);
	assert_true(dbserver_exists());
	assert_int_equal(access(paths_in(path, "db/data.new"), F_OK), -1);
	assert_int_equal(stat(paths_in(path, "db/data"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(dbserver_init(&e), 0);
	pid = dbserver_start_private(&s->conf, &e);
	if (pid == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(dbserver_create_database(&s->conf, &e), 0);
	assert_int_equal(dbserver_create_database(&s->conf, &e), 0);
	assert_int_equal(setup_as("postgres", look_inside, NULL, &e), 0);
	assert_int_equal(setup_as("ucm", look_inside, NULL, &e), -1);
	assert_int_equal(setup_as("nobody", look_inside, NULL, &e), -1);
	/* a server that is the primary is one already */
	assert_int_equal(dbserver_promote(&e), 0);
	assert_int_equal(dbserver_migrate(&e), 0);
	dbserver_stop_private(pid);
	assert_int_equal(kill(pid, 0), -1);
	dbserver_stop_private(-1);
	setup_release(s);
	free(s);
	testing_dir_remove(dir);
}

static void
without_a_primary_nothing_is_copied(void **state)
{
	char *dir = private_host_root();
	struct setup *s = make_node();
	struct dbserver_source source;
	struct err e = ERR_INIT;

	(void)state;
	dbserver_source_publisher(&source, &s->conf);
	assert_string_equal(source.slot, "pub");
	assert_int_equal(dbserver_copy(&source, &e), -1);
	assert_true(str_starts(e.msg, "copy the database of 127.0.0.1: "));
	assert_false(dbserver_exists());
	setup_release(s);
	free(s);
	testing_dir_remove(dir);
}

/* As postgres: directories with a file that tells which they are. */
static int
leave_rest(void *arg, struct wbuf *reply, struct err *e)
{
	const char *const *name = arg;
	char path[PATH_SIZE];

	(void)reply;
	for (; *name != NULL; name++)
		if (file_mkdir(paths_in(path, "db/%s", *name), 0700, e) == -1 ||
		    file_replace(paths_in(path, "db/%s/is", *name), *name,
			strlen(*name), 0600, e) == -1)
			return -1;
	return 0;
}

/* Killed at any moment of a renewal: whole data stands in its place. */
static void
an_interrupted_renewal_is_settled(void **state)
{
	static const char *rests[][4] = { { "data", NULL },
		{ "data", "data.next", NULL },
		{ "data.old", "data.next", NULL },
		{ "data.old", "data", NULL } };
	static const char *const left[] = { "data", "data", "data.next",
		"data" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char *dir = private_host_root();
		struct setup *s = make_node();
		struct err e = ERR_INIT;
		char path[PATH_SIZE];
		char *is;

		assert_int_equal(setup_as("postgres", leave_rest, rests[i], &e),
		    0);
		if (dbserver_settle(&e) == -1)
			fail_msg("%s", e.msg);
		is = testing_read(dir, "db/data/is");
		assert_string_equal(is, left[i]);
		assert_int_equal(access(paths_in(path, "db/data.old"), F_OK),
		    -1);
		assert_int_equal(access(paths_in(path, "db/data.next"), F_OK),
		    -1);
		free(is);
		setup_release(s);
		free(s);
		testing_dir_remove(dir);
	}
}

static int
group_setup(void **state)
{
	(void)state;
	private_host_enter();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_started_stopped),
		cmocka_unit_test(without_a_primary_nothing_is_copied),
		cmocka_unit_test(an_interrupted_renewal_is_settled),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
