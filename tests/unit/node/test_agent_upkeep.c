/*
 * node/agent_upkeep.c: from the rows of the database to what the root parent
 * gets, and the thread against a real database.
 */
#include "node/agent_upkeep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "cluster/security_password.h"
#include "db/recovery_backup.h"
#include "db/services.h"
#include "node/adopted.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/fake_pkcs12.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/pledges.h"
#include "tests/fakes/quick_pbkdf2.h"
#include "tests/fakes/testing.h"

#define KEY                                                      \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA" \
	"aJ6Ut2Ic4G9zqZVQ3kmcV5yXlF0v4sW7x8dRrJ1hT3gYpNwQeKzXuM" \
	"B0aHcLJ2nVfS6tD8iOqE5rC7yWkPlZ4="
#define WAIT_MS 30000
#define ID "00112233445566778899aabbccddeeff"
#define OTHER "ffeeddccbbaa99887766554433221100"

static struct pg_server server;
static struct fake_parent fake;
static struct agent *agent;

static void
splits_keys(void **state)
{
	static struct parent_node dst[PARENT_NODES_MAX];
	struct node_row row[3] = { { .ssh_port = 22 }, { .ssh_port = 2222 },
		{ .ssh_port = 22 } };
	const struct node_list l = { .item = row, .n = 3 };
	struct err left_out = ERR_INIT;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		(void)str_copy(row[i].name, sizeof(row[i].name), "test10pub");
		(void)str_copy(row[i].address, sizeof(row[i].address),
		    "127.0.10.1");
	}
	(void)str_copy(row[0].host_key, sizeof(row[0].host_key),
	    "ecdsa-sha2-nistp256 " KEY);
	(void)str_copy(row[0].peer_key, sizeof(row[0].peer_key),
	    "ssh-ed25519 AAAA");
	memset(row[1].host_key, 'A', sizeof(row[1].host_key) - 1);
	memcpy(row[1].host_key, "ecdsa-sha2-nistp256 ", 20);
	assert_int_equal(agent_upkeep_nodes(&l, dst, &left_out, &e), 3);
	assert_int_equal(left_out.code, ERR_NONE);
	assert_string_equal(dst[0].name, "test10pub");
	assert_string_equal(dst[0].address, "127.0.10.1");
	assert_string_equal(dst[0].host_key, KEY);
	assert_string_equal(dst[0].client_key, "");
	assert_int_equal(dst[1].port, 2222);
	assert_string_equal(dst[1].host_key, "");
	assert_string_equal(dst[2].host_key, "");
}

/* What the root parent would end for, were it sent. */
static void
leaves_out_bad_rows(void **state)
{
	static struct parent_node dst[PARENT_NODES_MAX];
	struct node_row row[5] = { { .ssh_port = 22 }, { .ssh_port = 22 },
		{ .ssh_port = 22 }, { .ssh_port = 0 }, { .ssh_port = 22 } };
	static const struct {
		const char *name;
		const char *address;
		const char *key;
	} text[5] = {
		{ "one", "127.0.10.one", "" },
		{ "two", "127.0.10.2", "ecdsa-sha2-nistp256 AAAA\nssh-rsa" },
		{ "th ree", "127.0.10.3", "" },
		{ "four", "127.0.10.4", "" },
		{ "five", "127.0.10.5", "ecdsa-sha2-nistp256 " KEY },
	};
	const struct node_list l = { .item = row, .n = 5 };
	struct err left_out = ERR_INIT;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		(void)str_copy(row[i].name, sizeof(row[i].name), text[i].name);
		(void)str_copy(row[i].address, sizeof(row[i].address),
		    text[i].address);
		(void)str_copy(row[i].peer_key, sizeof(row[i].peer_key),
		    text[i].key);
	}
	assert_int_equal(agent_upkeep_nodes(&l, dst, &left_out, &e), 1);
	assert_string_equal(dst[0].name, "five");
	assert_string_equal(dst[0].client_key, KEY);
	assert_string_equal(left_out.msg, "node four: no port");
	assert_int_equal(agent_upkeep_nodes(&l, dst, NULL, &e), 1);
}

