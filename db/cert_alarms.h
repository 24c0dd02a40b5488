/*
 * Which alarms about certificates are active on a node: looked up in the
 * database, whether or not they have been raised.
 */
#ifndef DB_CERT_ALARMS_H
#define DB_CERT_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cert_alarm.h"
#include "db/db.h"

struct cert_alarm {
	enum cert_alarm_kind kind;
	int64_t since; /* seconds since 1970; 0: not known */
	/* "" of the recovery key, unless it cannot be read */
	char message[CERT_ALARM_MESSAGE_SIZE];
	char action[CERT_ALARM_ACTION_SIZE];
};

struct cert_alarm_list {
	struct cert_alarm *item; /* owned */
	size_t n;
};

#define CERT_ALARM_LIST_INIT         \
	{                            \
		.item = NULL, .n = 0 \
	}

/* Free them; the list is empty.  NULL-safe. */
void cert_alarm_list_release(struct cert_alarm_list *l);

/* Whose alarms, and when. */
struct cert_alarm_query {
	const char *node;
	int64_t now; /* seconds since 1970 */
	unsigned days; /* before its end a certificate's alarms begin */
	/*
	 * Those of the trusted ones, too: the cluster has them once, and one
	 * node, the publisher, answers for them.
	 */
	bool trust;
	/*
	 * Of the publisher's ITLRecovery.p12, lower-case hex: db is its
	 * database, and learns of this file.  NULL: a subscriber.
	 */
	const char *p12_sha256;
	/*
	 * Instead of it: why the publisher's file cannot be read.  Then it
	 * cannot be saved, and the alarm's message says why.  NULL: it can.
	 */
	const char *p12_trouble;
};

/*
 * The active ones: the recovery key's first, then those of the node's own
 * certificates, then, if asked for, those of the trusted ones.  A certificate
 * that is in the trust of several units counts for each.  Release *out; on
 * failure it is empty.
 */
int cert_alarms_active(struct db *db, const struct cert_alarm_query *q,
    struct cert_alarm_list *out, struct err *e);

#endif
