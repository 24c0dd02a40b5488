#include "db/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "db/certs.h"
#include "db/db_priv.h"
#include "db/nodes.h"
#include "tests/fakes/pg_cluster.h"

static struct pg_server server;

/* The answer as "a|b" lines; NULL cells as \N. */
struct answer {
	char text[4096];
	size_t rows; /* calls after the heads */
	size_t columns;
	size_t stop_at; /* refuse at this row; 0: never */
};

static int
take(void *self, const char *const *cell, size_t n)
{
	struct answer *a = self;
	size_t used = strlen(a->text);
	size_t i;

	a->columns = n;
	for (i = 0; i < n && used < sizeof(a->text); i++) {
		(void)snprintf(a->text + used, sizeof(a->text) - used, "%s%s",
		    cell[i] == NULL ? "\\N" : cell[i], i + 1 == n ? "\n" : "|");
		used = strlen(a->text);
	}
	a->rows++;
	return a->stop_at != 0 && a->rows > a->stop_at ? -1 : 0;
}

static int
run_limited(enum db_role role, const char *statement,
    const struct sql_limits *limits, struct answer *a, struct err *e)
{
	struct sql_sink sink = { .row = take, .self = a };
	struct sql_result res;
	struct db *db = pg_server_open(role);
	int rc;

	a->text[0] = '\0';
	a->rows = 0;
	a->columns = 0;
	memset(e, 0, sizeof(*e));
	rc = sql_run(db, statement, limits, &sink, &res, e);
	db_close(db);
	if (rc == 0 && res.query)
		assert_int_equal(res.rows, a->rows - 1);
	if (rc == 0 && !res.query)
		(void)snprintf(a->text, sizeof(a->text), "Rows: %ju\n",
		    (uintmax_t)res.rows);
	return rc;
}

static int
run(enum db_role role, const char *statement, struct answer *a, struct err *e)
{
	a->stop_at = 0;
	return run_limited(role, statement, &sql_limits_default, a, e);
}

static void
expect(enum db_role role, const char *statement, const char *text)
{
	struct answer a;
	struct err e;

	if (run(role, statement, &a, &e) == -1)
		fail_msg("%s: %s", statement, e.msg);
	assert_string_equal(a.text, text);
}

