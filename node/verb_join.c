/*
 * join begin, join end: the publisher's side of "ucm-node join".
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db.h"
#include "db/nodes.h"
#include "db/replicas.h"
#include "db/services.h"
#include "node/agent.h"
#include "node/agent_upkeep.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/invitation.h"
#include "node/sshkeys.h"
#include "node/verb.h"

#define FILE_MAX 1048576
#define CHANGE_WAIT_MS 60000 /* for a change of the security password */

/* Who wants to join, as its invitation says. */
struct joiner {
	const char *name;
	const char *address;
	uint16_t port;
	const char *host_key; /* lent from the request */
	const char *peer_key;
};

/* Is there an open invitation for exactly this node? */
static int
invited(const struct joiner *j, struct err *e)
{
	char command[INVITATION_COMMAND_SIZE];

	invitation_join(command, j->name, j->address, j->port);
	if (invitation_find(j->name, command, NULL, e) == 0)
		return 0;
	if (e->code != ERR_NOT_FOUND)
		return -1;
	return err_set(e, ERR_DENIED, "node %s (%s port %u) is not invited",
	    j->name, j->address, (unsigned)j->port);
}

static int
take_joiner(struct joiner *j, const struct verb_ctx *c, const struct bundle *b,
    struct err *e)
{
	uint64_t port;

	j->name = c->args[0];
	j->address = c->args[1];
	if (!nodeconf_valid_name(j->name) ||
	    str_number(c->args[2], 1, UINT16_MAX, &port) == -1)
		return err_set(e, ERR_USAGE, "a name, an address and a port");
	j->port = (uint16_t)port;
	j->host_key = bundle_text(b, "host_key", e);
	if (j->host_key == NULL)
		return -1;
	j->peer_key = bundle_text(b, "peer_key", e);
	return j->peer_key == NULL ? -1 : 0;
}

/* The new node's node.conf; the same form as on disk. */
static void
joiner_conf(struct nodeconf *n, const struct agent *a, const struct joiner *j)
{
	*n = a->conf;
	(void)str_copy(n->name, sizeof(n->name), j->name);
	(void)str_copy(n->address, sizeof(n->address), j->address);
	n->role = NODE_SUBSCRIBER;
	n->ssh_port = j->port;
	n->clock_offset = 0;
	n->age_offset = 0;
}

static int
add_security_password(struct bundle *out, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *text = NULL;
	size_t len;

	if (file_read(paths_in(path, "certs/security_password"), FILE_MAX,
		&text, &len, e) == -1)
		return -1;
	bundle_add(out, "security_password", text, len);
	mem_free_wiped(text, len);
	return 0;
}

/* Lines "NAME ADDRESS PORT HOSTKEY CLIENTKEY"; '-' for a key not known. */
static int
add_nodes(struct bundle *out, struct db *db, struct err *e)
{
	struct parent_node *nodes;
	struct node_list l = NODE_LIST_INIT;
	struct wbuf w;
	long n;

	if (nodes_list(db, &l, e) == -1)
		return -1;
	nodes = mem_array(PARENT_NODES_MAX, sizeof(*nodes));
	n = agent_upkeep_nodes(&l, nodes, NULL, e);
	node_list_release(&l);
	wbuf_init(&w, BUNDLE_MAX);
	for (long i = 0; i < n; i++)
		wbuf_printf(&w, "%s %s %u %s %s\n", nodes[i].name,
		    nodes[i].address, (unsigned)nodes[i].port,
		    nodes[i].host_key[0] == '\0' ? "-" : nodes[i].host_key,
		    nodes[i].client_key[0] == '\0' ? "-" : nodes[i].client_key);
	if (n > 0)
		bundle_add(out, "nodes", w.data, w.len);
	wbuf_release(&w);
	free(nodes);
	return n > 0 ? 0 : -1;
}

static int
add_rows(struct db *db, const struct nodeconf *n, const struct joiner *j,
    struct err *e)
{
	struct node_row *row = mem_alloc(sizeof(*row));
	int rc = -1;

