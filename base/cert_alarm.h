/*
 * The alarms of the certificate monitor (cli-reference 16): what they are
 * called, what they say, and which one a certificate is due.  Pure.
 */
#ifndef BASE_CERT_ALARM_H
#define BASE_CERT_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alarm.h"

#define CERT_ALARM_FACILITY "UC_CERT"
#define CERT_ALARM_APP "Cisco Certificate Monitor"
#define CERT_ALARM_MESSAGE_SIZE 1024
#define CERT_ALARM_ACTION_SIZE 256

enum cert_alarm_kind {
	CERT_ALARM_RECOVERY_BACKUP, /* the recovery key is not saved outside */
	CERT_ALARM_APPROACHING, /* the first day of the window */
	CERT_ALARM_OVER_30_DAYS,
	CERT_ALARM_MONTH, /* 30 days or less */
	CERT_ALARM_WEEK, /* less than 7 days */
	CERT_ALARM_DAY, /* less than 24 hours */
	CERT_ALARM_EXPIRED,
	CERT_ALARM_TOMCAT_REGEN, /* raised once, never active */
	CERT_ALARM_KINDS /* how many */
};

/* One line of the catalogue. */
struct cert_alarm_text {
	const char *name; /* "ITLRecoveryCertBackup" */
	enum alarm_severity severity;
	const char *text; /* the sentence of its log line */
	const char *explanation;
};

const struct cert_alarm_text *cert_alarm_text(enum cert_alarm_kind kind);

/* "Emergency" to "Informational". */
const char *cert_alarm_severity_name(enum alarm_severity severity);

/*
 * The alarm that a certificate valid until not_after is due at now, when
 * alarms begin `days` days before that end; *since gets when it began to be
 * due.  False: none.
 */
bool cert_alarm_due(int64_t not_after, int64_t now, unsigned days,
    enum cert_alarm_kind *kind, int64_t *since);

/* A certificate as alarms name it. */
struct cert_alarm_subject {
	const char *name; /* "tomcat", or the common name of a trusted one */
	const char *unit; /* "tomcat", "CallManager-trust" */
	bool trust; /* not this node's own */
	int64_t not_after;
};

/*
 * "Certificate expiration Notification. Certificate name:tomcat.der
 * Unit:tomcat Type:own-cert Expiration:Sun Mar 26 12:30:59:000 CEST".  A
 * name that is too long is cut.  Returns dst.
 */
char *cert_alarm_message(char dst[CERT_ALARM_MESSAGE_SIZE],
    const struct cert_alarm_subject *s);

/*
 * What to do about it.  s is ignored for CERT_ALARM_RECOVERY_BACKUP.
 * Returns dst.
 */
char *cert_alarm_action(char dst[CERT_ALARM_ACTION_SIZE],
    enum cert_alarm_kind kind, const struct cert_alarm_subject *s);

#endif