static void
too_many_nodes_are_an_error(void **state)
{
	struct node_list l = { .n = PARENT_NODES_MAX + 1 };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(agent_upkeep_nodes(&l, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
}

/* A publisher with certificates on disk that its database does not know. */
static int
start(void **state)
{
	char path[PATH_SIZE];
	struct certfile pair;
	struct err e = ERR_INIT;
	struct db *db;
	size_t i;

	(void)state;
	pg_server_start_migrated(&server);
	(void)mkdir(paths_in(path, "certs"), 0755);
	(void)mkdir(paths_in(path, "run"), 0755);
	server.conf.key_bits = 1024;
	testing_write(server.root, "certs/security_password", "sec word");
	for (i = 0; i < cert_units_n; i++) {
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
	if (services_set_active(db, server.conf.name, SERVICES_TFTP, true,
		&e) == -1 ||
	    services_set_active(db, server.conf.name, SERVICES_CALLMANAGER,
		true, &e) == -1)
		return -1;
	db_close(db);
	fake_parent_start(&fake);
	/* the thread never ends, so neither does what it uses */
	agent = mem_alloc(sizeof(*agent));
	agent_init(agent, &server.conf, dup(fake.link.fd));
	return agent_upkeep_start(agent, &e);
}

static int
stop(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	pg_server_stop(&server);
	/* kept: the thread, which never ends, does nothing any more */
	return agent_lock_take(&agent->job, WAIT_MS, &e);
}

static bool
tftp_down(void)
{
	return fake_parent_service(&fake, PARENT_TFTP).down;
}

static bool
tvs_down(void)
{
	return fake_parent_service(&fake, PARENT_TVS).down;
}

/* Wait until the parent has got the keys so often. */
static void
wait_commits(unsigned n)
{
	unsigned have = 0;
	int ms;

	for (ms = 0; ms < WAIT_MS; ms += 20) {
		(void)pthread_mutex_lock(&fake.mutex);
		have = fake.commits;
		(void)pthread_mutex_unlock(&fake.mutex);
		if (have >= n)
			return;
		(void)usleep(20000);
	}
	fail_msg("the keys were rendered %u times, not %u", have, n);
}

static void
brings_everything_up_to_date(void **state)
{
	struct err e = ERR_INIT;
	struct cert_list own;
	struct db *db;

	(void)state;
	wait_commits(1);
	assert_int_equal(agent_repaired(agent, WAIT_MS, &e), 0);
	assert_int_equal(fake.migrations, 1);
	assert_int_equal(fake.n_nodes, 1);
	db = pg_server_open(DB_RW);
	assert_int_equal(certs_list_own(db, server.conf.name, &own, &e), 0);
	assert_int_equal(own.n, cert_units_n);
	cert_list_release(&own);
	db_close(db);
	assert_false(tftp_down());
	assert_false(tvs_down());
}

static void
follows_the_database(void **state)
{
	struct err e = ERR_INIT;
	struct db *db;
	unsigned before;
	int ms;

	(void)state;
	before = fake.commits;
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "sub1", "127.0.0.2", NODE_SUBSCRIBER);
	wait_commits(before + 1);
	for (ms = 0; ms < WAIT_MS && fake.n_nodes != 2; ms += 20)
		(void)usleep(20000);
	assert_int_equal(fake.n_nodes, 2);
	assert_int_equal(services_set_active(db, server.conf.name,
			     SERVICES_TFTP, false, &e),
	    0);
	db_close(db);
	for (ms = 0; ms < WAIT_MS && !tftp_down(); ms += 20)
		(void)usleep(20000);
	assert_true(tftp_down());
	assert_false(tvs_down());
	db = pg_server_open(DB_RW);
	assert_int_equal(services_set_active(db, server.conf.name,
			     SERVICES_CALLMANAGER, false, &e),
	    0);
	db_close(db);
	for (ms = 0; ms < WAIT_MS && !tvs_down(); ms += 20)
		(void)usleep(20000);
	assert_true(tvs_down());
	assert_false(fake_parent_service(&fake, PARENT_SSHD).down);
}

/* The keys of the publisher as the parent got them last. */
static bool
parent_has(const struct pledge *p)
{
	char host[NODES_KEY_SIZE];
	bool has;

	(void)pthread_mutex_lock(&fake.mutex);
	(void)str_printf(host, sizeof(host), "ecdsa-sha2-nistp256 %s",
	    fake.node[0].host_key);
	has = str_equal(host, p->host_key);
	(void)pthread_mutex_unlock(&fake.mutex);
	return has;
}

/*
 * A publisher that was killed after it had got the cluster's database: its
 * keys count at once, and it records them by itself.
 */
static void
finishes_an_interrupted_restore(void **state)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	struct pledge p;
	struct db *db;
	int ms;

	(void)state;
	pledges_make(&p, server.conf.name, "127.0.0.1");
	assert_int_equal(adopted_store(&p, &e), 0);
	agent_keys_changed(agent);
	paths_in(path, "certs/publisher-adopted");
	for (ms = 0; ms < WAIT_MS && access(path, F_OK) == 0; ms += 20)
		(void)usleep(20000);
	assert_int_equal(access(path, F_OK), -1);
	for (ms = 0; ms < WAIT_MS && !parent_has(&p); ms += 20)
		(void)usleep(20000);
	assert_true(parent_has(&p));
	db = pg_server_open(DB_RW);
	assert_int_equal(nodes_find(db, server.conf.name, row, &e), 0);
	assert_string_equal(row->host_key, p.host_key);
	assert_string_equal(row->peer_key, p.peer_key);
	db_close(db);
	free(row);
}

static void
notes_the_key_that_is_not_saved(void **state)
{
	struct recovery_backup b = { .present = "" };
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);
	int ms;

	(void)state;
	for (ms = 0; ms < WAIT_MS && b.present[0] == '\0'; ms += 20) {
		assert_int_equal(recovery_backup_read(db, &b, &e), 0);
		(void)usleep(20000);
	}
	db_close(db);
	assert_true(recovery_backup_due(&b));
	assert_true(cert_unit_p12_current());
}

