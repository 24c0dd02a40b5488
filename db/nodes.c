#include "db/nodes.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"

#define NODE_FROM \
	"from processnode p join nodelink l on l.fkprocessnode = p.pkid "

void
node_list_release(struct node_list *l)
{
	if (l == NULL)
		return;
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

static int
take_row(const PGresult *res, int row, struct node_row *n, struct err *e)
{
	n->nodeid = (unsigned)cell_int(res, row, 1);
	n->role = cell_int(res, row, 2) == 0 ? NODE_PUBLISHER : NODE_SUBSCRIBER;
	n->ssh_port = (uint16_t)cell_int(res, row, 6);
	n->tftp_port = (uint16_t)cell_int(res, row, 7);
	n->http_port = (uint16_t)cell_int(res, row, 8);
	n->db_port = (uint16_t)cell_int(res, row, 9);
	if (cell_copy(n->pkid, sizeof(n->pkid), res, row, 0, e) == -1 ||
	    cell_copy(n->address, sizeof(n->address), res, row, 3, e) == -1 ||
	    cell_copy(n->name, sizeof(n->name), res, row, 4, e) == -1 ||
	    cell_copy(n->domain, sizeof(n->domain), res, row, 5, e) == -1 ||
	    cell_copy(n->host_key, sizeof(n->host_key), res, row, 10, e) ==
		-1 ||
	    cell_copy(n->peer_key, sizeof(n->peer_key), res, row, 11, e) == -1)
		return err_wrap(e, "node %s", cell_text(res, row, 4));
	return 0;
}

int
nodes_take(const PGresult *res, struct node_list *out, struct err *e)
{
	int n = PQntuples(res);
	int i;

	out->item = mem_array((size_t)n, sizeof(*out->item));
	out->n = (size_t)n;
	for (i = 0; i < n; i++) {
		if (take_row(res, i, &out->item[i], e) == -1) {
			node_list_release(out);
			return -1;
		}
	}
	return 0;
}

int
nodes_list(struct db *db, struct node_list *out, struct err *e)
{
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db, "select " NODE_COLUMNS NODE_FROM NODE_ORDER, 0, NULL,
		&res, e) == -1)
		return -1;
	rc = nodes_take(res, out, e);
	PQclear(res);
	return rc;
}

int
nodes_find(struct db *db, const char *name_or_address, struct node_row *out,
    struct err *e)
{
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		"select " NODE_COLUMNS NODE_FROM
		"where lower(l.hostname) = lower($1) or p.name = $1",
		1, &name_or_address, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = err_set(e, ERR_NOT_FOUND,
		    "there is no node %s in the cluster", name_or_address);
	else
		rc = take_row(res, 0, out, e);
	PQclear(res);
	return rc;
}

