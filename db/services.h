/*
 * Which services are activated on which node: tables processnodeservice and
 * typeservice.  Whether a service runs is known by the node alone.
 */
#ifndef DB_SERVICES_H
#define DB_SERVICES_H

#include "db/db.h"
#include "db/nodes.h"

#define SERVICES_NAME_SIZE 80
#define SERVICES_TFTP "Cisco Tftp"
#define SERVICES_CALLMANAGER "Cisco CallManager"
#define SERVICES_TVS "Cisco Trust Verification Service"

struct service_row {
	char name[SERVICES_NAME_SIZE]; /* "Cisco Tftp" */
	bool active; /* activated on the node */
};

struct service_list {
	struct service_row *item; /* owned */
	size_t n;
};

#define SERVICE_LIST_INIT            \
	{                            \
		.item = NULL, .n = 0 \
	}

/* Free the rows; the list is empty.  NULL-safe. */
void service_list_release(struct service_list *l);

/*
 * Every service the database knows, by name, with its state on this node
 * (false when the node has no row for it).  ERR_NOT_FOUND: no such node.
 */
int services_of_node(struct db *db, const char *node, struct service_list *out,
    struct err *e);

/*
 * Activate or deactivate a service on a node; setting what is set already is
 * no error.  ERR_NOT_FOUND: no such node or service (message says which).
 */
int services_set_active(struct db *db, const char *node, const char *service,
    bool active, struct err *e);

/* Is it activated there?  0 with *active, or -1 as above. */
int services_is_active(struct db *db, const char *node, const char *service,
    bool *active, struct err *e);

/*
 * The nodes on which a service is activated, the publisher first, then in
 * the order of joining.  SERVICES_TFTP: the list of a reset.
 */
int services_nodes(struct db *db, const char *service, struct node_list *out,
    struct err *e);

#endif
