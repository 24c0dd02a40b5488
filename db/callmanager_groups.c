#include "db/callmanager_groups.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "db/db_priv.h"
#include "db/nodes.h"

void
phone_layout_release(struct phone_layout *l)
{
	if (l == NULL)
		return;
	free(l->group);
	free(l->pool);
	memset(l, 0, sizeof(*l));
}

/* --- reading ------------------------------------------------------------- */

static int
take_server(const PGresult *res, int row, struct callmanager_group *g,
    struct err *e)
{
	struct group_server *s = &g->server[g->servers];

	if (cell_copy(s->node, sizeof(s->node), res, row, 3, e) == -1 ||
	    cell_copy(s->domain, sizeof(s->domain), res, row, 4, e) == -1 ||
	    cell_copy(s->address, sizeof(s->address), res, row, 5, e) == -1)
		return -1;
	g->servers++;
	return 0;
}

/* A row for each server, and one without for a group that has none. */
static int
take_groups(const PGresult *res, struct phone_layout *l, struct err *e)
{
	int n = PQntuples(res);
	struct callmanager_group *g = NULL;

	l->group = mem_array((size_t)n, sizeof(*l->group));
	for (int i = 0; i < n; i++) {
		if (g == NULL || !str_equal(g->pkid, cell_text(res, i, 0))) {
			g = &l->group[l->groups++];
			g->tftp_default = cell_bool(res, i, 2);
			if (cell_copy(g->pkid, sizeof(g->pkid), res, i, 0, e) ==
				-1 ||
			    cell_copy(g->name, sizeof(g->name), res, i, 1, e) ==
				-1)
				return -1;
		}
		if (cell_text(res, i, 3)[0] != '\0' &&
		    g->servers < GROUPS_SERVERS_MAX &&
		    take_server(res, i, g, e) == -1)
			return -1;
	}
	return 0;
}

static int
find_group(const struct phone_layout *l, const char *pkid, size_t *index)
{
	for (size_t i = 0; i < l->groups; i++) {
		if (str_equal(l->group[i].pkid, pkid)) {
			*index = i;
			return 0;
		}
	}
	return -1;
}

static int
take_pools(const PGresult *res, struct phone_layout *l, struct err *e)
{
	int n = PQntuples(res);

	l->pool = mem_array((size_t)n, sizeof(*l->pool));
	l->pools = (size_t)n;
	for (int i = 0; i < n; i++) {
		struct device_pool *p = &l->pool[i];

		p->phones = (size_t)cell_int(res, i, 3);
		if (cell_copy(p->pkid, sizeof(p->pkid), res, i, 0, e) == -1 ||
		    cell_copy(p->name, sizeof(p->name), res, i, 1, e) == -1)
			return -1;
		if (find_group(l, cell_text(res, i, 2), &p->group) == -1)
			return err_set(e, ERR_DATABASE,
			    "device pool %s has no call manager group",
			    p->name);
	}
	return 0;
}

/* Two statements of one transaction that sees one state. */
static int
read_all(struct db *db, struct phone_layout *l, struct err *e)
{
	PGresult *groups = NULL;
	PGresult *pools = NULL;
	int rc = -1;

	if (db_query(db, "set transaction isolation level repeatable read", 0,
		NULL, NULL, e) == 0 &&
	    db_query(db,
		"select g.pkid, left(g.name, 50), g.tftpdefault, l.hostname,"
		" l.domain, p.name from callmanagergroup g"
		" left join callmanagergroupmember m"
		" on m.fkcallmanagergroup = g.pkid"
		" left join callmanager c on c.pkid = m.fkcallmanager"
		" left join processnode p on p.pkid = c.fkprocessnode"
		" left join nodelink l on l.fkprocessnode = p.pkid"
		" order by g.name, m.priority",
		0, NULL, &groups, e) == 0 &&
	    db_query(db,
		"select p.pkid, left(p.name, 50), p.fkcallmanagergroup,"
		" (select count(*) from device d where d.fkdevicepool = p.pkid)"
		" from devicepool p order by p.name",
		0, NULL, &pools, e) == 0 &&
	    take_groups(groups, l, e) == 0 && take_pools(pools, l, e) == 0)
		rc = 0;
	PQclear(groups);
	PQclear(pools);
	return rc;
}

int
phone_layout_read(struct db *db, struct phone_layout *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	if (db_begin(db, e) == -1)
		return -1;
	if (read_all(db, out, e) == -1 || db_commit(db, e) == -1) {
		db_abort(db);
		phone_layout_release(out);
		return -1;
	}
	return 0;
}