static int
start(void **state)
{
	struct node_row node = { .role = NODE_PUBLISHER,
		.ssh_port = 22,
		.tftp_port = 69,
		.http_port = 6970,
		.db_port = 5432 };
	struct cert_row cert = { .self_signed = true };
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	pg_server_sql("insert into applicationuser (name, passwordhash,"
		      " ccmadministrator) values ('admin1', 'SECRET', true)");
	(void)str_copy(node.name, sizeof(node.name), "test10pub");
	(void)str_copy(node.address, sizeof(node.address), "127.0.10.1");
	(void)str_copy(node.peer_key, sizeof(node.peer_key), "PEERKEY");
	(void)str_copy(cert.node, sizeof(cert.node), "test10pub");
	(void)str_copy(cert.unit, sizeof(cert.unit), "TVS");
	(void)str_copy(cert.serial, sizeof(cert.serial), "2e3e1a7bdaa64d84");
	(void)str_copy(cert.sha256, sizeof(cert.sha256), "00");
	cert.subject = mem_strdup("CN=test10pub.joemar2.lab;OU=tac");
	cert.issuer = mem_strdup(cert.subject);
	cert.pem = mem_strdup("PEM");
	db = pg_server_open(DB_RW);
	if (nodes_add(db, &node, &e) == -1 ||
	    certs_replace(db, &cert, &e) == -1)
		fail_msg("%s", e.msg);
	db_close(db);
	cert_row_release(&cert);
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
query_answers_names_and_text(void **state)
{
	(void)state;
	expect(DB_SQL,
	    "select paramname,paramvalue from processconfig "
	    "where paramname='ClusterSecurityMode'",
	    "paramname|paramvalue\nClusterSecurityMode|0\n");
	expect(DB_SQL, "select true as a, false as b, null as c, '' as d;",
	    "a|b|c|d\nt|f|\\N|\n");
	expect(DB_SQL, "select name from device", "name\n");
	expect(DB_SQL_RW,
	    "SELECT name, isactive, systemnode FROM processnode"
	    " ORDER BY nodeid -- comment",
	    "name|isactive|systemnode\n"
	    "EnterpriseWideData|t|t\n127.0.10.1|t|f\n");
	expect(DB_SQL, "show transaction_read_only",
	    "transaction_read_only\non\n");
}

/* Word for word as in the troubleshooting document. */
static void
query_of_certificates_and_roles(void **state)
{
	(void)state;
	expect(DB_SQL,
	    "select c.subjectname, c.serialnumber, c.ipv4address, t.name from\n"
	    "certificate as c, certificatetrustrolemap as r, "
	    "typetrustrole as t where c.pkid =\n"
	    "r.fkcertificate and t.enum = r.tktrustrole",
	    "subjectname|serialnumber|ipv4address|name\n"
	    "CN=test10pub.joemar2.lab;OU=tac|2e3e1a7bdaa64d84|127.0.10.1|"
	    "Authentication and Authorization\n");
	expect(DB_SQL,
	    "select enum, name, usestruststore from typecertificateservice"
	    " where enum <= 7 order by enum",
	    "enum|name|usestruststore\n"
	    "1|Phone-trust|t\n2|Phone-VPN-trust|t\n3|CallManager|f\n"
	    "4|CallManager-trust|t\n5|tomcat|f\n6|tomcat-trust|t\n"
	    "7|ipsec|f\n");
}

static void
change_counts_rows(void **state)
{
	(void)state;
	expect(DB_SQL_RW,
	    "insert into device (name, fkdevicepool)"
	    " select 'SEP00000000000' || i, pkid from devicepool,"
	    " generate_series(1, 3) i",
	    "Rows: 3\n");
	expect(DB_SQL_RW, "update device set description = 'x'", "Rows: 3\n");
	expect(DB_SQL,
	    "select name, description from device order by name limit 1",
	    "name|description\nSEP000000000001|x\n");
	expect(DB_SQL_RW, "delete from device", "Rows: 3\n");
	expect(DB_SQL_RW, "delete from device", "Rows: 0\n");
	expect(DB_SQL_RW,
	    "update processconfig set paramvalue='1' "
	    "where paramname='ClusterSecurityMode' returning paramvalue",
	    "paramvalue\n1\n");
}

/* What must be refused: the statement, and how, at each level. */
static const struct attack {
	const char *statement;
	enum err_code reading; /* DB_SQL */
	enum err_code writing; /* DB_SQL_RW */
} attacks[] = {
	{ "copy (select 1) to program 'touch /tmp/ucmsh-sql-attack'",
	    ERR_DENIED, ERR_DENIED },
	{ "copy device from program 'touch /tmp/ucmsh-sql-attack'", ERR_DENIED,
	    ERR_DENIED },
	{ "copy (select 1) to '/tmp/ucmsh-sql-attack'", ERR_DENIED,
	    ERR_DENIED },
	{ "copy device from '/etc/passwd'", ERR_DENIED, ERR_DENIED },
	{ "copy processnode to stdout", ERR_USAGE, ERR_USAGE },
	{ "copy device (name) from stdin", ERR_DENIED, ERR_USAGE },
	{ "select pg_read_file('/etc/passwd')", ERR_DENIED, ERR_DENIED },
	{ "select pg_read_binary_file('PG_VERSION')", ERR_DENIED, ERR_DENIED },
	{ "select pg_ls_dir('/')", ERR_DENIED, ERR_DENIED },
	{ "select pg_stat_file('/etc/passwd')", ERR_DENIED, ERR_DENIED },
	{ "select lo_export(1, '/tmp/ucmsh-sql-attack')", ERR_DENIED,
	    ERR_DENIED },
	{ "select lo_import('/etc/passwd')", ERR_DENIED, ERR_DENIED },
	{ "select lo_from_bytea(0, 'x')", ERR_DENIED, ERR_DENIED },
	{ "select lo_create(0)", ERR_DENIED, ERR_DENIED },
	{ "select 1; select 2", ERR_USAGE, ERR_USAGE },
	{ "select 1; delete from device", ERR_USAGE, ERR_USAGE },
	{ "commit; delete from device", ERR_USAGE, ERR_USAGE },
	{ "set transaction read write", ERR_DENIED, ERR_USAGE },
	{ "set session characteristics as transaction read write", ERR_USAGE,
	    ERR_USAGE },
	{ "set default_transaction_read_only = off", ERR_USAGE, ERR_USAGE },
	{ "set transaction_read_only = off", ERR_DENIED, ERR_USAGE },
	{ "select set_config('transaction_read_only', 'off', false)",
	    ERR_DENIED, ERR_DENIED },
	{ "select set_config('role', 'dbadmin', false)", ERR_DENIED,
	    ERR_DENIED },
	{ "update pg_settings set setting = 'off'"
	  " where name = 'transaction_read_only'",
	    ERR_DENIED, ERR_DENIED },
	{ "set role dbadmin", ERR_DENIED, ERR_DENIED },
	{ "set role ucm_rw", ERR_DENIED, ERR_DENIED },
	{ "set role ucm_sql_rw", ERR_DENIED, ERR_USAGE },
	{ "set session authorization dbadmin", ERR_DENIED, ERR_DENIED },
	{ "set session authorization ucm_rw", ERR_DENIED, ERR_DENIED },
	{ "reset role", ERR_USAGE, ERR_USAGE },
	{ "alter role ucm_sql superuser", ERR_DENIED, ERR_DENIED },
	{ "alter role ucm_sql set statement_timeout = 0", ERR_DENIED,
	    ERR_DENIED },
	{ "alter user ucm_sql_rw reset all", ERR_DENIED, ERR_USAGE },
	{ "create role x superuser", ERR_DENIED, ERR_DENIED },
	{ "grant ucm_rw to ucm_sql", ERR_DENIED, ERR_DENIED },
	{ "alter system set archive_command = 'id'", ERR_DENIED, ERR_USAGE },
	{ "select passwordhash from applicationuser", ERR_DENIED, ERR_DENIED },
	{ "select * from applicationuser", ERR_DENIED, ERR_DENIED },
	{ "select u from applicationuser u", ERR_DENIED, ERR_DENIED },
	{ "select row_to_json(u) from applicationuser u", ERR_DENIED,
	    ERR_DENIED },
	{ "table applicationuser", ERR_DENIED, ERR_DENIED },
	{ "select table_to_xml('applicationuser', true, false, '')", ERR_DENIED,
	    ERR_DENIED },
	{ "select query_to_xml('select passwordhash from applicationuser',"
	  " true, false, '')",
	    ERR_DENIED, ERR_DENIED },
	{ "select 1 from applicationuser where passwordhash like 'S%'",
	    ERR_DENIED, ERR_DENIED },
	{ "select name from applicationuser order by passwordhash", ERR_DENIED,
	    ERR_DENIED },
	{ "update applicationuser set passwordhash = 'x'", ERR_DENIED,
	    ERR_DENIED },
	{ "update applicationuser set ccmadministrator = false", ERR_DENIED,
	    ERR_DENIED },
	{ "update applicationuser set name = 'x' returning passwordhash",
	    ERR_DENIED, ERR_DENIED },
	{ "insert into applicationuser (name, passwordhash)"
	  " values ('x', 'y')",
	    ERR_DENIED, ERR_DENIED },
	{ "delete from applicationuser", ERR_DENIED, ERR_DENIED },
	{ "update certificate set certificate = 'x'", ERR_DENIED, ERR_DENIED },
	{ "insert into certificate (subjectname) values ('x')", ERR_DENIED,
	    ERR_DENIED },
	{ "update certificatetrustrolemap set tktrustrole = 0", ERR_DENIED,
	    ERR_DENIED },
	{ "insert into certificatetrustrolemap (fkcertificate, tktrustrole)"
	  " select pkid, 0 from certificate",
	    ERR_DENIED, ERR_DENIED },
	{ "update certificateservicecertificatemap"
	  " set tkcertificateservice = 17",
	    ERR_DENIED, ERR_DENIED },
	{ "update certificateprocessnodemap set servername = 'x'", ERR_DENIED,
	    ERR_DENIED },
	{ "select peerkey from nodelink", ERR_DENIED, ERR_DENIED },
	{ "select * from nodelink", ERR_DENIED, ERR_DENIED },
	{ "delete from certificatehold", ERR_DENIED, ERR_DENIED },
	{ "update changecounter set value = 0", ERR_DENIED, ERR_DENIED },
	{ "update device set certificate = 'x'", ERR_DENIED, ERR_DENIED },
	{ "update device set tftpencryptedconfig = false", ERR_DENIED,
	    ERR_DENIED },
	{ "insert into device (name, certificate) values ('x', 'y')",
	    ERR_DENIED, ERR_DENIED },
	{ "update devicechange set change = 0", ERR_DENIED, ERR_DENIED },
	{ "delete from devicechange", ERR_DENIED, ERR_DENIED },
	{ "delete from typemodel", ERR_DENIED, ERR_DENIED },
	{ "delete from typetrustrole", ERR_DENIED, ERR_DENIED },
	{ "truncate device", ERR_DENIED, ERR_DENIED },
	{ "drop table device", ERR_DENIED, ERR_DENIED },
	{ "alter table device add x int", ERR_DENIED, ERR_DENIED },
	{ "create table x (a int)", ERR_DENIED, ERR_DENIED },
	{ "create temp table x (a int)", ERR_DENIED, ERR_DENIED },
	{ "create temp table x as select 1", ERR_DENIED, ERR_DENIED },
	{ "select 1 into temp x", ERR_DENIED, ERR_DENIED },
	{ "create schema x", ERR_DENIED, ERR_DENIED },
	{ "create extension pg_trgm", ERR_DENIED, ERR_DENIED },
	{ "create function x() returns int language sql as 'select 1'",
	    ERR_DENIED, ERR_DENIED },
	{ "create function pg_temp.x() returns int language sql"
	  " as 'select 1'",
	    ERR_DENIED, ERR_DENIED },
	{ "do $$ begin null; end $$", ERR_DENIED, ERR_DENIED },
	{ "load 'plpgsql'", ERR_DENIED, ERR_DENIED },
	{ "load '/tmp/evil'", ERR_DENIED, ERR_DENIED },
	{ "create database x", ERR_DENIED, ERR_USAGE },
	{ "select pg_advisory_lock(1)", ERR_DENIED, ERR_DENIED },
	{ "select pg_try_advisory_xact_lock(1, 2)", ERR_DENIED, ERR_DENIED },
	{ "select pg_terminate_backend(pg_backend_pid())", ERR_DENIED,
	    ERR_DENIED },
	{ "select pg_cancel_backend(1)", ERR_DENIED, ERR_DENIED },
	{ "select pg_notify('a', 'b')", ERR_DENIED, ERR_DENIED },
	{ "notify a", ERR_USAGE, ERR_USAGE },
	{ "listen a", ERR_USAGE, ERR_USAGE },
	{ "lock table device in access exclusive mode", ERR_DENIED, ERR_USAGE },
	{ "begin", ERR_USAGE, ERR_USAGE },
	{ "commit", ERR_USAGE, ERR_USAGE },
	{ "rollback", ERR_USAGE, ERR_USAGE },
	{ "savepoint a", ERR_USAGE, ERR_USAGE },
	{ "prepare transaction 'x'", ERR_DATABASE, ERR_DATABASE },
	{ "prepare a as select 1", ERR_USAGE, ERR_USAGE },
	{ "declare c cursor with hold for select 1", ERR_USAGE, ERR_USAGE },
	{ "vacuum", ERR_DENIED, ERR_USAGE },
	{ "checkpoint", ERR_DENIED, ERR_DENIED },
	{ "select pg_switch_wal()", ERR_DENIED, ERR_DENIED },
	{ "select pg_create_physical_replication_slot('x')", ERR_DENIED,
	    ERR_DENIED },
	{ "select ucm_slot_create('x')", ERR_DENIED, ERR_DENIED },
	{ "select pg_promote()", ERR_DENIED, ERR_DENIED },
	{ "select pg_reload_conf()", ERR_DENIED, ERR_DENIED },
	{ "select * from pg_authid", ERR_DENIED, ERR_DENIED },
	{ "select * from pg_statistic", ERR_DENIED, ERR_DENIED },
	{ "select * from pg_hba_file_rules", ERR_DENIED, ERR_DENIED },
	{ "", ERR_USAGE, ERR_USAGE },
	{ " ; ", ERR_USAGE, ERR_USAGE },
	{ "-- nothing", ERR_USAGE, ERR_USAGE },
	{ "selec 1", ERR_USAGE, ERR_USAGE },
	{ "select * from nosuchtable", ERR_USAGE, ERR_USAGE },
	{ "select $1", ERR_USAGE, ERR_USAGE },
	{ "select count(*) from generate_series(1, 100000000)", ERR_TOO_BIG,
	    ERR_TOO_BIG },
	{ "select 1/0", ERR_DATABASE, ERR_DATABASE },
	{ "select '\xff'", ERR_DATABASE, ERR_DATABASE },
	{ "select 'x", ERR_USAGE, ERR_USAGE },
};

static bool
try_attack(const struct attack *t, enum db_role role, enum err_code code)
{
	const char *level = role == DB_SQL ? "reading" : "writing";
	struct answer a;
	struct err e;

	if (run(role, t->statement, &a, &e) == 0)
		fail_msg("%s: \"%s\" was run", level, t->statement);
	if (e.code != code)
		print_error("%s: \"%s\": %s: %s\n", level, t->statement,
		    err_name(e.code), e.msg);
	assert_true(e.msg[0] != '\0');
	assert_null(strchr(e.msg, '\n'));
	assert_null(strstr(e.msg, "SECRET"));
	assert_null(strstr(a.text, "SECRET"));
	assert_null(strstr(a.text, "PEERKEY"));
	return e.code == code;
}

static void
attacks_are_refused(void **state)
{
	struct stat st;
	size_t wrong = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (!try_attack(&attacks[i], DB_SQL, attacks[i].reading) ||
		    !try_attack(&attacks[i], DB_SQL_RW, attacks[i].writing))
			wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(stat("/tmp/ucmsh-sql-attack", &st), -1);
	/* nothing has changed and nothing is left over */
	expect(DB_SQL, "select name from applicationuser", "name\nadmin1\n");
	expect(DB_SQL,
	    "select count(*) from pg_locks where locktype = 'advisory'",
	    "count\n0\n");
	expect(DB_SQL, "show statement_timeout", "statement_timeout\n30s\n");
}

static void
statistics_hide_the_password(void **state)
{
	(void)state;
	pg_server_sql("analyze applicationuser");
	expect(DB_SQL,
	    "select attname from pg_stats"
	    " where tablename = 'applicationuser'"
	    " and attname = 'passwordhash'",
	    "attname\n");
}

static void
time_limit_ends_a_statement(void **state)
{
	static const struct sql_limits limits = { .seconds = 1,
		.rows = 10,
		.bytes = 100 };
	static const char *const slow[] = { "select pg_sleep(60)",
		"select count(*) from (select"
		" generate_series(1, 100000000000)) x",
		"select name from device where pg_sleep(60) is null"
		" union select name from processnode"
		" where pg_sleep(60) is null" };
	struct answer a = { .stop_at = 0 };
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		int64_t begun = clock_ticks();
		assert_int_equal(run_limited(DB_SQL, slow[i], &limits, &a, &e),
		    -1);
		assert_int_equal(e.code, ERR_TIMEOUT);
		assert_string_equal(e.msg,
		    "the statement took longer than 1 seconds");
		assert_true(clock_ticks() - begun < 5000);
	}
}

