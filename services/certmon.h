/*
 * The certificate monitor of a node: once a day, at the time of day that is
 * set, it raises every alarm that is active, and sends one e-mail about them
 * when that is enabled.
 *
 * The first run is at the first such time after the first start.  One that
 * passed while the service did not run is made up for at its next start, once
 * for all days missed.  An e-mail that cannot be sent is tried
 * again every hour, with the alarms of that time, until the next run or
 * until no alarm is active; when the settings change, at once.
 */
#ifndef SERVICES_CERTMON_H
#define SERVICES_CERTMON_H

#include <stdbool.h>

#include "base/nodeconf.h"
#include "services/certmon_raise.h"

#define CERTMON_TICK_MS 1000
#define CERTMON_BUSY_MS 20 /* the same while an e-mail is under way */
#define CERTMON_QUIET_MS 5000 /* after the start others come first */
#define CERTMON_RETRY_MS 5000 /* while the database does not answer */
#define CERTMON_MAIL_RETRY_S 3600

struct certmon;

struct certmon_config {
	const struct nodeconf *conf; /* lent */
	const struct certmon_syslog *syslog;
	unsigned quiet_ms; /* CERTMON_QUIET_MS */
	unsigned tick_ms; /* CERTMON_TICK_MS and CERTMON_RETRY_MS */
	unsigned retry_ms;
};

/*
 * Reads what was done before, or notes that this is the first start; asks
 * nobody yet.  Free with certmon_free().
 */
struct certmon *certmon_new(const struct certmon_config *config);

/* An e-mail under way is called off; the next start sends it.  NULL-safe. */
void certmon_free(struct certmon *m);

/*
 * Do what is due; returns after how many milliseconds to call again.
 * Failures are logged, each once.
 */
unsigned certmon_tick(struct certmon *m);

#endif
