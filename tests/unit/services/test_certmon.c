#include "services/certmon.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "db/monitor.h"
#include "db/recovery_backup.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/smtp_server.h"
#include "tests/fakes/testing.h"
#include "trust/digest.h"

#define PATIENCE_MS 60000
#define TICK_MS 30
#define DAY INT64_C(86400)

static struct pg_server server;
static struct smtp_server mail;
static struct certmon *monitor;

static void
no_line(void *self, int priority, const char *text)
{
	(void)self;
	(void)priority;
	(void)text;
}

static const struct certmon_syslog quiet = { .line = no_line };

static void
begin(void)
{
	const struct certmon_config config = { .conf = &server.conf,
		.syslog = &quiet,
		.tick_ms = TICK_MS,
		.retry_ms = 2 * TICK_MS };

	certmon_free(monitor);
	monitor = certmon_new(&config);
}

static int
start(void **state)
{
	char path[PATH_SIZE];
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	(void)mkdir(paths_in(path, "certs"), 0755);
	(void)mkdir(paths_in(path, "log"), 0755);
	(void)mkdir(paths_in(path, "log/syslog"), 0755);
	(void)mkdir(paths_in(path, "run"), 0755);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_close(db);
	return file_replace(paths_in(path, "certs/ITLRecovery.p12"), "key", 3,
	    0640, NULL);
}

static int
stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

static void
age(int64_t seconds)
{
	server.conf.age_offset += seconds;
	assert_int_equal(nodeconf_save(&server.conf, NULL, NULL), 0);
}

static void
set_it(const char *name, const char *value)
{
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;

	if (monitor_set(db, name, value, &e) == -1)
		fail_msg("%s", e.msg);
	db_close(db);
}

static int
tear_down(void **state)
{
	(void)state;
	certmon_free(monitor);
	monitor = NULL;
	return 0;
}

static unsigned
lines(void)
{
	char *text = testing_read(server.root, "log/syslog/CiscoSyslog");
	const char *p = text;
	unsigned n = 0;

	while (p != NULL && (p = strchr(p, '\n')) != NULL) {
		n++;
		p++;
	}
	free(text);
	return n;
}

/* Let it look at everything three times, however long that takes. */
static void
work(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		int64_t until = clock_ticks() + TICK_MS + 20;

		do {
			assert_true(certmon_tick(monitor) <= TICK_MS);
			(void)usleep(5000);
		} while (clock_ticks() < until);
	}
}

static void
work_until_lines(unsigned n)
{
	int64_t deadline = clock_ticks() + PATIENCE_MS;

	while (lines() < n) {
		assert_true(clock_ticks() < deadline);
		(void)certmon_tick(monitor);
		(void)usleep(20000);
	}
	assert_int_equal(lines(), n);
}

static void
work_until_messages(unsigned n)
{
	int64_t deadline = clock_ticks() + PATIENCE_MS;

	while (mail.messages < n) {
		assert_true(clock_ticks() < deadline);
		(void)certmon_tick(monitor);
		(void)usleep(10000);
	}
}

/*
 * A node at its first start.  The time of day is half a day away, so that
 * nothing is due but by age().
 */
static int
set_up(void **state)
{
	char path[PATH_SIZE];
	char time[16];

	(void)state;
	pg_server_sql("delete from certificatemonitor;"
		      "insert into certificatemonitor default values;"
		      "update recoverybackup set savedsha256 = ''");
	clock_strftime(time, sizeof(time), "%H:%M", clock_wall() + DAY / 2);
	set_it("time", time);
	(void)unlink(paths_in(path, "run/certmon"));
	(void)unlink(paths_in(path, "log/syslog/CiscoSyslog"));
	begin();
	return 0;
}

/* Until the e-mail that was begun has come to its end. */
static void
work_until_mail_ends(void)
{
	int64_t deadline = clock_ticks() + PATIENCE_MS;

	while (certmon_tick(monitor) == CERTMON_BUSY_MS) {
		assert_true(clock_ticks() < deadline);
		(void)usleep(5000);
	}
}