int
nodes_lock(struct db *db, const char *name, char pkid[DB_PKID_SIZE],
    char address[NODE_ADDRESS_SIZE], struct err *e)
{
	PGresult *res;
	int rc;

	if (db_query(db,
		"select p.pkid, p.name " NODE_FROM
		"where lower(l.hostname) = lower($1) for no key update of p",
		1, &name, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = err_set(e, ERR_NOT_FOUND,
		    "there is no node %s in the cluster", name);
	else if (cell_copy(pkid, DB_PKID_SIZE, res, 0, 0, e) == -1 ||
	    cell_copy(address, NODE_ADDRESS_SIZE, res, 0, 1, e) == -1)
		rc = -1;
	else
		rc = 0;
	PQclear(res);
	return rc;
}

/* Is there another node with this address, or another publisher? */
static int
check_conflict(struct db *db, const struct node_row *row, struct err *e)
{
	const char *arg[] = { row->name, row->address,
		row->role == NODE_PUBLISHER ? "0" : "1" };
	PGresult *res;
	int rc = 0;

	if (db_query(db,
		"select l.hostname, p.name = $2 " NODE_FROM
		"where lower(l.hostname) <> lower($1) and (p.name = $2"
		" or (p.tknodeusage = 0 and $3 = '0')) limit 1",
		3, arg, &res, e) == -1)
		return -1;
	if (PQntuples(res) > 0 && cell_bool(res, 0, 1))
		rc = err_set(e, ERR_EXISTS, "the address %s belongs to node %s",
		    row->address, cell_text(res, 0, 0));
	else if (PQntuples(res) > 0)
		rc = err_set(e, ERR_EXISTS, "the publisher is %s already",
		    cell_text(res, 0, 0));
	PQclear(res);
	return rc;
}

/* Insert or update the processnode row; its pkid goes to pkid. */
static int
save_processnode(struct db *db, const struct node_row *row,
    char pkid[DB_PKID_SIZE], struct err *e)
{
	const char *usage = row->role == NODE_PUBLISHER ? "0" : "1";
	const char *arg[] = { row->address, row->name, usage, pkid };
	char address[NODE_ADDRESS_SIZE];
	struct err absent = ERR_INIT;
	PGresult *res;
	int rc;

	if (nodes_lock(db, row->name, pkid, address, &absent) == 0)
		return db_query(db,
		    "update processnode set name = $1, description = $2,"
		    " tknodeusage = $3, isactive = true where pkid = $4",
		    4, arg, NULL, e);
	if (absent.code != ERR_NOT_FOUND) {
		if (e != NULL)
			*e = absent;
		return -1;
	}
	if (db_query(db,
		"insert into processnode (name, description, tknodeusage,"
		" nodeid) select $1, $2, $3, max(nodeid) + 1 from processnode"
		" returning pkid",
		3, arg, &res, e) == -1)
		return -1;
	rc = cell_copy(pkid, DB_PKID_SIZE, res, 0, 0, e);
	PQclear(res);
	return rc;
}

static int
save_nodelink(struct db *db, const struct node_row *row, const char *pkid,
    struct err *e)
{
	char ssh[ARG_INT_SIZE];
	char tftp[ARG_INT_SIZE];
	char http[ARG_INT_SIZE];
	char port[ARG_INT_SIZE];
	const char *arg[] = { pkid, row->name, row->domain,
		arg_int(ssh, row->ssh_port), arg_int(tftp, row->tftp_port),
		arg_int(http, row->http_port), arg_int(port, row->db_port),
		row->host_key, row->peer_key };

	return db_query(db,
	    "insert into nodelink (fkprocessnode, hostname, domain, sshport,"
	    " tftpport, httpport, dbport, hostkey, peerkey)"
	    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	    " on conflict (fkprocessnode) do update set"
	    " hostname = excluded.hostname, domain = excluded.domain,"
	    " sshport = excluded.sshport, tftpport = excluded.tftpport,"
	    " httpport = excluded.httpport, dbport = excluded.dbport,"
	    " hostkey = excluded.hostkey, peerkey = excluded.peerkey",
	    9, arg, NULL, e);
}

int
nodes_add(struct db *db, const struct node_row *row, struct err *e)
{
	char pkid[DB_PKID_SIZE] = "";

	if (!nodeconf_valid_name(row->name) || row->address[0] == '\0')
		return err_set(e, ERR_USAGE,
		    "a node needs a host name and an address");
	if (db_begin(db, e) == -1)
		return -1;
	/* two joins at a time must not take the same nodeid */
	if (db_query(db, "lock table processnode in share row exclusive mode",
		0, NULL, NULL, e) == -1 ||
	    check_conflict(db, row, e) == -1 ||
	    save_processnode(db, row, pkid, e) == -1 ||
	    save_nodelink(db, row, pkid, e) == -1 || db_commit(db, e) == -1) {
		db_abort(db);
		return err_wrap(e, "node %s", row->name);
	}
	return 0;
}

/* The certificates of a node, which the maps alone tie to it. */
static int
remove_node(struct db *db, const char *pkid, struct err *e)
{
	PGresult *res;
	bool publisher;

	if (db_query(db,
		"select tknodeusage = 0 from processnode where pkid = $1", 1,
		&pkid, &res, e) == -1)
		return -1;
	publisher = cell_bool(res, 0, 0);
	PQclear(res);
	if (publisher)
		return err_set(e, ERR_STATE, "the publisher cannot be removed");
	if (db_query(db,
		"delete from certificate where pkid in"
		" (select fkcertificate from certificateprocessnodemap"
		" where fkprocessnode = $1)",
		1, &pkid, NULL, e) == -1)
		return -1;
	return db_query(db, "delete from processnode where pkid = $1", 1, &pkid,
	    NULL, e);
}

int
nodes_remove(struct db *db, const char *name, struct err *e)
{
	char pkid[DB_PKID_SIZE];
	char address[NODE_ADDRESS_SIZE];

	if (db_begin(db, e) == -1)
		return -1;
	if (nodes_lock(db, name, pkid, address, e) == -1 ||
	    remove_node(db, pkid, e) == -1 || db_commit(db, e) == -1) {
		db_abort(db);
		return -1;
	}
	return 0;
}
