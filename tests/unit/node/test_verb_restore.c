/*
 * node/verb_restore.c: a subscriber and a publisher that wants to come back,
 * with a real database, and a root parent that only notes what it is told.
 */
#include "node/verb.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/adopted.h"
#include "node/agent.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/invitation.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/pledges.h"
#include "tests/fakes/quick_pbkdf2.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"

static struct pg_server server;
static struct fake_parent fake;
static struct agent agent;
static struct nodeconf conf; /* of the subscriber sub1 */
static struct pledge pledge; /* of the publisher "pub", with the password */
static char invite[4096]; /* the line of its key */

static int
start(void **state)
{
	static const char *const dirs[] = { "certs", "certs/cluster-ca",
		"db/tls", "run", "ssh" };
	char path[PATH_SIZE];
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(paths_in(path, "%s", dirs[i]), 0755);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "pub", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub1", "127.0.10.2", NODE_SUBSCRIBER);
	db_rows_add_node(db, "sub2", "127.0.10.3", NODE_SUBSCRIBER);
	db_close(db);
	testing_write(server.root, "certs/security_password", PLEDGES_PASSWORD);
	pledges_make(&pledge, "pub", "127.0.10.1");
	(void)str_printf(invite, sizeof(invite),
	    "restrict,expiry-time=\"20990101000000Z\",command=\"/usr/bin/"
	    "ucm-node readmit pub\" %s invite:pub\n",
	    pledge.invitation);
	conf = server.conf;
	conf.role = NODE_SUBSCRIBER;
	(void)str_copy(conf.name, sizeof(conf.name), "sub1");
	(void)str_copy(conf.address, sizeof(conf.address), "127.0.10.2");
	(void)str_copy(conf.publisher_name, sizeof(conf.publisher_name), "pub");
	(void)str_copy(conf.publisher_address, sizeof(conf.publisher_address),
	    "127.0.10.1");
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
set_up(void **state)
{
	(void)state;
	fake_parent_start(&fake);
	agent_init(&agent, &conf, dup(fake.link.fd));
	(void)agent_take_keys_changed(&agent);
	testing_write(server.root, "ssh/authorized_keys.ucmnode", invite);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	agent_release(&agent);
	fake_parent_stop(&fake);
	return 0;
}

static int
keep(void *self, const void *p, size_t n)
{
	wbuf_bytes(self, p, n);
	return 0;
}

/*
 * The verb as the account ucmnode; b (NULL: none) is the payload, the answer
 * goes to *answer (NULL: not wanted), which is overwritten.
 */
static int
ask(const char *line, const struct bundle *b, struct bundle *answer,
    struct err *e)
{
	struct wbuf out;
	struct wbuf in;
	struct verb_reply reply = { .data = keep, .self = &out };
	struct strlist words = STRLIST_INIT;
	struct verb_ctx c = {
		.agent = &agent,
		.caller = { .uid = 1, .level = -1, .peer = true },
		.reply = &reply,
	};
	int rc;

	wbuf_init(&out, 0);
	wbuf_init(&in, 0);
	if (b != NULL)
		bundle_encode(b, &in);
	c.payload = in.data;
	c.payload_len = in.len;
	for (const char *p = line; *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		strlist_add_n(&words, p, n);
		p += n;
	}
	err_clear(e);
	rc = verb_dispatch(&c, &words, e);
	if (rc == 0 && answer != NULL)
		rc = bundle_decode(answer, out.data, out.len, e);
	strlist_release(&words);
	wbuf_release(&in);
	wbuf_release(&out);
	return rc;
}

/* The same with a pledge. */
static int
ask_as(const char *line, const struct pledge *p, struct bundle *answer,
    struct err *e)
{
	struct bundle b;
	int rc;

	bundle_init(&b);
	pledge_add(p, &b);
	rc = ask(line, &b, answer, e);
	bundle_release(&b);
	return rc;
}

static void
facts_are_the_publisher_s(void **state)
{
	struct bundle b;
	struct err e = ERR_INIT;
	const char *text;

	(void)state;
	if (ask("restore facts pub", NULL, &b, &e) == -1)
		fail_msg("%s", e.msg);
	text = bundle_text(&b, "node_conf", &e);
	assert_non_null(strstr(text, "name = pub\n"));
	assert_non_null(strstr(text, "address = 127.0.10.1\n"));
	assert_non_null(strstr(text, "role = publisher\n"));
	assert_null(bundle_find(&b, "security_password"));
	bundle_release(&b);
	assert_int_equal(ask("restore facts sub2", NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	/* without an open invitation nothing is told */
	testing_write(server.root, "ssh/authorized_keys.ucmnode", "");
	assert_int_equal(ask("restore facts pub", NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.msg, "publisher pub is not invited");
}

static void
nodes_are_told_to_whom_has_the_password(void **state)
{
	struct bundle b;
	struct err e = ERR_INIT;

	(void)state;
	if (ask_as("restore nodes pub", &pledge, &b, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(bundle_text(&b, "nodes", &e),
	    "sub1 127.0.10.2\nsub2 127.0.10.3\n");
	bundle_release(&b);
	testing_write(server.root, "ssh/authorized_keys.ucmnode", "");
	assert_int_equal(ask_as("restore nodes pub", &pledge, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
}

static void
a_pledge_is_for_its_invitation_and_its_cluster(void **state)
{
	struct pledge p = pledge;
	struct err e = ERR_INIT;

	(void)state;
	pledges_key(p.invitation);
	pledges_sign(&p, PLEDGES_PASSWORD);
	assert_int_equal(ask_as("restore nodes pub", &p, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	p = pledge;
	(void)str_copy(p.address, sizeof(p.address), "127.0.10.9");
	pledges_sign(&p, PLEDGES_PASSWORD);
	assert_int_equal(ask_as("restore nodes pub", &p, NULL, &e), -1);
	assert_string_equal(e.msg,
	    "the cluster's publisher is pub (127.0.10.1)");
	/* something else than a bundle */
	assert_int_equal(ask("restore nodes pub", NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
}

static void
guessing_closes_the_invitation(void **state)
{
	struct pledge p = pledge;
	struct err e = ERR_INIT;

	(void)state;
	pledges_sign(&p, "another one");
	for (int i = 0; i < 3; i++) {
		assert_string_equal(fake.invite_removed, "");
		assert_int_equal(ask_as("restore nodes pub", &p, NULL, &e), -1);
		assert_int_equal(e.code, ERR_AUTH);
	}
	assert_string_equal(fake.invite_removed, "pub");
}

#define GUESSERS 16

static pthread_barrier_t all_there;

static void *
guess(void *arg)
{
	const struct pledge *p = arg;
	struct err e = ERR_INIT;

	(void)pthread_barrier_wait(&all_there);
	assert_int_equal(ask_as("restore nodes pub", p, NULL, &e), -1);
	return (void *)(uintptr_t)e.code;
}

/* Many at a time are no more than one after the other. */
static void
guessing_side_by_side_is_no_better(void **state)
{
	pthread_t thread[GUESSERS];
	struct pledge p = pledge;
	unsigned heard = 0;

	(void)state;
	pledges_sign(&p, "another one");
	assert_int_equal(pthread_barrier_init(&all_there, NULL, GUESSERS), 0);
	for (size_t i = 0; i < GUESSERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, guess, &p),
		    0);
	for (size_t i = 0; i < GUESSERS; i++) {
		void *code;

		assert_int_equal(pthread_join(thread[i], &code), 0);
		if ((uintptr_t)code == ERR_AUTH)
			heard++;
		else
			assert_int_equal((uintptr_t)code, ERR_DENIED);
	}
	assert_int_equal(heard, 3);
	(void)pthread_barrier_destroy(&all_there);
}

static void
only_known_requests_are_passed_on(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(ask_as("restore relay pub end sub2", &pledge, NULL,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(ask_as("restore relay pub look sub9", &pledge, NULL,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(ask_as("restore relay pub look pub", &pledge, NULL,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	/* one that is not there is an error of its own */
	assert_int_equal(ask_as("restore relay pub look sub2", &pledge, NULL,
			     &e),
	    -1);
	assert_true(e.code != ERR_NONE && e.code != ERR_NOT_FOUND);
}

static void
the_end_removes_the_invitation(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(ask("restore end sub2", NULL, NULL, &e), -1);
	assert_string_equal(fake.invite_removed, "");
	assert_int_equal(ask("restore end pub", NULL, NULL, &e), 0);
	assert_string_equal(fake.invite_removed, "pub");
}

/* What the root parent answers: the requests for the keys in db/tls/. */
static void
prepare_tls(void)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	wbuf_init(&w, 0);
	assert_int_equal(dbtls_request_server(&conf, &w, &e), 0);
	memcpy(fake.tls, w.data, w.len);
	fake.tls_len = (uint32_t)w.len;
	wbuf_release(&w);
}

static void
a_look_tells_position_and_keys(void **state)
{
	struct pledge p = pledge;
	struct bundle b;
	struct err e = ERR_INIT;

	(void)state;
	prepare_tls();
	if (ask_as("restore look 5", &pledge, &b, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(bundle_text(&b, "timeline", &e), "1");
	assert_true(strlen(bundle_text(&b, "lsn", &e)) > 5);
	assert_non_null(bundle_text(&b, "server_csr", &e));
	assert_non_null(bundle_text(&b, "replicator_csr", &e));
	assert_non_null(bundle_text(&b, "client_csr", &e));
	bundle_release(&b);
	pledges_sign(&p, "another one");
	assert_int_equal(ask_as("restore look 5", &p, NULL, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
}

/* A message of adoption as the publisher makes it, with its CA here. */
static void
make_adoption(struct bundle *b, struct pledge *p)
{
	struct nodeconf publisher = conf;
	struct dbtls_issue is = { .conf = &publisher,
		.name = "sub1",
		.address = "127.0.10.2" };
	struct err e = ERR_INIT;
	struct bundle requests;
	struct bundle issued;
	struct bundle client;
	char path[PATH_SIZE];
	uint8_t *ca;
	size_t len;
	struct wbuf w;

	*p = pledge;
	assert_int_equal(dbtls_make_ca(&publisher, NULL, &e), 0);
	assert_int_equal(file_read(paths_in(path, "certs/cluster-ca/ca.pem"),
			     65536, &ca, &len, &e),
	    0);
	(void)str_copy(p->ca_cert, sizeof(p->ca_cert), (char *)ca);
	free(ca);
	pledges_sign(p, PLEDGES_PASSWORD);
	assert_int_equal(bundle_decode(&requests, fake.tls, fake.tls_len, &e),
	    0);
	wbuf_init(&w, 0);
	assert_int_equal(dbtls_request_client(&conf, &w, &e), 0);
	assert_int_equal(bundle_decode(&client, w.data, w.len, &e), 0);
	wbuf_release(&w);
	bundle_add_text(&requests, "client_csr",
	    bundle_find(&client, "client_csr")->data);
	is.requests = &requests;
	bundle_init(&issued);
	assert_int_equal(dbtls_issue_into(&is, &issued, &e), 0);
	bundle_init(b);
	pledge_add(p, b);
	for (size_t i = 0; i < issued.n; i++)
		if (!str_equal(issued.item[i].name, "ca_cert"))
			bundle_add_text(b, issued.item[i].name,
			    issued.item[i].data);
	bundle_release(&requests);
	bundle_release(&client);
	bundle_release(&issued);
}

static void
adoption_changes_keys_and_certificates(void **state)
{
	struct pledge p;
	struct pledge stored;
	struct bundle b;
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	bool found;

	(void)state;
	prepare_tls();
	make_adoption(&b, &p);
	/* twice: an interrupted run is run again */
	for (unsigned i = 1; i <= 2; i++) {
		if (ask("restore adopt 5", &b, NULL, &e) == -1)
			fail_msg("%s", e.msg);
		assert_int_equal(fake.service[PARENT_POSTGRESQL].restarts, i);
	}
	assert_true(fake.installed_len > 0);
	assert_int_equal(access(paths_in(path, "certs/db-client.pem"), F_OK),
	    0);
	assert_int_equal(adopted_load(&stored, &found, &e), 0);
	assert_true(found);
	assert_memory_equal(&stored, &p, sizeof(p));
	assert_true(agent_take_keys_changed(&agent));
	assert_int_equal(adopted_forget(&e), 0);
	bundle_release(&b);
}

static void
without_the_password_nothing_is_adopted(void **state)
{
	struct pledge p;
	struct pledge stored;
	struct bundle b;
	struct bundle wrong;
	struct err e = ERR_INIT;
	bool found;

	(void)state;
	prepare_tls();
	make_adoption(&b, &p);
	pledges_sign(&p, "another one");
	bundle_init(&wrong);
	pledge_add(&p, &wrong);
	bundle_add_text(&wrong, "client_cert",
	    bundle_find(&b, "client_cert")->data);
	assert_int_equal(ask("restore adopt 5", &wrong, NULL, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(fake.installed_len, 0);
	assert_int_equal(adopted_load(&stored, &found, &e), 0);
	assert_false(found);
	assert_int_equal(fake.service[PARENT_POSTGRESQL].restarts, 0);
	bundle_release(&wrong);
	bundle_release(&b);
}

static void
a_publisher_adopts_nobody(void **state)
{
	static const char *const lines[] = { "restore facts pub",
		"restore nodes pub", "restore look 5", "restore adopt 5",
		"restore end pub", "restore relay pub look sub2" };
	struct err e = ERR_INIT;

	(void)state;
	agent.conf.role = NODE_PUBLISHER;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(ask_as(lines[i], &pledge, NULL, &e), -1);
		assert_true(e.code == ERR_STATE || e.code == ERR_TOO_BIG);
	}
}

static void
administrators_have_nothing_to_do_with_it(void **state)
{
	static const char *const words[] = { "restore,facts,pub",
		"restore,nodes,pub", "restore,look,5", "restore,adopt,5",
		"restore,end,pub", "restore,relay,pub,look,sub2" };
	struct verb_call c;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(verb_call(&c, &agent, 4, words[i]), -1);
		assert_int_equal(c.e.code, ERR_DENIED);
		verb_call_release(&c);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(facts_are_the_publisher_s),
		TEST(nodes_are_told_to_whom_has_the_password),
		TEST(a_pledge_is_for_its_invitation_and_its_cluster),
		TEST(guessing_closes_the_invitation),
		TEST(guessing_side_by_side_is_no_better),
		TEST(only_known_requests_are_passed_on),
		TEST(the_end_removes_the_invitation),
		TEST(a_look_tells_position_and_keys),
		TEST(adoption_changes_keys_and_certificates),
		TEST(without_the_password_nothing_is_adopted),
		TEST(a_publisher_adopts_nobody),
		TEST(administrators_have_nothing_to_do_with_it),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