static void
a_new_tomcat_certificate_is_told_once(void **state)
{
	struct db *db = pg_server_open(DB_RW);
	char *text;

	(void)state;
	db_rows_add_cert(db, server.conf.name, "tomcat", 1);
	work();
	assert_int_equal(lines(), 0);
	db_rows_add_cert(db, server.conf.name, "TVS", 2);
	work();
	assert_int_equal(lines(), 0);
	db_rows_add_cert(db, server.conf.name, "tomcat", 3);
	work_until_lines(1);
	begin();
	work();
	assert_int_equal(lines(), 1);
	text = testing_read(server.root, "log/syslog/CiscoSyslog");
	assert_non_null(strstr(text,
	    "%UC_CERT-2-TomcatCertRegen: %[Message=][AppID=Cisco Certificate "
	    "Monitor][ClusterID=][NodeID=pub1]: Alarm that indicates the "
	    "tomcat certificate is regenerated."));
	free(text);
	db_close(db);
	pg_server_sql("delete from certificate");
}

static void
one_line_a_day_until_it_is_saved(void **state)
{
	char hex[DIGEST_HEX_SIZE];
	struct err e = ERR_INIT;
	struct db *db;
	unsigned i;

	(void)state;
	work();
	assert_int_equal(lines(), 0);
	for (i = 1; i <= 3; i++) {
		age(DAY);
		work_until_lines(i);
		begin(); /* a restart repeats nothing */
		work();
		assert_int_equal(lines(), i);
	}
	/* nor does it leave out what came while it did not run */
	certmon_free(monitor);
	monitor = NULL;
	age(DAY);
	begin();
	work_until_lines(4);
	db = pg_server_open(DB_RW);
	digest_hex(DIGEST_SHA256, "key", 3, hex);
	assert_int_equal(recovery_backup_saved(db, hex, 1, &e), 0);
	db_close(db);
	age(DAY);
	work();
	assert_int_equal(lines(), 4);
}

static char *
present_p12(void)
{
	struct recovery_backup b;
	struct db *db = pg_server_open(DB_RW);
	struct err e = ERR_INIT;

	if (recovery_backup_read(db, &b, &e) == -1)
		fail_msg("%s", e.msg);
	db_close(db);
	return mem_strdup(b.present);
}

/* It holds nothing else up, and is one of the day's alarms itself. */
static void
a_key_that_cannot_be_read_is_told(void **state)
{
	char p12[PATH_SIZE];
	struct db *db = pg_server_open(DB_RW);
	char *text;

	(void)state;
	paths_in(p12, "certs/ITLRecovery.p12");
	assert_int_equal(unlink(p12), 0);
	assert_int_equal(mkdir(p12, 0755), 0);
	db_rows_add_cert(db, server.conf.name, "tomcat", 1);
	db_close(db);
	pg_server_sql("update certificate set notafter = 1");
	age(DAY);
	work_until_lines(3); /* tomcat and tomcat-trust, too */
	text = testing_read(server.root, "log/syslog/CiscoSyslog");
	assert_non_null(strstr(text, "%UC_CERT-0-CertExpired: "));
	assert_non_null(strstr(text,
	    "%UC_CERT-4-ITLRecoveryCertBackup: %[Message=The recovery key "
	    "cannot be read: "));
	free(text);
	pg_server_sql("delete from certificate");
	assert_int_equal(rmdir(p12), 0);
	assert_int_equal(file_replace(p12, "key", 3, 0640, NULL), 0);
}

/* Nothing in the database tells of it any more when it can be read again. */
static void
a_key_that_cannot_be_read_is_noted_later(void **state)
{
	char p12[PATH_SIZE];
	char *before, *after;

	(void)state;
	work();
	before = present_p12();
	paths_in(p12, "certs/ITLRecovery.p12");
	assert_int_equal(unlink(p12), 0);
	assert_int_equal(mkdir(p12, 0755), 0);
	set_it("days", "40");
	work();
	assert_int_equal(rmdir(p12), 0);
	assert_int_equal(file_replace(p12, "new key", 7, 0640, NULL), 0);
	work();
	after = present_p12();
	assert_string_not_equal(before, after);
	free(before);
	free(after);
}

static void
a_new_time_of_day_is_followed(void **state)
{
	char time[16];

	(void)state;
	work();
	clock_strftime(time, sizeof(time), "%H:%M", clock_wall() - 3600);
	set_it("time", time);
	work();
	assert_int_equal(lines(), 0);
	clock_strftime(time, sizeof(time), "%H:%M", clock_wall() + 3600);
	set_it("time", time);
	work();
	assert_int_equal(lines(), 0);
	age(3600);
	work_until_lines(1);
	age(DAY);
	work_until_lines(2);
}

/* It may hide that a day was missed. */
static void
a_broken_note_is_no_first_start(void **state)
{
	(void)state;
	testing_write(server.root, "run/certmon", "x\n");
	begin();
	work_until_lines(1);
	work();
	assert_int_equal(lines(), 1);
}

