#include "services/certmon_raise.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"

static struct pg_server server;
static struct wbuf logged;

/* "PRIORITY TEXT\n" */
static void
note(void *self, int priority, const char *text)
{
	wbuf_printf(self, "%d %s\n", priority, text);
}

static const struct certmon_syslog fake = { .line = note, .self = &logged };

static struct cert_alarm alarms[] = {
	{ .kind = CERT_ALARM_RECOVERY_BACKUP },
	{ .kind = CERT_ALARM_EXPIRED, .message = "tomcat\nis 'gone'" },
};
static const struct cert_alarm_list list = { .item = alarms, .n = 2 };

static int
start(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	pg_server_start_migrated(&server);
	(void)mkdir(paths_in(path, "log"), 0755);
	(void)mkdir(paths_in(path, "log/syslog"), 0755);
	wbuf_init(&logged, 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	wbuf_release(&logged);
	pg_server_stop(&server);
	return 0;
}

static void
lines_in_both_logs(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	assert_int_equal(certmon_raise_lines(&server.conf, &list, &fake, &e),
	    0);
	text = testing_read(server.root, "log/syslog/CiscoSyslog");
	assert_non_null(text);
	assert_non_null(strstr(text,
	    " UTC :  %UC_CERT-4-ITLRecoveryCertBackup: %[Message=]"
	    "[AppID=Cisco Certificate Monitor][ClusterID=][NodeID=pub1]: "
	    "This cluster has an ITLRecovery certificate that has not been "
	    "backed up."));
	assert_non_null(strstr(text,
	    "%UC_CERT-0-CertExpired: %[Message=tomcat\\nis 'gone']"
	    "[AppID=Cisco Certificate Monitor]"));
	free(text);
	wbuf_u8(&logged, '\0');
	assert_true(str_starts((const char *)logged.data,
	    "4 %UC_CERT-4-ITLRecoveryCertBackup: %[Message=][AppID="));
	assert_non_null(
	    strstr((const char *)logged.data, "\n0 %UC_CERT-0-CertExpired: "));
}

/* The real one takes whatever it is given as text. */
static void
percent_signs_do_no_harm(void **state)
{
	(void)state;
	certmon_syslog_real.line(certmon_syslog_real.self, LOG_INFO,
	    "%s%n%UC_CERT");
}

static void
rows_in_the_database(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(certmon_raise_rows(&server.conf, &list, &e), 0);
	pg_server_sql("do $$ begin"
		      " if (select count(*) from alarm where node = 'pub1'"
		      "  and facility = 'UC_CERT' and raised > 0) <> 2"
		      " or not exists (select from alarm where severity = 0"
		      "  and name = 'CertExpired'"
		      "  and message like 'tomcat%''gone'': Certificate has%')"
		      " or not exists (select from alarm where severity = 4"
		      "  and message like 'This cluster has an ITLRec%') then"
		      "  raise exception 'rows differ';"
		      " end if; end $$");
}

static void
a_log_that_cannot_be_written(void **state)
{
	struct nodeconf conf = server.conf;
	struct err e = ERR_INIT;
	char *other = testing_dir();

	(void)state;
	wbuf_release(&logged);
	wbuf_init(&logged, 0);
	paths_set_root(other);
	assert_int_equal(certmon_raise_lines(&conf, &list, &fake, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	/* syslog has them all the same */
	wbuf_u8(&logged, '\0');
	assert_non_null(strstr((const char *)logged.data, "CertExpired"));
	/* nor is there a database */
	assert_int_equal(certmon_raise_rows(&conf, &list, &e), -1);
	testing_dir_remove(other);
	pg_server_use(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_in_both_logs),
		cmocka_unit_test(percent_signs_do_no_harm),
		cmocka_unit_test(rows_in_the_database),
		cmocka_unit_test(a_log_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