static void
rows_are_capped(void **state)
{
	static const struct sql_limits limits = { .seconds = 10,
		.rows = 5,
		.bytes = 100000 };
	struct answer a = { .stop_at = 0 };
	struct err e;

	(void)state;
	assert_int_equal(run_limited(DB_SQL,
			     "select i from generate_series(1, 5) i", &limits,
			     &a, &e),
	    0);
	assert_int_equal(run_limited(DB_SQL,
			     "select generate_series(1, 100000000)", &limits,
			     &a, &e),
	    -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_string_equal(e.msg, "the answer has more than 5 rows");
	assert_true(e.hint[0] != '\0');
	assert_int_equal(a.rows, 6);
}

/* One cell of 200 MB is not gathered in memory to find out its size. */
static void
bytes_are_capped(void **state)
{
	static const struct sql_limits limits = { .seconds = 20,
		.rows = 1000,
		.bytes = 100000 };
	struct answer a = { .stop_at = 0 };
	struct err e;

	(void)state;
	assert_int_equal(run_limited(DB_SQL,
			     "select repeat('x', 50000) union all"
			     " select repeat('y', 50000) union all"
			     " select repeat('z', 50000)",
			     &limits, &a, &e),
	    -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(run_limited(DB_SQL, "select repeat('x', 200000000)",
			     &limits, &a, &e),
	    -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_string_equal(e.msg, "the answer has more than 100000 bytes");
	assert_int_equal(a.rows, 0);
}

static void
sink_can_stop(void **state)
{
	struct answer a = { .stop_at = 2 };
	struct err e;

	(void)state;
	assert_int_equal(run_limited(DB_SQL,
			     "select generate_series(1, 100000000)",
			     &sql_limits_default, &a, &e),
	    -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(a.rows, 3);
}

/* A failure at the commit is a failure of the statement. */
static void
failed_commit_is_reported(void **state)
{
	struct answer a;
	struct err e;

	(void)state;
	pg_server_sql("alter table device add constraint late"
		      " unique (description) deferrable initially deferred");
	assert_int_equal(run(DB_SQL_RW,
			     "insert into device (name, fkdevicepool)"
			     " select 'SEP' || i, pkid from devicepool,"
			     " generate_series(1, 2) i",
			     &a, &e),
	    -1);
	assert_int_equal(e.code, ERR_EXISTS);
	expect(DB_SQL, "select count(*) from device", "count\n0\n");
	pg_server_sql("alter table device drop constraint late");
}

static void
long_statement_is_sent_whole(void **state)
{
	size_t n = 4000000;
	char *filler = mem_alloc(n + 1);
	char *sql;
	struct answer a;
	struct err e;

	(void)state;
	memset(filler, 'x', n);
	sql = mem_printf("select length('%s')", filler);
	free(filler);
	assert_int_equal(run(DB_SQL, sql, &a, &e), 0);
	assert_string_equal(a.text, "length\n4000000\n");
	free(sql);
}

static void
lost_connection_is_told(void **state)
{
	struct answer a = { .stop_at = 0 };
	struct sql_sink sink = { .row = take, .self = &a };
	struct db *db = pg_server_open(DB_SQL);
	struct sql_result res;
	struct err e = ERR_INIT;

	(void)state;
	pg_server_sql("select pg_terminate_backend(pid) from pg_stat_activity"
		      " where usename = 'ucm_sql'");
	assert_int_equal(sql_run(db, "select 1", &sql_limits_default, &sink,
			     &res, &e),
	    -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	db_close(db);
}

static void
changes_are_recognised(void **state)
{
	static const char *const yes[] = { "insert into x values (1)",
		" UPDATE x set a = 1", "/* a */ delete from x",
		"-- a\ndelete from x", "with a as (delete from b) select 1",
		"explain analyze update x set a=1", "(insert", "merge into a",
		"truncate a", "select '''' from a; delete" };
	static const char *const no[] = { "select 1", "", "select 'delete'",
		"select \"update\" from x", "select deleted, insert_1 from x",
		"/* update", "-- delete", "select 'it''s delete'",
		"select a$update from x", "'", "show all" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!sql_is_change(yes[i]))
			fail_msg("no change: %s", yes[i]);
	}
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (sql_is_change(no[i]))
			fail_msg("a change: %s", no[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_answers_names_and_text),
		cmocka_unit_test(query_of_certificates_and_roles),
		cmocka_unit_test(change_counts_rows),
		cmocka_unit_test(attacks_are_refused),
		cmocka_unit_test(statistics_hide_the_password),
		cmocka_unit_test(time_limit_ends_a_statement),
		cmocka_unit_test(rows_are_capped),
		cmocka_unit_test(bytes_are_capped),
		cmocka_unit_test(sink_can_stop),
		cmocka_unit_test(failed_commit_is_reported),
		cmocka_unit_test(long_statement_is_sent_whole),
		cmocka_unit_test(lost_connection_is_told),
		cmocka_unit_test(changes_are_recognised),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
