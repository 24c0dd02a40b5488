/*
 * What the certificate monitor asks this node's database: one connection,
 * opened when first asked and again after a failure.
 */
#ifndef SERVICES_CERTMON_SOURCE_H
#define SERVICES_CERTMON_SOURCE_H

#include <stdbool.h>

#include "base/cert_monitor.h"
#include "base/nodeconf.h"
#include "db/cert_alarms.h"
#include "db/certs.h"

struct certmon_source {
	struct db *db; /* NULL: not open */
	bool known; /* `counter` was read over this connection */
	uint64_t counter; /* of changes */
};

#define CERTMON_SOURCE_INIT                              \
	{                                                \
		.db = NULL, .known = false, .counter = 0 \
	}

/*
 * Fill in *settings if the change counter has moved since the last call, or
 * the connection is a new one; *changed says so.  On failure the connection
 * is closed.
 */
int certmon_source_poll(struct certmon_source *s, struct cert_monitor *settings,
    bool *changed, struct err *e);

/*
 * On the publisher: the database learns which ITLRecovery.p12 there is, so
 * that it knows since when one is not saved.  0 also for a file that cannot
 * be read: *unread says why, and nothing is noted; its code is ERR_NONE when
 * all is well.
 */
int certmon_source_note(struct certmon_source *s, const struct nodeconf *conf,
    struct err *unread, struct err *e);

/*
 * The alarms that are active on this node now; release *out.  On the
 * publisher the file certs/ITLRecovery.p12 is looked at; when it cannot be read
 * its alarm says so.
 */
int certmon_source_active(struct certmon_source *s, const struct nodeconf *conf,
    unsigned days, struct cert_alarm_list *out, struct err *e);

/*
 * The fingerprint of the node's own tomcat certificate; "" when there is
 * none.
 */
int certmon_source_tomcat(struct certmon_source *s, const struct nodeconf *conf,
    char sha256[CERTS_SHA256_SIZE], struct err *e);

/* Close the connection. */
void certmon_source_close(struct certmon_source *s);

#endif
