#include "db/cert_alarms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "db/recovery_backup.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"

#define DAY INT64_C(86400)
#define NOW INT64_C(1600000000)
#define FIRST "1111111111111111111111111111111111111111111111111111111111111111"
#define SECOND \
	"abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"

static struct pg_server server;
static struct db *db;
static struct cert_alarm_list active;

static void
add(const char *node, const char *unit, unsigned number, int64_t left)
{
	struct cert_row row;
	struct err e = ERR_INIT;

	db_rows_cert(&row, node, unit, number);
	row.not_after = NOW + left;
	if (certs_replace(db, &row, &e) == -1)
		fail_msg("%s", e.msg);
	cert_row_release(&row);
}

static int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "pub1", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "sub1", "127.0.10.2", NODE_SUBSCRIBER);
	add("pub1", "tomcat", 1, 1000 * DAY);
	add("pub1", "TVS", 2, 1000 * DAY);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&server);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	cert_alarm_list_release(&active);
	pg_server_sql("update recoverybackup set savedsha256 = '', savedat = 0,"
		      " presentsha256 = '', unsavedsince = 0");
	return 0;
}

static void
look(const char *node, unsigned days, const char *p12, int64_t now)
{
	const struct cert_alarm_query q = { .node = node,
		.now = now,
		.days = days,
		.trust = str_equal(node, "pub1"),
		.p12_sha256 = p12 };
	struct err e = ERR_INIT;

	cert_alarm_list_release(&active);
	if (cert_alarms_active(db, &q, &active, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
the_recovery_key_until_it_is_saved(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	look("pub1", 30, FIRST, NOW);
	assert_int_equal(active.n, 1);
	assert_int_equal(active.item[0].kind, CERT_ALARM_RECOVERY_BACKUP);
	assert_int_equal(active.item[0].since, NOW);
	assert_string_equal(active.item[0].message, "");
	assert_non_null(strstr(active.item[0].action, "file get tftp"));
	look("pub1", 30, FIRST, NOW + 5 * DAY);
	assert_int_equal(active.item[0].since, NOW);
	assert_int_equal(recovery_backup_saved(db, FIRST, NOW + 5 * DAY, &e),
	    0);
	look("pub1", 30, FIRST, NOW + 5 * DAY);
	assert_int_equal(active.n, 0);
	/* another file is another key, or another password */
	look("pub1", 30, SECOND, NOW + 6 * DAY);
	assert_int_equal(active.n, 1);
	assert_int_equal(active.item[0].since, NOW + 6 * DAY);
}

/* What cannot be read cannot be saved, and is no news for the database. */
static void
the_recovery_key_that_cannot_be_read(void **state)
{
	const struct cert_alarm_query q = { .node = "pub1",
		.now = NOW,
		.days = 30,
		.p12_trouble = "certs/ITLRecovery.p12: too big" };
	struct recovery_backup b;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(cert_alarms_active(db, &q, &active, &e), 0);
	assert_int_equal(active.n, 1);
	assert_int_equal(active.item[0].kind, CERT_ALARM_RECOVERY_BACKUP);
	assert_int_equal(active.item[0].since, 0);
	assert_string_equal(active.item[0].message,
	    "The recovery key cannot be read: certs/ITLRecovery.p12: too big");
	assert_int_equal(recovery_backup_read(db, &b, &e), 0);
	assert_string_equal(b.present, "");
}

static void
a_subscriber_has_no_recovery_key(void **state)
{
	(void)state;
	look("sub1", 30, NULL, NOW);
	assert_int_equal(active.n, 0);
}

static void
own_certificates_then_trusted_ones(void **state)
{
	const struct cert_alarm *a;
	size_t i;

	(void)state;
	look("pub1", 2000, FIRST, NOW);
	assert_int_equal(active.item[0].kind, CERT_ALARM_RECOVERY_BACKUP);
	assert_true(active.n > 3);
	a = &active.item[1];
	assert_int_equal(a->kind, CERT_ALARM_OVER_30_DAYS);
	assert_int_equal(a->since, NOW + 1000 * DAY - 1999 * DAY);
	assert_non_null(strstr(a->message,
	    "Certificate name:tomcat.der Unit:tomcat Type:own-cert "));
	assert_non_null(strstr(a->action, "\"set cert regen tomcat\""));
	assert_non_null(strstr(active.item[2].message, "name:TVS.der "));
	for (i = 3; i < active.n; i++) {
		assert_non_null(
		    strstr(active.item[i].message, " Type:trust-certs "));
		assert_non_null(
		    strstr(active.item[i].message, "name:pub1.der "));
	}
	/* the trust is the cluster's, and one node answers for it */
	look("sub1", 2000, NULL, NOW);
	assert_int_equal(active.n, 0);
}

static void
they_follow_the_clock(void **state)
{
	(void)state;
	look("pub1", 30, NULL, NOW + 969 * DAY);
	assert_int_equal(active.n, 0);
	look("pub1", 30, NULL, NOW + 970 * DAY);
	assert_int_equal(active.item[0].kind, CERT_ALARM_MONTH);
	look("pub1", 30, NULL, NOW + 995 * DAY);
	assert_int_equal(active.item[0].kind, CERT_ALARM_WEEK);
	look("pub1", 30, NULL, NOW + 1000 * DAY - 60);
	assert_int_equal(active.item[0].kind, CERT_ALARM_DAY);
	look("pub1", 30, NULL, NOW + 1001 * DAY);
	assert_int_equal(active.item[0].kind, CERT_ALARM_EXPIRED);
}

static void
add_stranger(const char *subject, const char *unit)
{
	struct cert_row row;
	struct err e = ERR_INIT;

	db_rows_cert(&row, "", unit, 77);
	free(row.subject);
	row.subject = mem_strdup(subject);
	row.not_after = NOW + 3 * DAY;
	if (certs_add_trust(db, &row, &e) == -1)
		fail_msg("%s", e.msg);
	cert_row_release(&row);
}

static void
strangers_are_called_by_their_common_name(void **state)
{
	(void)state;
	add_stranger("O=CN=no;CN=Some CA;C=US", "CAPF-trust");
	look("pub1", 30, NULL, NOW);
	assert_int_equal(active.n, 1);
	assert_non_null(strstr(active.item[0].message,
	    "name:Some CA.der Unit:CAPF-trust Type:trust-certs "));
	pg_server_sql("update certificate set subjectname = 'O=nameless'"
		      " where subjectname like '%Some CA%'");
	look("pub1", 30, NULL, NOW);
	assert_non_null(strstr(active.item[0].message, "name:O=nameless.der "));
	pg_server_sql("delete from certificate where subjectname = "
		      "'O=nameless'");
}

static void
failures_leave_nothing(void **state)
{
	const struct cert_alarm_query q = { .node = "pub1",
		.now = NOW,
		.days = 30,
		.p12_sha256 = "no checksum" };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(cert_alarms_active(db, &q, &active, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(active.item);
	assert_int_equal(active.n, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_recovery_key_until_it_is_saved),
		TEST(the_recovery_key_that_cannot_be_read),
		TEST(a_subscriber_has_no_recovery_key),
		TEST(own_certificates_then_trusted_ones),
		TEST(they_follow_the_clock),
		TEST(strangers_are_called_by_their_common_name),
		TEST(failures_leave_nothing),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
