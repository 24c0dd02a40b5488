#include "db/db.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "db/migrate.h"
#include "db/params.h"
#include "db/users.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;

static int
start(void **state)
{
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	pg_server_start_tls(&server);
	db = pg_server_open(DB_ADMIN);
	if (migrate_run(db, 1, NULL, &e) == -1)
		fail_msg("%s", e.msg);
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

static void
expect_user(struct db *db, const char *name)
{
	struct err e = ERR_INIT;
	PGresult *res;

	assert_int_equal(db_query(db,
			     "select current_user || '/' || session_user", 0,
			     NULL, &res, &e),
	    0);
	assert_string_equal(cell_text(res, 0, 0), name);
	PQclear(res);
}

static void
each_role_opens_locally(void **state)
{
	static const struct {
		enum db_role role;
		const char *name;
	} roles[] = { { DB_ADMIN, "dbadmin/dbadmin" },
		{ DB_RW, "ucm_rw/ucm_rw" }, { DB_SQL, "ucm_sql/ucm_sql" },
		{ DB_SQL_RW, "ucm_sql_rw/ucm_sql_rw" } };
	bool recovery = true;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct db *db = pg_server_open(roles[i].role);
		expect_user(db, roles[i].name);
		assert_int_equal(db_in_recovery(db, &recovery, &e), 0);
		assert_false(recovery);
		db_close(db);
	}
	db_close(NULL);
}

/* What a subscriber would have in its node.conf. */
static void
subscriber(struct nodeconf *conf)
{
	*conf = server.conf;
	conf->role = NODE_SUBSCRIBER;
	(void)str_copy(conf->name, sizeof(conf->name), "sub1");
}

static void
publisher_opens_its_own(void **state)
{
	struct err e = ERR_INIT;
	struct db *db = db_open_primary(&server.conf, DB_ADMIN, &e);

	(void)state;
	assert_non_null(db);
	expect_user(db, "dbadmin/dbadmin");
	db_close(db);
}

static void
subscriber_opens_the_primary_by_tls(void **state)
{
	struct nodeconf conf;
	struct err e = ERR_INIT;
	PGresult *res;
	struct db *db;

	(void)state;
	subscriber(&conf);
	db = db_open_primary(&conf, DB_RW, &e);
	if (db == NULL)
		fail_msg("%s", e.msg);
	expect_user(db, "ucm_rw/ucm_rw");
	assert_int_equal(db_query(db,
			     "select ssl, version from pg_stat_ssl"
			     " where pid = pg_backend_pid()",
			     0, NULL, &res, &e),
	    0);
	assert_true(cell_bool(res, 0, 0));
	assert_string_equal(cell_text(res, 0, 1), "TLSv1.3");
	PQclear(res);
	assert_int_equal(params_set(db, PARAMS_SECURITY_MODE, "0", &e), 0);
	db_close(db);
	db = db_open_primary(&conf, DB_SQL_RW, &e);
	assert_non_null(db);
	expect_user(db, "ucm_sql_rw/ucm_sql_rw");
	db_close(db);
	assert_null(db_open_primary(&conf, DB_ADMIN, &e));
	assert_int_equal(e.code, ERR_DENIED);
}

/* certs/from takes the place of certs/to; undone by calling it again. */
static void
swap(const char *from, const char *to)
{
	char a[PATH_SIZE];
	char b[PATH_SIZE];
	char spare[PATH_SIZE];

	(void)paths_in(a, "certs/%s", from);
	(void)paths_in(b, "certs/%s", to);
	(void)paths_in(spare, "certs/spare");
	assert_int_equal(rename(a, spare), 0);
	assert_int_equal(rename(b, a), 0);
	assert_int_equal(rename(spare, b), 0);
}

static void
expect_refused(const struct nodeconf *conf, enum err_code code)
{
	struct err e = ERR_INIT;
	struct db *db = db_open_primary(conf, DB_RW, &e);

	assert_null(db);
	if (e.code != code)
		fail_msg("%s: %s", err_name(e.code), e.msg);
	assert_true(str_starts(e.msg, "publisher pub1: database: "));
	assert_null(strchr(e.msg, '\n'));
}

static void
strangers_are_refused(void **state)
{
	struct nodeconf conf;

	(void)state;
	subscriber(&conf);
	/* the server's certificate is of another cluster */
	swap("other-ca.pem", "cluster-ca.pem");
	expect_refused(&conf, ERR_DENIED);
	swap("other-ca.pem", "cluster-ca.pem");
	/* our certificate is for another role */
	swap("stranger.pem", "db-client.pem");
	swap("stranger.key", "db-client.key");
	expect_refused(&conf, ERR_DENIED);
	swap("stranger.pem", "db-client.pem");
	swap("stranger.key", "db-client.key");
	/* we have no certificate */
	swap("stranger.key", "stranger.pem");
	swap("stranger.pem", "db-client.pem");
	expect_refused(&conf, ERR_DENIED);
	swap("stranger.pem", "db-client.pem");
	swap("stranger.key", "stranger.pem");
	/* the certificate does not name this address */
	(void)str_copy(conf.publisher_address, sizeof(conf.publisher_address),
	    "127.0.0.2");
	expect_refused(&conf, ERR_UNREACHABLE);
	pg_server_configure(&server,
	    "listen_addresses = '127.0.0.1,127.0.0.2'");
	pg_server_halt(&server);
	pg_server_resume(&server);
	expect_refused(&conf, ERR_DENIED);
}

