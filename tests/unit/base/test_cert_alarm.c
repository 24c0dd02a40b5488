#include "base/cert_alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY INT64_C(86400)
#define END INT64_C(1500000000)

/* The alarm that is due `left` seconds before END, and since when. */
static void
expect(int64_t left, unsigned days, enum cert_alarm_kind kind, int64_t before)
{
	enum cert_alarm_kind got;
	int64_t since;

	assert_true(cert_alarm_due(END, END - left, days, &got, &since));
	assert_int_equal(got, kind);
	assert_int_equal(END - since, before);
	assert_true(since <= END - left);
	/* at that very moment it is due already, and not a second before */
	assert_true(cert_alarm_due(END, since, days, &got, &since));
	assert_int_equal(got, kind);
	if (cert_alarm_due(END, END - before - 1, days, &got, &since))
		assert_int_not_equal(got, kind);
}

static void
thresholds_are_those_of_the_catalogue(void **state)
{
	enum cert_alarm_kind kind;
	int64_t since;

	(void)state;
	assert_false(
	    cert_alarm_due(END, END - 60 * DAY - 1, 60, &kind, &since));
	expect(60 * DAY, 60, CERT_ALARM_APPROACHING, 60 * DAY);
	expect(59 * DAY + 1, 60, CERT_ALARM_APPROACHING, 60 * DAY);
	expect(59 * DAY, 60, CERT_ALARM_OVER_30_DAYS, 59 * DAY);
	expect(30 * DAY + 1, 60, CERT_ALARM_OVER_30_DAYS, 59 * DAY);
	expect(30 * DAY, 60, CERT_ALARM_MONTH, 30 * DAY);
	expect(7 * DAY, 60, CERT_ALARM_MONTH, 30 * DAY);
	expect(7 * DAY - 1, 60, CERT_ALARM_WEEK, 7 * DAY - 1);
	expect(DAY, 60, CERT_ALARM_WEEK, 7 * DAY - 1);
	expect(DAY - 1, 60, CERT_ALARM_DAY, DAY - 1);
	expect(0, 60, CERT_ALARM_DAY, DAY - 1);
	expect(-1, 60, CERT_ALARM_EXPIRED, -1);
	expect(-1000 * DAY, 60, CERT_ALARM_EXPIRED, -1);
}

static void
nothing_is_due_before_the_window(void **state)
{
	enum cert_alarm_kind kind;
	int64_t since;

	(void)state;
	assert_false(cert_alarm_due(END, END - 5 * DAY - 1, 5, &kind, &since));
	expect(5 * DAY, 5, CERT_ALARM_WEEK, 5 * DAY);
	expect(20 * DAY, 20, CERT_ALARM_MONTH, 20 * DAY);
	expect(DAY, 1, CERT_ALARM_WEEK, DAY);
	expect(-1, 1, CERT_ALARM_EXPIRED, -1);
	/* the first day of a window of 30 or 31 days */
	expect(30 * DAY, 30, CERT_ALARM_MONTH, 30 * DAY);
	expect(31 * DAY, 31, CERT_ALARM_APPROACHING, 31 * DAY);
	expect(30 * DAY + 1, 31, CERT_ALARM_APPROACHING, 31 * DAY);
}

static void
the_catalogue(void **state)
{
	static const struct {
		const char *name;
		enum cert_alarm_kind kind;
		enum alarm_severity severity;
	} known[] = {
		{ "ITLRecoveryCertBackup", CERT_ALARM_RECOVERY_BACKUP, 4 },
		{ "CertExpiryApproaching", CERT_ALARM_APPROACHING, 6 },
		{ "CertValidityOver30Days", CERT_ALARM_OVER_30_DAYS, 5 },
		{ "CertValidLessThanMonth", CERT_ALARM_MONTH, 4 },
		{ "CertValidfor7days", CERT_ALARM_WEEK, 2 },
		{ "CertValidLessthanADay", CERT_ALARM_DAY, 1 },
		{ "CertExpired", CERT_ALARM_EXPIRED, 0 },
		{ "TomcatCertRegen", CERT_ALARM_TOMCAT_REGEN, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < CERT_ALARM_KINDS; i++) {
		const struct cert_alarm_text *t =
		    cert_alarm_text(known[i].kind);

		assert_string_equal(t->name, known[i].name);
		assert_int_equal(t->severity, known[i].severity);
		assert_true(strlen(t->text) > 0 && strlen(t->explanation) > 0);
	}
	assert_string_equal(cert_alarm_text(CERT_ALARM_RECOVERY_BACKUP)->text,
	    "This cluster has an ITLRecovery certificate that has not been "
	    "backed up. Taking a manual backup of this certificate is "
	    "recommended to avoid the need to manually delete the ITL file "
	    "from every phone in the cluster after certain cluster "
	    "reconfiguration operations.");
	assert_string_equal(cert_alarm_severity_name(ALARM_WARNING), "Warning");
	assert_string_equal(cert_alarm_severity_name(ALARM_EMERGENCY),
	    "Emergency");
}

static void
the_message_names_the_certificate(void **state)
{
	struct cert_alarm_subject s = { .name = "tomcat",
		.unit = "tomcat",
		.not_after = INT64_C(1490524259) };
	char text[CERT_ALARM_MESSAGE_SIZE];
	char name[2000];

	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	assert_string_equal(cert_alarm_message(text, &s),
	    "Certificate expiration Notification. Certificate name:tomcat.der "
	    "Unit:tomcat Type:own-cert Expiration:Sun Mar 26 12:30:59:000 "
	    "CEST");
	s.trust = true;
	s.unit = "tomcat-trust";
	assert_non_null(strstr(cert_alarm_message(text, &s),
	    " Unit:tomcat-trust Type:trust-certs "));
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	s.name = name;
	assert_non_null(strstr(cert_alarm_message(text, &s), "xxx.der Unit:"));
	assert_non_null(strstr(text, "CEST"));
	assert_int_equal(unsetenv("TZ"), 0);
}

static void
the_action_names_the_command(void **state)
{
	struct cert_alarm_subject s = { .name = "TVS", .unit = "TVS" };
	char text[CERT_ALARM_ACTION_SIZE];

	(void)state;
	assert_string_equal(cert_alarm_action(text, CERT_ALARM_RECOVERY_BACKUP,
				NULL),
	    "Use the CLI command \"file get tftp ITLRecovery.p12\" to back up "
	    "the ITL Recovery Certificate as soon as possible.");
	assert_non_null(strstr(cert_alarm_action(text, CERT_ALARM_WEEK, &s),
	    "\"set cert regen TVS\""));
	s.trust = true;
	assert_null(
	    strstr(cert_alarm_action(text, CERT_ALARM_WEEK, &s), "regen"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thresholds_are_those_of_the_catalogue),
		cmocka_unit_test(nothing_is_due_before_the_window),
		cmocka_unit_test(the_catalogue),
		cmocka_unit_test(the_message_names_the_certificate),
		cmocka_unit_test(the_action_names_the_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
