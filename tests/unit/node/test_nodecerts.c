/*
 * node/nodecerts.c: the keys and certificates of the service user, and
 * their rows.
 */
#include "node/nodecerts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "db/certs.h"
#include "db/nodes.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "certs"), 0755, NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
fill(struct nodeconf *n, enum node_role role)
{
	nodeconf_defaults(n);
	(void)str_copy(n->name, sizeof(n->name), "pub");
	(void)str_copy(n->domain, sizeof(n->domain), "joemar2.lab");
	n->role = role;
	n->key_bits = 1024;
}

static void
set_security_password(void)
{
	struct secret s;
	struct err e = ERR_INIT;

	secret_set(&s, "security", 8);
	assert_int_equal(nodecerts_security_password(&s, NULL, &e), 0);
	secret_release(&s);
}

static void
the_peer_key_stays(void **state)
{
	struct err e = ERR_INIT;
	struct wbuf one;
	struct wbuf two;
	struct stat st;
	char path[PATH_SIZE];

	(void)state;
	wbuf_init(&one, 0);
	wbuf_init(&two, 0);
	assert_int_equal(nodecerts_peer_key(NULL, &one, &e), 0);
	assert_int_equal(nodecerts_peer_key(NULL, &two, &e), 0);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	assert_memory_equal(one.data, "ecdsa-sha2-nistp256 AAAA", 24);
	assert_int_equal(stat(paths_in(path, "certs/peer.pem"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	wbuf_release(&one);
	wbuf_release(&two);
}

static void
units_are_made_once(void **state)
{
	struct err e = ERR_INIT;
	struct nodeconf n;
	struct stat st;
	char path[PATH_SIZE];
	char *before;
	char *after;

	fill(&n, NODE_PUBLISHER);
	set_security_password();
	assert_int_equal(nodecerts_make(&n, NULL, &e), 0);
	for (size_t i = 0; i < cert_units_n; i++) {
		struct certfile f = CERTFILE_INIT;

		paths_in(path, "certs/%s.pem", cert_units[i]);
		assert_int_equal(certfile_read(&f, path, &e), 0);
		assert_int_equal(f.cert->key_bits, 1024);
		certfile_release(&f);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_true(cert_unit_p12_current());
	before = testing_read(*state, "certs/CallManager.pem");
	assert_int_equal(unlink(paths_in(path, "certs/TVS.pem")), 0);
	assert_int_equal(nodecerts_make(&n, NULL, &e), 0);
	after = testing_read(*state, "certs/CallManager.pem");
	assert_string_equal(before, after);
	assert_int_equal(access(path, F_OK), 0);
	free(before);
	free(after);
}

static void
a_subscriber_has_no_p12(void **state)
{
	struct err e = ERR_INIT;
	struct nodeconf n;
	char path[PATH_SIZE];

	(void)state;
	fill(&n, NODE_SUBSCRIBER);
	assert_int_equal(nodecerts_make(&n, NULL, &e), 0);
	assert_int_equal(access(paths_in(path, "certs/ITLRecovery.p12"), F_OK),
	    -1);
	assert_int_equal(access(paths_in(path, "certs/ITLRecovery.pem"), F_OK),
	    0);
}

/* The row of this node, so that certificates can belong to it. */
static void
add_node(const struct nodeconf *n)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);

	(void)str_copy(row->name, sizeof(row->name), n->name);
	(void)str_copy(row->domain, sizeof(row->domain), "joemar2.lab");
	(void)str_copy(row->address, sizeof(row->address), "127.0.0.1");
	row->role = NODE_PUBLISHER;
	row->ssh_port = 22;
	row->tftp_port = 69;
	row->http_port = 6970;
	row->db_port = 5432;
	assert_int_equal(nodes_add(db, row, &e), 0);
	db_close(db);
	free(row);
}

static void
the_database_gets_them(void **state)
{
	struct pg_server s;
	struct cert_list l = CERT_LIST_INIT;
	struct err e = ERR_INIT;
	struct nodeconf n;
	struct db *db;
	char path[PATH_SIZE];

	(void)state;
	pg_server_start_migrated(&s);
	n = s.conf;
	n.key_bits = 1024;
	(void)file_mkdir(paths_in(path, "certs"), 0755, NULL);
	add_node(&n);
	assert_int_equal(nodecerts_record(&n, NULL, &e), -1); /* no files */
	n.role = NODE_SUBSCRIBER; /* spares the p12 */
	assert_int_equal(nodecerts_make(&n, NULL, &e), 0);
	n.role = NODE_PUBLISHER;
	assert_int_equal(nodecerts_record(&n, NULL, &e), 0);
	assert_int_equal(nodecerts_record(&n, NULL, &e), 0);
	db = pg_server_open(DB_RW);
	assert_int_equal(certs_list_own(db, n.name, &l, &e), 0);
	assert_int_equal(l.n, cert_units_n);
	cert_list_release(&l);
	db_close(db);
	pg_server_stop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_peer_key_stays, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(units_are_made_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_subscriber_has_no_p12, setup,
		    teardown),
		cmocka_unit_test(the_database_gets_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