/* A new security password that is in force, and one that never was. */
static void
settles_a_change_of_the_password(void **state)
{
	static const char *const current[] = { ID, OTHER };
	char sql[160];
	char id[SECURITY_CHANGE_ID_SIZE];
	struct secret s;
	struct err e = ERR_INIT;
	size_t i;
	int ms;

	(void)state;
	for (i = 0; i < 2; i++) {
		secret_set(&s, "New-Word-1", 10);
		(void)str_printf(sql, sizeof(sql),
		    "update securitychange set currentid = '%s'", current[i]);
		assert_int_equal(agent_lock_take(&agent->job, WAIT_MS, &e), 0);
		assert_int_equal(security_password_stage(ID, &s, &e), 0);
		pg_server_sql(sql);
		agent_lock_give(&agent->job);
		secret_release(&s);
		for (ms = 0; ms < WAIT_MS && security_password_staged(id);
		     ms += 20)
			(void)usleep(20000);
		assert_false(security_password_staged(id));
		assert_int_equal(security_password_read(&s, &e), 0);
		assert_string_equal(s.text, "New-Word-1");
		secret_release(&s);
		/* the password first, then what it wraps */
		for (ms = 0; ms < WAIT_MS && !cert_unit_p12_current(); ms += 20)
			(void)usleep(20000);
		assert_true(cert_unit_p12_current());
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_keys),
		cmocka_unit_test(leaves_out_bad_rows),
		cmocka_unit_test(too_many_nodes_are_an_error),
		cmocka_unit_test(brings_everything_up_to_date),
		cmocka_unit_test(follows_the_database),
		cmocka_unit_test(notes_the_key_that_is_not_saved),
		cmocka_unit_test(settles_a_change_of_the_password),
		cmocka_unit_test(finishes_an_interrupted_restore),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
