/*
 * The nodes of the cluster as this node's database knows them, the
 * publisher first, then in the order of joining.
 */
#ifndef CLUSTER_ROSTER_H
#define CLUSTER_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"

#define ROSTER_HOST_KEY_SIZE 256 /* "ecdsa-sha2-nistp256 AAAA…" */

struct db;

struct roster_node {
	char name[NODE_NAME_SIZE]; /* host name, no domain */
	char domain[NODE_DOMAIN_SIZE];
	char address[NODE_ADDRESS_SIZE];
	uint16_t ssh_port;
	enum node_role role;
	char host_key[ROSTER_HOST_KEY_SIZE]; /* "" when not known */
	bool local; /* the node this program runs on */
};

/* { 0 } is an empty roster. */
struct roster {
	struct roster_node *node; /* owned, n of them */
	size_t n;
};

/*
 * Read the nodes with a connection of its own to the local database;
 * conf says which of them is this one.  *r is overwritten.  -1 with
 * ERR_DATABASE and a hint when the database is down, ERR_STATE when the
 * database does not know this node or no publisher; *r is empty then.
 */
int roster_load(struct roster *r, const struct nodeconf *conf, struct err *e);

/* The same over an open connection. */
int roster_read(struct roster *r, struct db *db, const struct nodeconf *conf,
    struct err *e);

/* Free the nodes; the roster is empty then.  NULL-safe. */
void roster_release(struct roster *r);

/* Lent; NULL when there is none.  name_or_address may also be the FQDN. */
const struct roster_node *roster_find(const struct roster *r,
    const char *name_or_address);

/* This node, and the publisher; lent, never NULL in a roster that loaded. */
const struct roster_node *roster_local(const struct roster *r);
const struct roster_node *roster_publisher(const struct roster *r);

#endif
