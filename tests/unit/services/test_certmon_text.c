#include "services/certmon_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

#define NOW INT64_C(1393410267) /* 2014-02-26 10:24:27 UTC */

static const struct nodeconf conf = { .name = "test10pub",
	.domain = "joemar2.lab",
	.address = "127.0.10.1" };

static int
utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC", 1);
}

static struct cert_alarm
recovery(void)
{
	struct cert_alarm a = { .kind = CERT_ALARM_RECOVERY_BACKUP,
		.since = NOW - 86400 };

	(void)cert_alarm_action(a.action, a.kind, NULL);
	return a;
}

static char *
text_of(struct cert_alarm *a, size_t n, const char *to)
{
	const struct cert_alarm_list l = { .item = a, .n = n };

	return certmon_text(&conf, to, NOW, &l);
}

/* Every line ends CR LF, is short, printable and ASCII. */
static void
check_lines(const char *text)
{
	const char *p = text;

	assert_true(str_ends(text, "\r\n"));
	while (*p != '\0') {
		size_t n = strcspn(p, "\r\n");
		size_t i;

		assert_true(n <= 200);
		for (i = 0; i < n; i++)
			assert_true(p[i] >= ' ' && p[i] < 0x7f);
		assert_memory_equal(p + n, "\r\n", 2);
		p += n + 2;
	}
}

static void
sender_and_name(void **state)
{
	struct nodeconf alone = { .name = "pub" };
	char from[CERTMON_FROM_SIZE];
	char fqdn[NODE_NAME_SIZE + NODE_DOMAIN_SIZE];

	(void)state;
	certmon_text_from(from, &conf);
	assert_string_equal(from, "ucm-certmon@test10pub.joemar2.lab");
	certmon_text_fqdn(fqdn, &alone);
	assert_string_equal(fqdn, "pub");
}

static void
one_alarm(void **state)
{
	struct cert_alarm a = recovery();
	char *text = text_of(&a, 1, "ops@example.com");

	(void)state;
	check_lines(text);
	assert_true(str_starts(text,
	    "Date: Wed, 26 Feb 2014 10:24:27 +0000\r\n"
	    "From: Cisco Certificate Monitor "
	    "<ucm-certmon@test10pub.joemar2.lab>\r\n"
	    "To: ops@example.com\r\n"
	    "Message-ID: <1393410267."));
	assert_non_null(strstr(text,
	    "\r\nSubject: test10pub: 1 certificate alarm:\r\n"
	    " ITLRecoveryCertBackup\r\n"));
	assert_non_null(strstr(text, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_non_null(strstr(text,
	    "\r\n\r\nNode test10pub.joemar2.lab (127.0.10.1) has 1 certificate "
	    "alarm.\r\n"));
	assert_non_null(strstr(text,
	    "\r\nName: ITLRecoveryCertBackup\r\n"
	    "Severity: Warning\r\n"
	    "App ID: Cisco Certificate Monitor\r\n"
	    "Description: This cluster has an ITLRecovery certificate that "
	    "has not been\r\n    backed up."));
	assert_non_null(strstr(text, "\"file get tftp ITLRecovery.p12\""));
	assert_non_null(
	    strstr(text, "Active Since: Tue Feb 25 10:24:27 UTC 2014\r\n"));
	assert_null(strstr(text, "Message: "));
	free(text);
}

static void
several_alarms_worst_first(void **state)
{
	struct cert_alarm a[3] = { recovery(), { .kind = CERT_ALARM_EXPIRED },
		{ .kind = CERT_ALARM_EXPIRED } };
	char *text;

	(void)state;
	(void)str_copy(a[1].message, sizeof(a[1].message), "about tomcat");
	text = text_of(a, 3, "a@b,c@d");
	check_lines(text);
	assert_non_null(strstr(text,
	    "Subject: test10pub: 3 certificate alarms:\r\n"
	    " CertExpired, ITLRecoveryCertBackup\r\n"));
	assert_non_null(strstr(text, "\r\nTo: a@b,\r\n c@d\r\n"));
	assert_non_null(strstr(text, "\r\nMessage: about tomcat\r\n"));
	free(text);
}

/* What a certificate calls itself adds no field, no line and no end. */
static void
nothing_can_be_injected(void **state)
{
	struct cert_alarm a = { .kind = CERT_ALARM_WEEK };
	char *text;
	size_t i;

	(void)state;
	(void)str_copy(a.message, sizeof(a.message),
	    "x\r\nBcc: evil@example.com\r\n\r\n.\r\nQUIT\r\n\033]0;x\007 "
	    "\xc3\xa4 \xff");
	(void)str_copy(a.action, sizeof(a.action), "y\n.\nz");
	text = text_of(&a, 1, "ops@example.com");
	check_lines(text);
	assert_null(strstr(text, "\nBcc:"));
	assert_null(strstr(text, "\n."));
	assert_null(strstr(text, "\nQUIT"));
	assert_non_null(strstr(text, "\\xc3\\xa4"));
	free(text);
	/* one word without an end is cut into lines */
	for (i = 0; i < sizeof(a.message) - 1; i++)
		a.message[i] = '.';
	a.message[i] = '\0';
	text = text_of(&a, 1, "ops@example.com");
	check_lines(text);
	assert_null(strstr(text, "\n."));
	free(text);
}

static void
no_two_have_one_id(void **state)
{
	struct cert_alarm a = recovery();
	char *one = text_of(&a, 1, "a@b");
	char *other = text_of(&a, 1, "a@b");

	(void)state;
	assert_string_not_equal(one, other);
	free(one);
	free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sender_and_name),
		cmocka_unit_test(one_alarm),
		cmocka_unit_test(several_alarms_worst_first),
		cmocka_unit_test(nothing_can_be_injected),
		cmocka_unit_test(no_two_have_one_id),
	};

	return cmocka_run_group_tests(tests, utc, NULL);
}
