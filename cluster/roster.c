#include "cluster/roster.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/db.h"
#include "db/nodes.h"

#define FQDN_SIZE (NODE_NAME_SIZE + NODE_DOMAIN_SIZE + 1)

void
roster_release(struct roster *r)
{
	if (r == NULL)
		return;
	free(r->node);
	r->node = NULL;
	r->n = 0;
}

static int
fill(struct roster_node *n, const struct node_row *row,
    const struct nodeconf *conf, struct err *e)
{
	str_copy(n->name, sizeof(n->name), row->name);
	str_copy(n->domain, sizeof(n->domain), row->domain);
	str_copy(n->address, sizeof(n->address), row->address);
	n->ssh_port = row->ssh_port;
	n->role = row->role;
	n->local = strcasecmp(row->name, conf->name) == 0;
	if (str_copy(n->host_key, sizeof(n->host_key), row->host_key) == -1)
		return err_set(e, ERR_FORMAT,
		    "node %s: the database has a host key of %zu bytes",
		    row->name, strlen(row->host_key));
	return 0;
}

static int
check(const struct roster *r, const struct nodeconf *conf, struct err *e)
{
	size_t i, here = 0;

	for (i = 0; i < r->n; i++) {
		if (r->node[i].local)
			here++;
	}
	if (here != 1)
		return err_set(e, ERR_STATE,
		    "the cluster's database does not know this node, %s",
		    conf->name);
	if (r->node[0].role != NODE_PUBLISHER)
		return err_set(e, ERR_STATE,
		    "the cluster's database names no publisher");
	return 0;
}

int
roster_read(struct roster *r, struct db *db, const struct nodeconf *conf,
    struct err *e)
{
	struct node_list list = NODE_LIST_INIT;
	size_t i;
	int rc = -1;

	memset(r, 0, sizeof(*r));
	if (nodes_list(db, &list, e) == -1) {
		err_wrap(e, "the cluster's nodes");
		goto out;
	}
	r->node = mem_array(list.n, sizeof(*r->node));
	r->n = list.n;
	for (i = 0; i < list.n; i++) {
		if (fill(&r->node[i], &list.item[i], conf, e) == -1)
			goto out;
	}
	rc = check(r, conf, e);
out:
	if (rc == -1)
		roster_release(r);
	node_list_release(&list);
	return rc;
}

int
roster_load(struct roster *r, const struct nodeconf *conf, struct err *e)
{
	struct db *db = db_open_local(DB_RW, e);
	int rc;

	memset(r, 0, sizeof(*r));
	if (db == NULL) {
		if (e != NULL)
			e->code = ERR_DATABASE;
		err_wrap(e, "the cluster's nodes cannot be read");
		return err_hint(e, "A Cisco DB must be running on this node.");
	}
	rc = roster_read(r, db, conf, e);
	db_close(db);
	return rc;
}

static bool
is_node(const struct roster_node *n, const char *text)
{
	char fqdn[FQDN_SIZE];

	if (strcasecmp(n->name, text) == 0 || str_equal(n->address, text))
		return true;
	if (n->domain[0] == '\0' ||
	    str_printf(fqdn, sizeof(fqdn), "%s.%s", n->name, n->domain) == -1)
		return false;
	return strcasecmp(fqdn, text) == 0;
}

const struct roster_node *
roster_find(const struct roster *r, const char *name_or_address)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (is_node(&r->node[i], name_or_address))
			return &r->node[i];
	}
	return NULL;
}

const struct roster_node *
roster_local(const struct roster *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->node[i].local)
			return &r->node[i];
	}
	BUG("a roster without the local node");
}

const struct roster_node *
roster_publisher(const struct roster *r)
{
	if (r->n == 0 || r->node[0].role != NODE_PUBLISHER)
		BUG("a roster without a publisher");
	return &r->node[0];
}
