#include "commands/args.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cert_monitor.h"
#include "base/mem.h"
#include "base/parameter.h"
#include "base/str.h"

#define SHOWN_MAX 80 /* of a wrong value in a message */

const char *const arg_units[] = { "tomcat", "ipsec", "ITLRecovery",
	"CallManager", "CAPF", "TVS", NULL };

static const char *const own_certs[] = { "tomcat/tomcat.pem", "ipsec/ipsec.pem",
	"ITLRecovery/ITLRecovery.pem", "CallManager/CallManager.pem",
	"CAPF/CAPF.pem", "TVS/TVS.pem", NULL };

/* For completion; which of them a node has, its agent knows. */
static const char *const services[] = { "A Cisco DB", "Cisco CallManager",
	"Cisco Certificate Authority Proxy Function",
	"Cisco Certificate Expiry Monitor", "Cisco Tftp",
	"Cisco Trust Verification Service", "Cluster Manager",
	"Service Manager", "System SSH", NULL };

/* For completion. */
static const char *const parameters[] = { "Alternate Cisco File Servers",
	"Cluster ID", "ClusterSecurityMode", "TFTP File Signature Algorithm",
	"TVS Trace File Size", "TVS Trace Files", "TVS Trace Level", NULL };
static const char *const settings[] = { "Alternate Cisco File Servers",
	"Cluster ID", "TFTP File Signature Algorithm SHA-1",
	"TFTP File Signature Algorithm SHA-512", "TVS Trace File Size",
	"TVS Trace Files", "TVS Trace Level Off", "TVS Trace Level Error",
	"TVS Trace Level Significant", "TVS Trace Level Detailed", NULL };

static bool
has_value(const char *const *values, const char *text)
{
	size_t i;

	for (i = 0; values[i] != NULL; i++) {
		if (str_equal(values[i], text))
			return true;
	}
	return false;
}

static int
unknown_unit(const char *text, struct err *e)
{
	char shown[SHOWN_MAX], known[256];
	size_t i, len = 0;

	known[0] = '\0';
	for (i = 0; arg_units[i] != NULL; i++) {
		len += (size_t)snprintf(known + len, sizeof(known) - len,
		    "%s%s", i == 0 ? "" : ", ", arg_units[i]);
	}
	str_visible(shown, sizeof(shown), text, strlen(text));
	return err_set(e, ERR_USAGE,
	    "\"%s\" is not a certificate unit. The units are: %s.", shown,
	    known);
}

static int
check_unit(const char *text, struct err *e)
{
	if (has_value(arg_units, text))
		return 0;
	return unknown_unit(text, e);
}

static int
check_own_cert(const char *text, struct err *e)
{
	if (has_value(arg_units, text) || has_value(own_certs, text))
		return 0;
	return unknown_unit(text, e);
}

static int
check_minutes(const char *text, struct err *e)
{
	uint64_t n;

	if (str_number(text, ARG_MINUTES_MIN, ARG_MINUTES_MAX, &n) == 0)
		return 0;
	return err_set(e, ERR_USAGE,
	    "The time-out is a number of minutes from %d to %d.",
	    ARG_MINUTES_MIN, ARG_MINUTES_MAX);
}

static int
check_port(const char *text, struct err *e)
{
	uint64_t n;

	if (str_number(text, 1, UINT16_MAX, &n) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "A port is a number from 1 to %d.",
	    UINT16_MAX);
}

static int
check_email(const char *text, struct err *e)
{
	return cert_monitor_addresses(text, NULL, e);
}

static int
check_mail_server(const char *text, struct err *e)
{
	char host[CERT_MONITOR_HOST_SIZE];
	uint16_t port;

	return cert_monitor_server(text, host, &port, e);
}

static int
check_notify_days(const char *text, struct err *e)
{
	unsigned days;

	return cert_monitor_days(text, &days, e);
}

static int
check_time_of_day(const char *text, struct err *e)
{
	unsigned minute;

	return cert_monitor_time(text, &minute, e);
}

static int
check_parameter(const char *text, struct err *e)
{
	return parameter_find(text, e) != NULL ? 0 : -1;
}

static int
check_parameter_value(const char *text, struct err *e)
{
	const char *at;
	size_t len;
	const struct parameter *p = parameter_split(text, &at, &len, e);
	char *value;
	int rc;

	if (p == NULL)
		return -1;
	value = mem_strndup(at, len);
	rc = parameter_check(p, value, e);
	free(value);
	return rc;
}

const struct cmd_type arg_unit = {
	.check = check_unit,
	.values = arg_units,
};

const struct cmd_type arg_own_cert = {
	.check = check_own_cert,
	.values = own_certs,
};

const struct cmd_type arg_trust_cert = { .check = NULL };

const struct cmd_type arg_service = {
	.rest = true,
	.values = services,
};

const struct cmd_type arg_parameter = {
	.rest = true,
	.check = check_parameter,
	.values = parameters,
};

const struct cmd_type arg_parameter_value = {
	.rest = true,
	.check = check_parameter_value,
	.values = settings,
};

const struct cmd_type arg_text = {
	.quoted = true,
};

const struct cmd_type arg_sql = {
	.rest = true,
	.continues = true,
};

const struct cmd_type arg_minutes = { .check = check_minutes };

const struct cmd_type arg_email = { .check = check_email };

const struct cmd_type arg_mail_server = { .check = check_mail_server };

const struct cmd_type arg_notify_days = { .check = check_notify_days };

const struct cmd_type arg_time_of_day = { .check = check_time_of_day };

const struct cmd_type arg_port = { .check = check_port };

const struct cmd_type arg_command = {
	.rest = true,
	.command = true,
};
