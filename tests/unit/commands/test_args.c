#include "commands/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/parameter.h"
#include "cluster/cert_unit.h"

static void
units_are_those_of_the_cluster(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < cert_units_n; i++)
		assert_string_equal(arg_units[i], cert_units[i]);
	assert_null(arg_units[i]);
}

static void
an_unknown_unit_is_answered_with_the_known_ones(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(arg_unit.check("CallManager", &e), 0);
	assert_int_equal(arg_unit.check("callmanager", &e), -1);
	assert_string_equal(e.msg,
	    "\"callmanager\" is not a certificate unit. The units are: "
	    "tomcat, ipsec, ITLRecovery, CallManager, CAPF, TVS.");
	assert_int_equal(arg_unit.check("\033]0;x", &e), -1);
	assert_null(strchr(e.msg, '\033'));
}

static void
own_certificates_have_two_names(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(arg_own_cert.check("TVS", &e), 0);
	assert_int_equal(arg_own_cert.check("TVS/TVS.pem", &e), 0);
	assert_int_equal(arg_own_cert.check("TVS/../../x", &e), -1);
	assert_int_equal(arg_own_cert.check("TVS/CAPF.pem", &e), -1);
}

static void
minutes_have_limits(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(arg_minutes.check("5", &e), 0);
	assert_int_equal(arg_minutes.check("99999", &e), 0);
	assert_int_equal(arg_minutes.check("4", &e), -1);
	assert_int_equal(arg_minutes.check("100000", &e), -1);
	assert_int_equal(arg_minutes.check("-5", &e), -1);
	assert_int_equal(arg_minutes.check("5m", &e), -1);
	assert_string_equal(e.msg,
	    "The time-out is a number of minutes from 5 to 99999.");
}

static void
settings_of_the_certificate_monitor(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(arg_email.check("a@b,c@d", &e), 0);
	assert_int_equal(arg_email.check("a@b\nBcc: c@d", &e), -1);
	assert_null(strchr(e.msg, '\n'));
	assert_int_equal(arg_mail_server.check("mail:587", &e), 0);
	assert_int_equal(arg_mail_server.check("mail:x", &e), -1);
	assert_int_equal(arg_notify_days.check("30", &e), 0);
	assert_int_equal(arg_notify_days.check("0", &e), -1);
	assert_int_equal(arg_time_of_day.check("09:00", &e), 0);
	assert_int_equal(arg_time_of_day.check("9", &e), -1);
}

/* Completion offers what the table has. */
static void
parameters_are_those_of_the_table(void **state)
{
	const char *const *known = arg_parameter.values;
	const char *const *set = arg_parameter_value.values;
	struct err e = ERR_INIT;
	char text[128];

	(void)state;
	for (size_t i = 0; i < parameter_table_n; i++) {
		const struct parameter *p = &parameter_table[i];

		assert_string_equal(*known++, p->name);
		for (size_t k = 0; p->values != NULL && p->values[k] != NULL;
		     k++) {
			(void)str_printf(text, sizeof(text), "%s %s", p->name,
			    p->values[k]);
			assert_string_equal(*set++, text);
		}
		if (p->allowed != NULL && p->values == NULL)
			assert_string_equal(*set++, p->name);
	}
	assert_null(*known);
	assert_null(*set);
	assert_int_equal(arg_parameter.check("Cluster ID", &e), 0);
	assert_int_equal(arg_parameter.check("Cluster", &e), -1);
	assert_int_equal(arg_parameter_value.check("Cluster ID \"A\"", &e), 0);
	assert_int_equal(arg_parameter_value.check("Cluster ID A B", &e), -1);
	assert_int_equal(arg_parameter_value.check("Colour red", &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_those_of_the_cluster),
		cmocka_unit_test(
		    an_unknown_unit_is_answered_with_the_known_ones),
		cmocka_unit_test(own_certificates_have_two_names),
		cmocka_unit_test(minutes_have_limits),
		cmocka_unit_test(settings_of_the_certificate_monitor),
		cmocka_unit_test(parameters_are_those_of_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