/* A server that accepts and says nothing. */
static void
silent_server_costs_a_bounded_time(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t begun;
	struct nodeconf conf;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	subscriber(&conf);
	conf.db_port = ntohs(a.sin_port);
	begun = clock_ticks();
	assert_null(db_open_primary(&conf, DB_RW, &e));
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_true(clock_ticks() - begun < DB_OPEN_MS + 1500);
	(void)close(fd);
	/* and one that is not there costs none */
	begun = clock_ticks();
	assert_null(db_open_primary(&conf, DB_RW, &e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_true(clock_ticks() - begun < 1500);
}

static void
set(struct db *db, const char *value)
{
	struct err e = ERR_INIT;

	if (params_set(db, "Cluster ID", value, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
value_is(const char *value)
{
	struct db *db = pg_server_open(DB_RW);
	char text[PARAMS_VALUE_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(params_get(db, "Cluster ID", text, &e), 0);
	assert_string_equal(text, value);
	db_close(db);
}

static void
transactions_nest(void **state)
{
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;

	(void)state;
	set(db, "zero");
	assert_int_equal(db_begin(db, &e), 0);
	set(db, "one");
	assert_int_equal(db_begin(db, &e), 0);
	set(db, "two");
	assert_int_equal(db_commit(db, &e), 0);
	value_is("zero");
	assert_int_equal(db_commit(db, &e), 0);
	value_is("two");
	assert_int_equal(db_begin(db, &e), 0);
	assert_int_equal(db_begin(db, &e), 0);
	set(db, "three");
	db_rollback(db);
	db_rollback(db);
	value_is("two");
	/* a connection that closes takes its transaction along */
	assert_int_equal(db_begin(db, &e), 0);
	set(db, "four");
	db_close(db);
	value_is("two");
}

/* A failed call, of the server or of ours, spoils the whole transaction. */
static void
failure_spoils_the_transaction(void **state)
{
	struct db *db = pg_server_open(DB_RW);
	struct user_row nameless = { .ccm_administrator = false };
	struct err e = ERR_INIT;
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		assert_int_equal(db_begin(db, &e), 0);
		set(db, "five");
		if (round == 0) {
			assert_int_equal(db_query(db, "select 1/0", 0, NULL,
					     NULL, &e),
			    -1);
		} else {
			assert_int_equal(db_begin(db, &e), 0);
			db_abort(db);
		}
		assert_int_equal(params_set(db, "Cluster ID", "six", &e), -1);
		assert_int_equal(e.code, ERR_STATE);
		assert_int_equal(db_commit(db, &e), -1);
		db_rollback(db);
		value_is("two");
	}
	assert_int_equal(users_save(db, &nameless, &e), -1);
	set(db, "seven");
	value_is("seven");
	db_close(db);
}

/* Has the server committed before it went?  Who asks is told the truth. */
static void
connection_lost_in_commit_is_not_hidden(void **state)
{
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(db_begin(db, &e), 0);
	set(db, "lost");
	pg_server_sql("select pg_terminate_backend(pid, 20000)"
		      " from pg_stat_activity where usename = 'ucm_rw'");
	assert_int_equal(db_commit(db, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_equal(e.hint,
	    "Whether the change was made is not known.");
	db_rollback(db);
	db_close(db);
	value_is("seven");
}

static void
stopped_server_is_unreachable(void **state)
{
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;
	bool recovery;

	(void)state;
	pg_server_halt(&server);
	assert_int_equal(db_in_recovery(db, &recovery, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(db_in_recovery(db, &recovery, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_equal(e.msg, "the database connection is closed");
	db_rollback(db);
	db_close(db);
	assert_null(db_open_local(DB_RW, &e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_true(str_starts(e.msg, "this node: database: "));
	pg_server_resume(&server);
}

static void
full_server_is_unreachable(void **state)
{
	struct err e = ERR_INIT;
	struct db *db[10] = { NULL };
	size_t i;

	(void)state;
	for (i = 0; i < 10 && e.code == ERR_NONE; i++)
		db[i] = db_open_local(DB_SQL, &e);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	for (i = 0; i < 10; i++)
		db_close(db[i]);
}

static void
node_without_configuration(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	paths_set_root("/nonexistent");
	assert_null(db_open_local(DB_RW, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	pg_server_use(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_opens_locally),
		cmocka_unit_test(publisher_opens_its_own),
		cmocka_unit_test(subscriber_opens_the_primary_by_tls),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(silent_server_costs_a_bounded_time),
		cmocka_unit_test(transactions_nest),
		cmocka_unit_test(failure_spoils_the_transaction),
		cmocka_unit_test(connection_lost_in_commit_is_not_hidden),
		cmocka_unit_test(stopped_server_is_unreachable),
		cmocka_unit_test(full_server_is_unreachable),
		cmocka_unit_test(node_without_configuration),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
