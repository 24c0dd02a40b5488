#include "base/cert_alarm.h"

#include "base/clock.h"
#include "base/str.h"

#define DAY 86400
#define NAME_MAX_SHOWN 256
#define UNIT_MAX_SHOWN 64

static const struct cert_alarm_text texts[CERT_ALARM_KINDS] = {
	[CERT_ALARM_RECOVERY_BACKUP] = {
	    .name = "ITLRecoveryCertBackup",
	    .severity = ALARM_WARNING,
	    .text = "This cluster has an ITLRecovery certificate that has not "
		    "been backed up. Taking a manual backup of this "
		    "certificate is recommended to avoid the need to manually "
		    "delete the ITL file from every phone in the cluster "
		    "after certain cluster reconfiguration operations.",
	    .explanation = "This alarm indicates that the newly generated ITL "
			   "Recovery Certificate and key have not yet been "
			   "backed up.",
	},
	[CERT_ALARM_APPROACHING] = {
	    .name = "CertExpiryApproaching",
	    .severity = ALARM_INFO,
	    .text = "Information Alarm that Indicates a Certificate Validity "
		    "Period is approaching and the expiry date is within the "
		    "notification window configured .",
	    .explanation = "The end of the certificate has come into the "
			   "notification window.",
	},
	[CERT_ALARM_OVER_30_DAYS] = {
	    .name = "CertValidityOver30Days",
	    .severity = ALARM_NOTICE,
	    .text = "Alarm to Indicate certificate to Expiry is approaching "
		    "but expiry date is more than 30 days .",
	    .explanation = "The certificate ends within the notification "
			   "window, in more than 30 days.",
	},
	[CERT_ALARM_MONTH] = {
	    .name = "CertValidLessThanMonth",
	    .severity = ALARM_WARNING,
	    .text = "Alarm that indicates Certificate Expire in 30 days or "
		    "lesser .",
	    .explanation = "The certificate ends in 30 days or less.",
	},
	[CERT_ALARM_WEEK] = {
	    .name = "CertValidfor7days",
	    .severity = ALARM_CRITICAL,
	    .text = "Alarm to indicate that Certificate has Expired or "
		    "Expires in less than seven days.",
	    .explanation = "The certificate ends in less than seven days.",
	},
	[CERT_ALARM_DAY] = {
	    .name = "CertValidLessthanADay",
	    .severity = ALARM_ALERT,
	    .text = "Certificate is about to Expire in less than 24 hours or "
		    "has Expired .",
	    .explanation = "The certificate ends in less than 24 hours.",
	},
	[CERT_ALARM_EXPIRED] = {
	    .name = "CertExpired",
	    .severity = ALARM_EMERGENCY,
	    .text = "Certificate has Expired and needs to be changed at the "
		    "earliest.",
	    .explanation = "The certificate is not valid any more: whoever "
			   "checks it refuses it.",
	},
	[CERT_ALARM_TOMCAT_REGEN] = {
	    .name = "TomcatCertRegen",
	    .severity = ALARM_CRITICAL,
	    .text = "Alarm that indicates the tomcat certificate is "
		    "regenerated.",
	    .explanation = "This node has a new tomcat certificate.",
	},
};

const struct cert_alarm_text *
cert_alarm_text(enum cert_alarm_kind kind)
{
	return &texts[kind];
}

const char *
cert_alarm_severity_name(enum alarm_severity severity)
{
	switch (severity) {
	case ALARM_EMERGENCY:
		return "Emergency";
	case ALARM_ALERT:
		return "Alert";
	case ALARM_CRITICAL:
		return "Critical";
	case ALARM_ERROR:
		return "Error";
	case ALARM_WARNING:
		return "Warning";
	case ALARM_NOTICE:
		return "Notice";
	case ALARM_INFO:
		return "Informational";
	}
	BUG("no severity %d", (int)severity);
}

bool
cert_alarm_due(int64_t not_after, int64_t now, unsigned days,
    enum cert_alarm_kind *kind, int64_t *since)
{
	const int64_t window = (int64_t)days * DAY;
	const int64_t left = not_after - now;
	int64_t limit = window; /* the alarm is due from this before the end */

	if (left < 0) {
		*kind = CERT_ALARM_EXPIRED;
		*since = not_after + 1;
		return true;
	}
	if (left > window)
		return false;
	if (left < DAY) {
		*kind = CERT_ALARM_DAY;
		limit = DAY - 1;
	} else if (left < (int64_t)7 * DAY) {
		*kind = CERT_ALARM_WEEK;
		limit = (int64_t)7 * DAY - 1;
	} else if (left <= (int64_t)30 * DAY) {
		*kind = CERT_ALARM_MONTH;
		limit = (int64_t)30 * DAY;
	} else if (left <= window - DAY) {
		*kind = CERT_ALARM_OVER_30_DAYS;
		limit = window - DAY;
	} else {
		*kind = CERT_ALARM_APPROACHING;
	}
	*since = not_after - (limit < window ? limit : window);
	return true;
}

char *
cert_alarm_message(char dst[CERT_ALARM_MESSAGE_SIZE],
    const struct cert_alarm_subject *s)
{
	char end[64];

	clock_strftime(end, sizeof(end), "%a %b %d %H:%M:%S:000 %Z",
	    s->not_after);
	(void)str_printf(dst, CERT_ALARM_MESSAGE_SIZE,
	    "Certificate expiration Notification. Certificate name:%.*s.der "
	    "Unit:%.*s Type:%s Expiration:%s",
	    NAME_MAX_SHOWN, s->name, UNIT_MAX_SHOWN, s->unit,
	    s->trust ? "trust-certs" : "own-cert", end);
	return dst;
}

char *
cert_alarm_action(char dst[CERT_ALARM_ACTION_SIZE], enum cert_alarm_kind kind,
    const struct cert_alarm_subject *s)
{
	if (kind == CERT_ALARM_RECOVERY_BACKUP)
		(void)str_copy(dst, CERT_ALARM_ACTION_SIZE,
		    "Use the CLI command \"file get tftp ITLRecovery.p12\" to "
		    "back up the ITL Recovery Certificate as soon as "
		    "possible.");
	else if (s->trust)
		(void)str_copy(dst, CERT_ALARM_ACTION_SIZE,
		    "Renew the certificate where it comes from: on the node "
		    "it is named after, or at its authority.");
	else
		(void)str_printf(dst, CERT_ALARM_ACTION_SIZE,
		    "Use the CLI command \"set cert regen %.*s\" on this "
		    "node, then restart the services that use the "
		    "certificate.",
		    UNIT_MAX_SHOWN, s->unit);
	return dst;
}
