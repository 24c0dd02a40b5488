/*
 * The rows of a rebuilt publisher in the database that it got from a
 * subscriber, where still those of the lost one stand.
 */
#ifndef NODE_RESTORE_ROWS_H
#define NODE_RESTORE_ROWS_H

#include "base/buffer.h"
#include "base/err.h"
#include "base/nodeconf.h"
#include "node/pledge.h"

struct restore_rows {
	const struct nodeconf *conf;
	const struct pledge *pledge;
};

/*
 * Work of user ucm, with the database a primary and its tables up to date;
 * may be repeated.  The publisher's node gets the pledged keys, its units the
 * certificates in certs/ in place of the lost ones, every subscriber its
 * replication slot.  arg: struct restore_rows.  No reply.
 */
int restore_rows_record(void *arg, struct wbuf *reply, struct err *e);

#endif
