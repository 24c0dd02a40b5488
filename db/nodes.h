/*
 * The nodes of the cluster: table processnode (the vendor's; name is the
 * address, nodeid counts from 2 in the order of joining) and nodelink beside
 * it with what a link to the node needs.
 */
#ifndef DB_NODES_H
#define DB_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

#define NODES_KEY_SIZE 1024

struct node_row {
	char pkid[DB_PKID_SIZE]; /* set by the database */
	unsigned nodeid; /* set by the database */
	char name[NODE_NAME_SIZE]; /* host name without domain */
	char domain[NODE_DOMAIN_SIZE];
	char address[NODE_ADDRESS_SIZE];
	enum node_role role;
	uint16_t ssh_port;
	uint16_t tftp_port;
	uint16_t http_port;
	uint16_t db_port;
	/* public keys as "ecdsa-sha2-nistp256 AAAA…", without comment */
	char host_key[NODES_KEY_SIZE]; /* of the node's sshd */
	char peer_key[NODES_KEY_SIZE]; /* its agent's, for authorized_keys */
};

struct node_list {
	struct node_row *item; /* owned */
	size_t n;
};

#define NODE_LIST_INIT               \
	{                            \
		.item = NULL, .n = 0 \
	}

/* Free the rows; the list is empty.  NULL-safe. */
void node_list_release(struct node_list *l);

/*
 * Every node, the publisher first, then in the order of joining.  *out is
 * overwritten; release it.  On failure it is empty.
 */
int nodes_list(struct db *db, struct node_list *out, struct err *e);

/*
 * The node with this host name (any case) or address.  ERR_NOT_FOUND names
 * what was asked for.
 */
int nodes_find(struct db *db, const char *name_or_address, struct node_row *out,
    struct err *e);

/*
 * Add a node, or replace the facts of the one with the same name, so that an
 * interrupted init or join can be run again.  pkid and nodeid of row are
 * ignored.  ERR_EXISTS: the address belongs to another node, or there is
 * another publisher.  Services and certificates are added by their own calls.
 */
int nodes_add(struct db *db, const struct node_row *row, struct err *e);

/*
 * Remove a subscriber with everything that belongs to it: services,
 * certificates, hold, link.  Its replication slot is dropped by
 * replicas_slot_drop().  ERR_STATE for the publisher, ERR_NOT_FOUND.
 */
int nodes_remove(struct db *db, const char *name, struct err *e);

#endif
