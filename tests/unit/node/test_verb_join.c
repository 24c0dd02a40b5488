/*
 * node/verb_join.c: the publisher's side of joining, with a real database
 * and CA and a root parent that only notes what it is told.
 */
#include "node/verb.h"

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
#include "db/nodes.h"
#include "db/services.h"
#include "node/agent.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/sshkeys.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"
#include "trust/cert.h"

#define INVITE                                                             \
	"restrict,expiry-time=\"20990101000000Z\",command=\"/usr/bin/ucm-" \
	"node enrol sub1 127.0.10.2 2222\" ecdsa-sha2-nistp256 AAAA "      \
	"invite:sub1\n"

static struct pg_server server;
static struct fake_parent fake;
static struct agent agent;
static struct wbuf request; /* encoded */
static char host_key[SSHKEYS_TEXT_SIZE];

static int
ask(int (*run)(void *, struct wbuf *, struct err *), void *arg,
    struct bundle *out)
{
	struct err e = ERR_INIT;
	struct wbuf w;
	int rc;

	wbuf_init(&w, 0);
	rc = run(arg, &w, &e);
	if (rc == 0)
		rc = bundle_decode(out, w.data, w.len, &e);
	wbuf_release(&w);
	return rc;
}

/* What a new node sends; peer_key: its key as it says. */
static int
make_request_with(const char *peer_key)
{
	struct bundle b;
	struct bundle client;

	if (ask(dbtls_request_server, &server.conf, &b) == -1 ||
	    ask(dbtls_request_client, &server.conf, &client) == -1)
		return -1;
	bundle_add_text(&b, "client_csr",
	    bundle_find(&client, "client_csr")->data);
	bundle_add_text(&b, "host_key", host_key);
	bundle_add_text(&b, "peer_key", peer_key);
	wbuf_init(&request, 0);
	bundle_encode(&b, &request);
	bundle_release(&b);
	bundle_release(&client);
	return 0;
}

static int
make_request(void)
{
	return make_request_with(host_key);
}

static int
start(void **state)
{
	static const char *const dirs[] = { "certs", "certs/cluster-ca",
		"db/tls", "run", "ssh" };
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(paths_in(path, "%s", dirs[i]), 0755);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_close(db);
	testing_write(server.root, "certs/security_password", "security");
	if (dbtls_make_ca(&server.conf, NULL, &e) == -1 ||
	    sshkeys_make(&e) == -1 || sshkeys_host_key(host_key, &e) == -1)
		return -1;
	return make_request();
}

static int
stop(void **state)
{
	(void)state;
	wbuf_release(&request);
	pg_server_stop(&server);
	return 0;
}

static int
set_up(void **state)
{
	(void)state;
	fake_parent_start(&fake);
	agent_init(&agent, &server.conf, dup(fake.link.fd));
	(void)agent_take_keys_changed(&agent);
	testing_write(server.root, "ssh/authorized_keys.ucmnode", INVITE);
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

/* join begin as the account ucmnode; the answer's bytes in w. */
static int
begin(const char *name, const char *address, const char *port, struct wbuf *w,
    struct err *e)
{
	struct verb_reply reply = { .data = keep, .self = w };
	struct strlist words = STRLIST_INIT;
	struct verb_ctx c = {
		.agent = &agent,
		.caller = { .uid = 1, .level = -1, .peer = true },
		.reply = &reply,
		.payload = request.data,
		.payload_len = request.len,
	};
	int rc;

	wbuf_init(w, 0);
	strlist_add(&words, "join");
	strlist_add(&words, "begin");
	strlist_add(&words, name);
	strlist_add(&words, address);
	strlist_add(&words, port);
	rc = verb_dispatch(&c, &words, e);
	strlist_release(&words);
	return rc;
}

static void
check_rows(void)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;
	bool active = false;

	assert_int_equal(nodes_find(db, "sub1", row, &e), 0);
	assert_string_equal(row->address, "127.0.10.2");
	assert_int_equal(row->role, NODE_SUBSCRIBER);
	assert_int_equal(row->ssh_port, 2222);
	assert_string_equal(row->host_key, host_key);
	assert_string_equal(row->peer_key, host_key);
	assert_int_equal(services_is_active(db, "sub1", SERVICES_TFTP, &active,
			     &e),
	    0);
	assert_true(active);
	assert_int_equal(services_is_active(db, "sub1", SERVICES_CALLMANAGER,
			     &active, &e),
	    0);
	assert_true(active);
	db_close(db);
	free(row);
}

static void
check_answer(const struct bundle *b)
{
	struct err e = ERR_INIT;
	const char *text = bundle_text(b, "node_conf", &e);
	struct cert *c;

	assert_non_null(strstr(text, "name = sub1\n"));
	assert_non_null(strstr(text, "role = subscriber\n"));
	assert_non_null(strstr(text, "ssh_port = 2222\n"));
	assert_string_equal(bundle_text(b, "security_password", &e),
	    "security");
	text = bundle_text(b, "nodes", &e);
	assert_non_null(strstr(text, "\nsub1 127.0.10.2 2222 AAAA"));
	text = bundle_text(b, "server_cert", &e);
	c = cert_from_pem(text, strlen(text), &e);
	assert_non_null(c);
	assert_true(str_starts(c->common_name, "sub1."));
	cert_free(c);
}