	(void)str_copy(row->name, sizeof(row->name), n->name);
	(void)str_copy(row->domain, sizeof(row->domain), n->domain);
	(void)str_copy(row->address, sizeof(row->address), n->address);
	row->role = NODE_SUBSCRIBER;
	row->ssh_port = n->ssh_port;
	row->tftp_port = n->tftp_port;
	row->http_port = n->http_port;
	row->db_port = n->db_port;
	if (str_copy(row->host_key, sizeof(row->host_key), j->host_key) == -1 ||
	    str_copy(row->peer_key, sizeof(row->peer_key), j->peer_key) == -1)
		(void)err_set(e, ERR_FORMAT, "a key is too long");
	else if (db_begin(db, e) == 0 && nodes_add(db, row, e) == 0 &&
	    services_set_active(db, n->name, SERVICES_TFTP, true, e) == 0 &&
	    services_set_active(db, n->name, SERVICES_CALLMANAGER, true, e) ==
		0)
		rc = db_commit(db, e);
	free(row);
	if (rc == -1)
		return -1;
	return replicas_slot_create(db, n->name, e);
}

static int
answer(struct agent *a, const struct joiner *j, const struct bundle *request,
    struct bundle *out, struct err *e)
{
	const struct dbtls_issue is = {
		.conf = &a->conf,
		.name = j->name,
		.address = j->address,
		.requests = request,
	};
	struct parent_node keys;
	struct nodeconf n;
	struct db *db;
	int rc = -1;

	joiner_conf(&n, a, j);
	/* before anything is given away: keys that every node will read */
	if (sshkeys_node(&keys, &n, j->host_key, j->peer_key, e) == -1 ||
	    dbtls_issue_into(&is, out, e) == -1 ||
	    bundle_add_conf(out, &n, e) == -1 ||
	    add_security_password(out, e) == -1)
		return -1;
	db = db_open_primary(&a->conf, DB_RW, e);
	if (db != NULL && add_rows(db, &n, j, e) == 0)
		rc = add_nodes(out, db, e);
	db_close(db);
	return rc;
}

/*
 * Not while the security password is being changed: the new node gets the
 * old one and is in the roster before, or gets the new one.
 */
static int
answer_alone(struct agent *a, const struct joiner *j,
    const struct bundle *request, struct bundle *out, struct err *e)
{
	int rc;

	if (agent_lock_take(&a->recovery, CHANGE_WAIT_MS, e) == -1)
		return -1;
	rc = answer(a, j, request, out, e);
	agent_lock_give(&a->recovery);
	return rc;
}

static int
run_begin(struct verb_ctx *c, struct err *e)
{
	struct joiner j = { .name = NULL };
	struct bundle request;
	struct bundle out;
	struct wbuf w;
	int rc = -1;

	if (c->agent->conf.role != NODE_PUBLISHER)
		return err_set(e, ERR_STATE, "not the publisher");
	if (bundle_decode(&request, c->payload, c->payload_len, e) == -1)
		return -1;
	bundle_init(&out);
	wbuf_init(&w, BUNDLE_MAX);
	if (take_joiner(&j, c, &request, e) == -1 || invited(&j, e) == -1 ||
	    answer_alone(c->agent, &j, &request, &out, e) == -1)
		goto out;
	bundle_encode(&out, &w);
	if (w.failed) {
		(void)err_set(e, ERR_TOO_BIG, "answer over %d bytes",
		    BUNDLE_MAX);
		goto out;
	}
	agent_keys_changed(c->agent);
	verb_data(c, w.data, w.len);
	rc = 0;
out:
	bundle_release(&request);
	bundle_release(&out);
	wbuf_release(&w);
	return rc;
}

static int
run_end(struct verb_ctx *c, struct err *e)
{
	if (!nodeconf_valid_name(c->args[0]))
		return err_set(e, ERR_USAGE, "not a host name");
	return parent_invite_remove(&c->agent->parent, c->args[0], e);
}

const struct verb verb_join_begin = {
	.words = "join begin",
	.flags = VERB_PEER,
	.args_min = 3,
	.args_max = 3,
	.payload_max = 65536,
	.run = run_begin,
};

const struct verb verb_join_end = {
	.words = "join end",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.run = run_end,
};
