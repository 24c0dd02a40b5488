/*
 * What ucm-node phone does with the database, as the service user.
 */
#ifndef NODE_PHONE_WORK_H
#define NODE_PHONE_WORK_H

#include "base/buffer.h"
#include "base/nodeconf.h"
#include "base/out.h"
#include "base/str.h"
#include "db/device_edit.h"

enum phone_verb {
	PHONE_ADD,
	PHONE_SET,
	PHONE_IMPORT,
	PHONE_REMOVE,
	PHONE_LIST,
	PHONE_EXPORT,
	PHONE_MODELS,
	PHONE_GROUP_LIST,
	PHONE_GROUP_SET,
	PHONE_GROUP_REMOVE,
	PHONE_POOL_LIST,
	PHONE_POOL_SET,
	PHONE_POOL_REMOVE
};

struct phone_work {
	enum phone_verb verb;
	const struct nodeconf *conf;
	const struct device_edit *edits; /* add, set, import */
	size_t n;
	/*
	 * Phones to remove or (one or none) to list; a group and its
	 * servers; a pool and its group.
	 */
	struct strlist words;
	struct out *out; /* where lists go, and what was done */
};

/*
 * Do it: lists come from this node's own database, changes go to the
 * publisher's, and nodes that do not have them yet are named.  arg is a
 * struct phone_work; nothing is replied.  For asuser_run().
 */
int phone_work_run(void *arg, struct wbuf *reply, struct err *e);

#endif
