/*
 * Alarms: lines of activelog syslog/CiscoSyslog (cli-reference 16), written
 * by any process of the node.
 */
#ifndef BASE_ALARM_H
#define BASE_ALARM_H

#include <stddef.h>

#include "base/err.h"

#define ALARM_FILE_MAX 1048576 /* then CiscoSyslog becomes .1 */
#define ALARM_FILES_KEPT 9 /* CiscoSyslog.1 to .9 */

/* Severities as in syslog: the lower, the worse. */
enum alarm_severity {
	ALARM_EMERGENCY = 0,
	ALARM_ALERT = 1,
	ALARM_CRITICAL = 2,
	ALARM_ERROR = 3,
	ALARM_WARNING = 4,
	ALARM_NOTICE = 5,
	ALARM_INFO = 6
};

struct alarm_param {
	const char *name; /* "AppID" */
	const char *value; /* may be empty */
};

struct alarm {
	const char *host; /* name of the node */
	const char *facility; /* "UC_CERT" */
	enum alarm_severity severity;
	const char *name; /* "ITLRecoveryCertBackup" */
	const struct alarm_param *params; /* in this order */
	size_t param_count;
	const char *text; /* the sentence */
};

/*
 * Append one line for the alarm to CiscoSyslog in the directory dir (NULL:
 * log/syslog of the node, which must exist).  Texts are made visible first.
 */
int alarm_raise(const char *dir, const struct alarm *a, struct err *e);

/*
 * The line's part from "%UC_CERT-4-…" on, for a log that writes time and host
 * itself.  Free with free().
 */
char *alarm_body(const struct alarm *a);

#endif
