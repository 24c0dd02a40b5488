/*
 * Raising the certificate monitor's alarms: CiscoSyslog of the node,
 * syslog(3), table alarm of the cluster.
 */
#ifndef SERVICES_CERTMON_RAISE_H
#define SERVICES_CERTMON_RAISE_H

#include "base/nodeconf.h"
#include "db/cert_alarms.h"

/* Where the lines go besides CiscoSyslog; a test hands in its own. */
struct certmon_syslog {
	/* priority as of syslog(3). */
	void (*line)(void *self, int priority, const char *text);
	void *self;
};

/* The real one: syslog(3), facility local7. */
extern const struct certmon_syslog certmon_syslog_real;

/*
 * A line for each alarm in CiscoSyslog and in syslog.  -1 when one could not
 * be written to CiscoSyslog; the others are.
 */
int certmon_raise_lines(const struct nodeconf *conf,
    const struct cert_alarm_list *l, const struct certmon_syslog *syslog,
    struct err *e);

/*
 * A row for each in the publisher's database, and what is too old goes.  May
 * take as long as opening a database does.
 */
int certmon_raise_rows(const struct nodeconf *conf,
    const struct cert_alarm_list *l, struct err *e);

#endif