const struct callmanager_group *
phone_layout_group(const struct phone_layout *l, const char *pool_pkid)
{
	for (size_t i = 0; i < l->pools; i++)
		if (str_equal(l->pool[i].pkid, pool_pkid))
			return &l->group[l->pool[i].group];
	return NULL;
}

const struct callmanager_group *
phone_layout_default(const struct phone_layout *l)
{
	for (size_t i = 0; i < l->groups; i++)
		if (l->group[i].tftp_default)
			return &l->group[i];
	for (size_t i = 0; i < l->groups; i++)
		if (str_equal(l->group[i].name, GROUPS_DEFAULT))
			return &l->group[i];
	return l->groups > 0 ? &l->group[0] : NULL;
}

/* --- changing ------------------------------------------------------------ */

/* A name to be stored: 1 to GROUPS_NAME_MAX printable characters. */
static int
check_name(const char *what, const char *name, struct err *e)
{
	size_t len = strlen(name);
	size_t count = 0;
	size_t n = 1;

	for (size_t i = 0; i < len && n > 0; i += n, count++)
		n = str_utf8(name + i, len - i);
	if (n > 0 && count > 0 && count <= GROUPS_NAME_MAX && name[0] != ' ' &&
	    name[len - 1] != ' ')
		return 0;
	return err_set(e, ERR_USAGE,
	    "a %s is named with 1 to %d characters, no blank at the ends", what,
	    GROUPS_NAME_MAX);
}

/* The pkid a query finds; missing is what to say when it finds none. */
static int
find_pkid(struct db *db, const char *sql, const char *arg,
    char pkid[DB_PKID_SIZE], const char *missing, struct err *e)
{
	PGresult *res;
	int rc;

	if (db_query(db, sql, 1, &arg, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is no %s %s", missing,
		    arg);
	else
		rc = cell_copy(pkid, DB_PKID_SIZE, res, 0, 0, e);
	PQclear(res);
	return rc;
}

static int
find_group_row(struct db *db, const char *name, char pkid[DB_PKID_SIZE],
    struct err *e)
{
	return find_pkid(db,
	    "select pkid from callmanagergroup where name = $1 for update",
	    name, pkid, "call manager group", e);
}

/* The row of table callmanager that belongs to a node. */
static int
find_callmanager(struct db *db, const char *node, char pkid[DB_PKID_SIZE],
    struct err *e)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	int rc = nodes_find(db, node, row, e);

	if (rc == 0)
		rc = find_pkid(db,
		    "select pkid from callmanager where fkprocessnode = $1",
		    row->pkid, pkid, "", e);
	if (rc == -1 && row->pkid[0] != '\0' && e != NULL &&
	    e->code == ERR_NOT_FOUND) {
		(void)err_set(e, ERR_STATE,
		    "Cisco CallManager is not activated on %s", row->name);
		(void)err_hint(e,
		    "Activate it there: utils service activate "
		    "Cisco CallManager");
	}
	free(row);
	return rc;
}

static int
set_members(struct db *db, const char *group, const struct strlist *nodes,
    struct err *e)
{
	char callmanager[DB_PKID_SIZE];
	char place[ARG_INT_SIZE];
	const char *arg[] = { group, callmanager, place };

	if (db_query(db,
		"delete from callmanagergroupmember"
		" where fkcallmanagergroup = $1",
		1, arg, NULL, e) == -1)
		return -1;
	for (size_t i = 0; i < nodes->n; i++) {
		(void)arg_int(place, (int64_t)i);
		if (find_callmanager(db, nodes->item[i], callmanager, e) ==
			-1 ||
		    db_query(db,
			"insert into callmanagergroupmember"
			" (fkcallmanagergroup, fkcallmanager, priority)"
			" values ($1, $2, $3)",
			3, arg, NULL, e) == -1)
			return -1;
	}
	return 0;
}

/* Once each, whatever the case of the letters. */
static int
check_nodes(const struct strlist *nodes, struct err *e)
{
	if (nodes->n == 0 || nodes->n > GROUPS_SERVERS_MAX)
		return err_set(e, ERR_USAGE,
		    "a call manager group has 1 to %d servers",
		    GROUPS_SERVERS_MAX);
	for (size_t i = 0; i < nodes->n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(nodes->item[i], nodes->item[k]) == 0)
				return err_set(e, ERR_USAGE,
				    "%s is given twice", nodes->item[i]);
	return 0;
}

