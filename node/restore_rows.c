#include "node/restore_rows.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db.h"
#include "db/nodes.h"
#include "db/replicas.h"
#include "node/nodecerts.h"

static int
record_node(struct db *db, const struct restore_rows *r, struct err *e)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	int rc = nodes_find(db, r->conf->name, row, e);

	if (rc == 0 && row->role != NODE_PUBLISHER)
		rc = err_set(e, ERR_STATE, "%s is not the publisher there",
		    r->conf->name);
	if (rc == 0) {
		row->ssh_port = r->pledge->port;
		(void)str_copy(row->host_key, sizeof(row->host_key),
		    r->pledge->host_key);
		(void)str_copy(row->peer_key, sizeof(row->peer_key),
		    r->pledge->peer_key);
		rc = nodes_add(db, row, e);
	}
	free(row);
	return rc;
}

/* They are no part of what a standby has. */
static int
make_slots(struct db *db, struct err *e)
{
	struct node_list l = NODE_LIST_INIT;
	int rc = nodes_list(db, &l, e);

	for (size_t i = 0; rc == 0 && i < l.n; i++)
		if (l.item[i].role == NODE_SUBSCRIBER)
			rc = replicas_slot_create(db, l.item[i].name, e);
	node_list_release(&l);
	return rc;
}

int
restore_rows_record(void *arg, struct wbuf *reply, struct err *e)
{
	const struct restore_rows *r = arg;
	struct nodeconf conf = *r->conf;
	struct db *db = db_open_primary(&conf, DB_RW, e);
	int rc = -1;

	if (db != NULL && record_node(db, r, e) == 0)
		rc = make_slots(db, e);
	db_close(db);
	if (rc == 0)
		rc = nodecerts_record(&conf, reply, e);
	return rc == 0 ? 0 : err_wrap(e, "record the new publisher");
}
