#include "services/certmon_source.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "db/monitor.h"
#include "db/recovery_backup.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"
#include "trust/digest.h"

static struct pg_server server;
static struct certmon_source source = CERTMON_SOURCE_INIT;

static int
start(void **state)
{
	char path[PATH_SIZE];
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	(void)mkdir(paths_in(path, "certs"), 0755);
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

static int
tear_down(void **state)
{
	(void)state;
	certmon_source_close(&source);
	return 0;
}

static bool
poll_it(struct cert_monitor *settings)
{
	struct err e = ERR_INIT;
	bool changed;

	if (certmon_source_poll(&source, settings, &changed, &e) == -1)
		fail_msg("%s", e.msg);
	return changed;
}

static void
write_p12(const char *text)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(paths_in(path, "certs/ITLRecovery.p12"),
			     text, strlen(text), 0640, &e),
	    0);
}

static void
settings_come_when_they_change(void **state)
{
	struct cert_monitor m = { .days = 0 };
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	assert_true(poll_it(&m));
	assert_int_equal(m.days, 30);
	m.days = 1;
	assert_false(poll_it(&m));
	assert_int_equal(m.days, 1);
	db = pg_server_open(DB_RW);
	assert_int_equal(monitor_set(db, "days", "77", &e), 0);
	db_close(db);
	assert_true(poll_it(&m));
	assert_int_equal(m.days, 77);
}

static void
a_lost_database_is_opened_again(void **state)
{
	struct cert_monitor m = { .days = 1 };
	struct err e = ERR_INIT;
	bool changed;

	(void)state;
	assert_true(poll_it(&m));
	pg_server_halt(&server);
	m.days = 1;
	assert_int_equal(certmon_source_poll(&source, &m, &changed, &e), -1);
	assert_false(changed);
	assert_int_equal(m.days, 1);
	assert_null(source.db);
	pg_server_resume(&server);
	assert_true(poll_it(&m));
	assert_int_not_equal(m.days, 1);
}

static size_t
active(const struct nodeconf *conf)
{
	struct cert_alarm_list l;
	struct err e = ERR_INIT;
	size_t n;

	if (certmon_source_active(&source, conf, 30, &l, &e) == -1)
		fail_msg("%s", e.msg);
	n = l.n;
	cert_alarm_list_release(&l);
	return n;
}

static void
the_p12_of_the_publisher_counts(void **state)
{
	struct nodeconf sub = server.conf;
	char hex[DIGEST_HEX_SIZE];
	struct recovery_backup b;
	struct err unread = ERR_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(active(&server.conf), 0); /* it is being made */
	write_p12("one");
	sub.role = NODE_SUBSCRIBER;
	assert_int_equal(active(&sub), 0);
	assert_int_equal(certmon_source_note(&source, &sub, &unread, &e), 0);
	assert_int_equal(recovery_backup_read(source.db, &b, &e), 0);
	assert_string_equal(b.present, "");
	assert_int_equal(certmon_source_note(&source, &server.conf, &unread,
			     &e),
	    0);
	assert_int_equal(recovery_backup_read(source.db, &b, &e), 0);
	digest_hex(DIGEST_SHA256, "one", 3, hex);
	assert_string_equal(b.present, hex);
	assert_true(b.unsaved_since > 0);
	assert_int_equal(active(&server.conf), 1);
	assert_int_equal(recovery_backup_saved(source.db, hex, 1, &e), 0);
	assert_int_equal(active(&server.conf), 0);
	write_p12("two");
	assert_int_equal(active(&server.conf), 1);
}

static void
the_tomcat_certificate_of_the_node(void **state)
{
	char sha256[CERTS_SHA256_SIZE];
	char first[CERTS_SHA256_SIZE];
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);

	(void)state;
	assert_int_equal(certmon_source_tomcat(&source, &server.conf, sha256,
			     &e),
	    0);
	assert_string_equal(sha256, "");
	db_rows_add_cert(db, server.conf.name, "tomcat", 1);
	assert_int_equal(certmon_source_tomcat(&source, &server.conf, first,
			     &e),
	    0);
	assert_int_equal(strlen(first), CERTS_SHA256_SIZE - 1);
	db_rows_add_cert(db, server.conf.name, "tomcat", 2);
	assert_int_equal(certmon_source_tomcat(&source, &server.conf, sha256,
			     &e),
	    0);
	assert_string_not_equal(first, sha256);
	db_close(db);
	pg_server_sql("delete from certificate");
}

/* And the alarms of certificates are there as well. */
static void
a_p12_that_cannot_be_read_is_told(void **state)
{
	struct nodeconf sub = server.conf;
	struct cert_alarm_list l;
	struct err unread = ERR_INIT;
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	struct db *db = pg_server_open(DB_RW);

	(void)state;
	paths_in(path, "certs/ITLRecovery.p12");
	assert_int_equal(file_remove(path, &e), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	db_rows_add_cert(db, server.conf.name, "tomcat", 1);
	db_close(db);
	pg_server_sql("update certificate set notafter = 1");
	assert_int_equal(certmon_source_active(&source, &server.conf, 30, &l,
			     &e),
	    0);
	assert_int_equal(l.n, 3); /* tomcat, tomcat-trust */
	assert_int_equal(l.item[0].kind, CERT_ALARM_RECOVERY_BACKUP);
	assert_non_null(strstr(l.item[0].message, "cannot be read: "));
	assert_non_null(strstr(l.item[0].message, path));
	assert_int_equal(l.item[1].kind, CERT_ALARM_EXPIRED);
	cert_alarm_list_release(&l);
	/* a subscriber has its own certificates to tell of */
	sub.role = NODE_SUBSCRIBER;
	assert_int_equal(active(&sub), 1);
	assert_int_equal(certmon_source_note(&source, &server.conf, &unread,
			     &e),
	    0);
	assert_int_not_equal(unread.code, ERR_NONE);
	pg_server_sql("delete from certificate");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(settings_come_when_they_change),
		TEST(a_lost_database_is_opened_again),
		TEST(the_p12_of_the_publisher_counts),
		TEST(the_tomcat_certificate_of_the_node),
		TEST(a_p12_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