int
callmanager_group_set(struct db *primary, const char *name,
    const struct strlist *nodes, struct err *e)
{
	char pkid[DB_PKID_SIZE];

	if (check_name("call manager group", name, e) == -1 ||
	    check_nodes(nodes, e) == -1 || db_begin(primary, e) == -1)
		return -1;
	if (db_query(primary,
		"insert into callmanagergroup (name) values ($1)"
		" on conflict do nothing",
		1, &name, NULL, e) == -1 ||
	    find_group_row(primary, name, pkid, e) == -1 ||
	    set_members(primary, pkid, nodes, e) == -1 ||
	    db_commit(primary, e) == -1) {
		db_abort(primary);
		return -1;
	}
	return 0;
}

static int
count_rows(struct db *db, const char *sql, const char *pkid, int64_t *n,
    struct err *e)
{
	PGresult *res;

	if (db_query(db, sql, 1, &pkid, &res, e) == -1)
		return -1;
	*n = cell_int(res, 0, 0);
	PQclear(res);
	return 0;
}

static int
remove_group(struct db *db, const char *name, struct err *e)
{
	char pkid[DB_PKID_SIZE];
	const char *arg = pkid;
	int64_t pools;

	if (find_group_row(db, name, pkid, e) == -1 ||
	    count_rows(db,
		"select count(*) from devicepool where fkcallmanagergroup = $1",
		pkid, &pools, e) == -1)
		return -1;
	if (pools > 0)
		return err_set(e, ERR_STATE,
		    "call manager group %s is that of %lld device pool%s", name,
		    (long long)pools, pools == 1 ? "" : "s");
	return db_query(db, "delete from callmanagergroup where pkid = $1", 1,
	    &arg, NULL, e);
}

/* The names of a new cluster stay: new nodes and new phones go there. */
static int
refuse_default(const char *what, const char *name, struct err *e)
{
	if (!str_equal(name, GROUPS_DEFAULT))
		return 0;
	return err_set(e, ERR_STATE, "the %s %s stays", what, name);
}

int
callmanager_group_remove(struct db *primary, const char *name, struct err *e)
{
	if (refuse_default("call manager group", name, e) == -1 ||
	    db_begin(primary, e) == -1)
		return -1;
	if (remove_group(primary, name, e) == -1 ||
	    db_commit(primary, e) == -1) {
		db_abort(primary);
		return -1;
	}
	return 0;
}

int
device_pool_set(struct db *primary, const char *name, const char *group,
    struct err *e)
{
	char pkid[DB_PKID_SIZE];
	const char *arg[] = { name, pkid };

	if (check_name("device pool", name, e) == -1 ||
	    db_begin(primary, e) == -1)
		return -1;
	if (find_group_row(primary, group, pkid, e) == -1 ||
	    db_query(primary,
		"insert into devicepool as p (name, fkcallmanagergroup)"
		" values ($1, $2) on conflict (name) do update"
		" set fkcallmanagergroup = excluded.fkcallmanagergroup"
		" where p.fkcallmanagergroup <> excluded.fkcallmanagergroup",
		2, arg, NULL, e) == -1 ||
	    db_commit(primary, e) == -1) {
		db_abort(primary);
		return -1;
	}
	return 0;
}

static int
remove_pool(struct db *db, const char *name, struct err *e)
{
	char pkid[DB_PKID_SIZE];
	const char *arg = pkid;
	int64_t phones;

	if (find_pkid(db,
		"select pkid from devicepool where name = $1 for update", name,
		pkid, "device pool", e) == -1 ||
	    count_rows(db,
		"select count(*) from device where fkdevicepool = $1", pkid,
		&phones, e) == -1)
		return -1;
	if (phones > 0)
		return err_set(e, ERR_STATE, "device pool %s has %lld phone%s",
		    name, (long long)phones, phones == 1 ? "" : "s");
	return db_query(db, "delete from devicepool where pkid = $1", 1, &arg,
	    NULL, e);
}

int
device_pool_remove(struct db *primary, const char *name, struct err *e)
{
	if (refuse_default("device pool", name, e) == -1 ||
	    db_begin(primary, e) == -1)
		return -1;
	if (remove_pool(primary, name, e) == -1 ||
	    db_commit(primary, e) == -1) {
		db_abort(primary);
		return -1;
	}
	return 0;
}