static void
an_invited_node_gets_everything(void **state)
{
	struct err e = ERR_INIT;
	struct bundle b;
	struct wbuf w;
	char path[PATH_SIZE];

	(void)state;
	/* twice: an interrupted join asks again */
	for (int i = 0; i < 2; i++) {
		if (begin("sub1", "127.0.10.2", "2222", &w, &e) == -1)
			fail_msg("%s", e.msg);
		assert_int_equal(bundle_decode(&b, w.data, w.len, &e), 0);
		check_answer(&b);
		check_rows();
		bundle_release(&b);
		wbuf_release(&w);
	}
	assert_true(agent_take_keys_changed(&agent));
	/* the conf was made in run/ and is not left there */
	assert_int_equal(access(paths_in(path, "run/join-sub1.conf"), F_OK),
	    -1);
}

static void
others_get_nothing(void **state)
{
	static const struct {
		const char *name;
		const char *address;
		const char *port;
	} bad[] = {
		{ "sub2", "127.0.10.2", "2222" },
		{ "sub1", "127.0.10.3", "2222" },
		{ "sub1", "127.0.10.2", "22" },
		{ "sub", "127.0.10.2", "2222" },
		{ "sub1", "127.0.10.2", "222" },
		{ "../sub1", "127.0.10.2", "2222" },
		{ "sub1", "127.0.10.2", "x" },
	};
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(begin(bad[i].name, bad[i].address, bad[i].port,
				     &w, &e),
		    -1);
		assert_true(e.code == ERR_DENIED || e.code == ERR_USAGE);
		assert_int_equal(w.len, 0);
		wbuf_release(&w);
	}
	testing_write(server.root, "ssh/authorized_keys.ucmnode", "");
	assert_int_equal(begin("sub1", "127.0.10.2", "2222", &w, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	wbuf_release(&w);
}

static void
broken_requests_are_refused(void **state)
{
	const struct wbuf good = request;
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	request.len -= 1;
	assert_int_equal(begin("sub1", "127.0.10.2", "2222", &w, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	request = good;
	wbuf_release(&w);
}

static void
an_invitation_ends_by_itself(void **state)
{
	static const char *const over[] = { "19990101000000Z", "", "x" };
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		char *line =
		    mem_printf("restrict,expiry-time=\"%s\",command=\""
			       "/usr/bin/ucm-node enrol sub1 127.0.10.2 "
			       "2222\" ecdsa-sha2-nistp256 AAAA "
			       "invite:sub1\n",
			over[i]);
		testing_write(server.root, "ssh/authorized_keys.ucmnode", line);
		free(line);
		/* other nodes can ask, whatever sshd does with that key */
		assert_int_equal(begin("sub1", "127.0.10.2", "2222", &w, &e),
		    -1);
		assert_int_equal(e.code, ERR_DENIED);
		wbuf_release(&w);
	}
}

/* They would stand in the files of every node. */
static void
only_keys_are_taken_for_keys(void **state)
{
	static const char *const bad[] = { "ecdsa-sha2-nistp256 AAAA",
		"ssh-rsa AAAA", "", "ecdsa-sha2-nistp256 AAAA\nroot" };
	const struct wbuf good = request;
	struct err e = ERR_INIT;
	struct node_row row;
	struct db *db;
	struct wbuf w;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(make_request_with(bad[i]), 0);
		assert_int_equal(begin("sub1", "127.0.10.2", "2222", &w, &e),
		    -1);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_int_equal(w.len, 0);
		wbuf_release(&w);
		wbuf_release(&request);
	}
	request = good;
	/* what the first test has left stands */
	db = pg_server_open(DB_RW);
	assert_int_equal(nodes_find(db, "sub1", &row, &e), 0);
	assert_string_equal(row.peer_key, host_key);
	db_close(db);
}

static void
only_the_publisher_answers(void **state)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	agent.conf.role = NODE_SUBSCRIBER;
	assert_int_equal(begin("sub1", "127.0.10.2", "2222", &w, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	wbuf_release(&w);
}

static void
the_end_removes_the_invitation(void **state)
{
	struct verb_call c;

	(void)state;
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER, "join,end,sub1"),
	    0);
	assert_string_equal(fake.invite_removed, "sub1");
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER, "join,end,a_b"),
	    -1);
	verb_call_release(&c);
	/* administrators have nothing to do with it */
	assert_int_equal(verb_call(&c, &agent, 4, "join,end,sub1"), -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	verb_call_release(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_invited_node_gets_everything,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_get_nothing, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(broken_requests_are_refused,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_invitation_ends_by_itself,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_keys_are_taken_for_keys,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_the_publisher_answers,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_removes_the_invitation,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
