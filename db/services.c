#include "db/services.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"

void
service_list_release(struct service_list *l)
{
	if (l == NULL)
		return;
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

int
services_of_node(struct db *db, const char *node, struct service_list *out,
    struct err *e)
{
	struct node_row row;
	const char *arg[] = { row.pkid };
	PGresult *res;
	int rc = 0;
	int i;

	memset(out, 0, sizeof(*out));
	if (nodes_find(db, node, &row, e) == -1)
		return -1;
	if (db_query(db,
		"select t.name, coalesce(s.isactive, false) from typeservice t"
		" left join processnodeservice s on s.tkservice = t.enum"
		" and s.fkprocessnode = $1 where t.isservice order by t.name",
		1, arg, &res, e) == -1)
		return -1;
	out->n = (size_t)PQntuples(res);
	out->item = mem_array(out->n, sizeof(*out->item));
	for (i = 0; i < PQntuples(res) && rc == 0; i++) {
		out->item[i].active = cell_bool(res, i, 1);
		rc = cell_copy(out->item[i].name, sizeof(out->item[i].name),
		    res, i, 0, e);
	}
	PQclear(res);
	if (rc == -1)
		service_list_release(out);
	return rc;
}

/* The number of a service that can be activated. */
static int
find_service(struct db *db, const char *service, char number[ARG_INT_SIZE],
    struct err *e)
{
	PGresult *res;
	int rc = 0;

	if (db_query(db,
		"select enum from typeservice where isservice and name = $1", 1,
		&service, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is no service %s",
		    service);
	else
		arg_int(number, cell_int(res, 0, 0));
	PQclear(res);
	return rc;
}

int
services_set_active(struct db *db, const char *node, const char *service,
    bool active, struct err *e)
{
	char pkid[DB_PKID_SIZE];
	char address[NODE_ADDRESS_SIZE];
	char number[ARG_INT_SIZE];
	const char *arg[] = { pkid, number, active ? "t" : "f" };

	if (db_begin(db, e) == -1)
		return -1;
	if (find_service(db, service, number, e) == -1 ||
	    nodes_lock(db, node, pkid, address, e) == -1 ||
	    db_query(db,
		"insert into processnodeservice as s"
		" (fkprocessnode, tkservice, isactive) values ($1, $2, $3)"
		" on conflict (fkprocessnode, tkservice) do update"
		" set isactive = excluded.isactive"
		" where s.isactive <> excluded.isactive",
		3, arg, NULL, e) == -1 ||
	    db_commit(db, e) == -1) {
		db_abort(db);
		return -1;
	}
	return 0;
}

int
services_is_active(struct db *db, const char *node, const char *service,
    bool *active, struct err *e)
{
	struct node_row row;
	char number[ARG_INT_SIZE];
	const char *arg[] = { row.pkid, number };
	PGresult *res;

	*active = false;
	if (find_service(db, service, number, e) == -1 ||
	    nodes_find(db, node, &row, e) == -1 ||
	    db_query(db,
		"select isactive from processnodeservice"
		" where fkprocessnode = $1 and tkservice = $2",
		2, arg, &res, e) == -1)
		return -1;
	*active = PQntuples(res) > 0 && cell_bool(res, 0, 0);
	PQclear(res);
	return 0;
}

int
services_nodes(struct db *db, const char *service, struct node_list *out,
    struct err *e)
{
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		"select " NODE_COLUMNS "from processnode p"
		" join nodelink l on l.fkprocessnode = p.pkid"
		" join processnodeservice s on s.fkprocessnode = p.pkid"
		" join typeservice t on t.enum = s.tkservice"
		" where s.isactive and t.name = $1" NODE_ORDER,
		1, &service, &res, e) == -1)
		return -1;
	rc = nodes_take(res, out, e);
	PQclear(res);
	return rc;
}
