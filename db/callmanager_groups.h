/*
 * Call manager groups and device pools: which servers a phone is told of.
 *
 * A phone belongs to a device pool, a pool to a call manager group, and a
 * group has servers in order of priority: nodes on which Cisco CallManager is
 * activated.  The database itself keeps table callmanager in step with the
 * activated services, and puts a node that begins at the end of the group
 * Default; one that ends is in no group any more.
 */
#ifndef DB_CALLMANAGER_GROUPS_H
#define DB_CALLMANAGER_GROUPS_H

#include <stddef.h>

#include "base/str.h"
#include "db/db.h"

#define GROUPS_NAME_MAX 50 /* characters */
#define GROUPS_NAME_SIZE (4 * GROUPS_NAME_MAX + 1)
#define GROUPS_SERVERS_MAX 3 /* a phone knows so many */
#define GROUPS_DEFAULT "Default" /* group and pool of a new cluster */

struct group_server {
	char node[NODE_NAME_SIZE]; /* host name */
	char domain[NODE_DOMAIN_SIZE]; /* may be empty */
	char address[NODE_ADDRESS_SIZE];
};

struct callmanager_group {
	char pkid[DB_PKID_SIZE];
	char name[GROUPS_NAME_SIZE];
	bool tftp_default; /* what phones that are not known are told of */
	struct group_server server[GROUPS_SERVERS_MAX]; /* first one first */
	size_t servers; /* 0: none of its servers is there any more */
};

struct device_pool {
	char pkid[DB_PKID_SIZE];
	char name[GROUPS_NAME_SIZE];
	size_t group; /* index into the groups */
	size_t phones; /* how many are in it */
};

/* Groups by name, pools by name. */
struct phone_layout {
	struct callmanager_group *group; /* owned */
	size_t groups;
	struct device_pool *pool; /* owned */
	size_t pools;
};

#define PHONE_LAYOUT_INIT                                            \
	{                                                            \
		.group = NULL, .groups = 0, .pool = NULL, .pools = 0 \
	}

/* Free the arrays; the layout is empty.  NULL-safe. */
void phone_layout_release(struct phone_layout *l);

/*
 * Groups and pools as one statement sees them (phone_version.layout of
 * db/devices.h counts their changes).  Release *out, empty after a failure.
 */
int phone_layout_read(struct db *db, struct phone_layout *out, struct err *e);

/* The group of the pool with this pkid; lent.  NULL: no such pool. */
const struct callmanager_group *phone_layout_group(const struct phone_layout *l,
    const char *pool_pkid);

/* The group that says so of itself, or Default, or the first one, or NULL. */
const struct callmanager_group *phone_layout_default(
    const struct phone_layout *l);

/*
 * Add a group, or give an existing one these servers: host names of nodes, in
 * order, 1 to GROUPS_SERVERS_MAX.  ERR_NOT_FOUND, ERR_STATE (Cisco
 * CallManager is not activated there), ERR_USAGE.
 */
int callmanager_group_set(struct db *primary, const char *name,
    const struct strlist *nodes, struct err *e);

/* ERR_NOT_FOUND; ERR_STATE: a pool uses it, or it is Default. */
int callmanager_group_remove(struct db *primary, const char *name,
    struct err *e);

/* Add a pool, or give an existing one this group.  ERR_NOT_FOUND. */
int device_pool_set(struct db *primary, const char *name, const char *group,
    struct err *e);

/* ERR_NOT_FOUND; ERR_STATE: there are phones in it, or it is Default. */
int device_pool_remove(struct db *primary, const char *name, struct err *e);

#endif