static void
a_day_waits_for_the_database(void **state)
{
	(void)state;
	work();
	pg_server_halt(&server);
	age(DAY);
	work();
	assert_int_equal(lines(), 0);
	pg_server_resume(&server);
	work_until_lines(1);
}

static void
set_mail(void)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)mail.port);
	set_it("address", "ops@example.com");
	set_it("server", text);
	set_it("email", "enable");
}

static void
one_mail_a_day(void **state)
{
	char *text;

	(void)state;
	smtp_server_start(&mail, SMTP_TAKE);
	set_mail();
	work();
	assert_int_equal(mail.connections, 0);
	age(DAY);
	work_until_messages(1);
	assert_int_equal(lines(), 1);
	work_until_mail_ends();
	begin();
	work();
	assert_int_equal(mail.messages, 1);
	text = smtp_server_take(&mail);
	assert_non_null(strstr(text, "RCPT TO:<ops@example.com>"));
	assert_non_null(strstr(text, "\r\n ITLRecoveryCertBackup\r\n"));
	free(text);
	set_it("email", "disable");
	age(DAY);
	work_until_lines(2);
	work();
	assert_int_equal(mail.messages, 1);
	smtp_server_stop(&mail);
}

static void
a_failed_mail_is_tried_again_in_an_hour(void **state)
{
	unsigned before;

	(void)state;
	smtp_server_start(&mail, SMTP_REFUSE);
	set_mail();
	work();
	age(DAY);
	work_until_lines(1);
	work_until_mail_ends();
	before = mail.connections;
	assert_int_equal(before, 1);
	work();
	assert_int_equal(mail.connections, before);
	mail.mode = SMTP_TAKE;
	age(CERTMON_MAIL_RETRY_S);
	work_until_messages(1);
	assert_int_equal(lines(), 1);
	smtp_server_stop(&mail);
}

static void
an_unsent_mail_survives_a_restart(void **state)
{
	(void)state;
	smtp_server_start(&mail, SMTP_HANG_UP);
	set_mail();
	work();
	age(DAY);
	work_until_lines(1);
	work_until_mail_ends();
	assert_int_equal(mail.messages, 0);
	mail.mode = SMTP_TAKE;
	begin();
	work_until_messages(1);
	work_until_mail_ends();
	work();
	assert_int_equal(mail.messages, 1);
	assert_int_equal(lines(), 1);
	smtp_server_stop(&mail);
}

static void
new_settings_try_again_at_once(void **state)
{
	uint16_t port;

	(void)state;
	smtp_server_start(&mail, SMTP_TAKE);
	port = mail.port;
	mail.port = 1; /* where nobody listens */
	set_mail();
	work();
	age(DAY);
	work_until_lines(1);
	work_until_mail_ends();
	assert_int_equal(mail.messages, 0);
	mail.port = port;
	set_mail();
	work_until_messages(1);
	smtp_server_stop(&mail);
}

/* The next day's alarms do not wait for a server that says nothing. */
static void
silence_holds_up_no_alarm(void **state)
{
	(void)state;
	smtp_server_start(&mail, SMTP_SILENT);
	set_mail();
	work();
	age(DAY);
	work_until_lines(1);
	assert_true(certmon_tick(monitor) <= CERTMON_BUSY_MS);
	age(DAY);
	work_until_lines(2);
	certmon_free(monitor); /* called off */
	monitor = NULL;
	smtp_server_stop(&mail);
}

static void
nobody_is_asked_before_its_time(void **state)
{
	const struct certmon_config config = { .conf = &server.conf,
		.syslog = &quiet,
		.quiet_ms = 3600000,
		.tick_ms = TICK_MS };

	(void)state;
	certmon_free(monitor);
	monitor = certmon_new(&config);
	pg_server_halt(&server);
	age(DAY);
	work();
	assert_int_equal(lines(), 0);
	pg_server_resume(&server);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_new_tomcat_certificate_is_told_once),
		TEST(one_line_a_day_until_it_is_saved),
		TEST(a_key_that_cannot_be_read_is_told),
		TEST(a_key_that_cannot_be_read_is_noted_later),
		TEST(a_new_time_of_day_is_followed),
		TEST(a_broken_note_is_no_first_start),
		TEST(a_day_waits_for_the_database),
		TEST(one_mail_a_day),
		TEST(a_failed_mail_is_tried_again_in_an_hour),
		TEST(an_unsent_mail_survives_a_restart),
		TEST(new_settings_try_again_at_once),
		TEST(silence_holds_up_no_alarm),
		TEST(nobody_is_asked_before_its_time),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
