/*
 * ucm-node init: make this host the publisher of a new cluster
 * (--restore-from is in node/restore_init.c).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db.h"
#include "db/nodes.h"
#include "db/services.h"
#include "db/users.h"
#include "node/command.h"
#include "node/dbserver.h"
#include "node/hostuser.h"
#include "node/nodecerts.h"
#include "node/options.h"
#include "node/restore_init.h"
#include "node/setup.h"
#include "node/sshkeys.h"
#include "node/tree.h"
#include "trust/password.h"

struct init {
	struct setup base;
	char ccm_user[USERS_NAME_SIZE];
	const char *restore_from; /* a token, in argv: not a new cluster */
	char host_key[SSHKEYS_TEXT_SIZE];
	char peer_key[SSHKEYS_TEXT_SIZE];
};

static int
take_options(struct init *in, struct node_call *c, struct err *e)
{
	struct nodeconf *n = &in->base.conf;
	const struct option_def defs[] = {
		{ "name", OPTION_TEXT, n->name, sizeof(n->name) },
		{ "domain", OPTION_TEXT, n->domain, sizeof(n->domain) },
		{ "address", OPTION_TEXT, n->address, sizeof(n->address) },
		{ "ssh-port", OPTION_PORT, &n->ssh_port, 0 },
		{ "tftp-port", OPTION_PORT, &n->tftp_port, 0 },
		{ "http-port", OPTION_PORT, &n->http_port, 0 },
		{ "tvs-port", OPTION_PORT, &n->tvs_port, 0 },
		{ "sip-port", OPTION_PORT, &n->sip_port, 0 },
		{ "db-port", OPTION_PORT, &n->db_port, 0 },
		{ "organization", OPTION_TEXT, n->organization, NODE_DN_SIZE },
		{ "unit", OPTION_TEXT, n->unit, NODE_DN_SIZE },
		{ "locality", OPTION_TEXT, n->locality, NODE_DN_SIZE },
		{ "state", OPTION_TEXT, n->state, NODE_DN_SIZE },
		{ "country", OPTION_TEXT, n->country, sizeof(n->country) },
		{ "key-bits", OPTION_NUMBER, &n->key_bits, 4096 },
		{ "startup-delay", OPTION_NUMBER, &n->startup_delay, 600 },
		{ "admin", OPTION_TEXT, in->base.admin,
		    sizeof(in->base.admin) },
		{ "ccm-user", OPTION_TEXT, in->ccm_user, sizeof(in->ccm_user) },
		{ "passwords-file", OPTION_STRING, &in->base.passwords_file,
		    0 },
		{ "templates", OPTION_STRING, &in->base.templates, 0 },
		{ "restore-from", OPTION_STRING, &in->restore_from, 0 },
	};
	int nargs;

	if (options_parse(c->argc, c->argv, defs,
		sizeof(defs) / sizeof(defs[0]), &nargs, e) == -1)
		return -1;
	if (nargs > 0)
		return err_set(e, ERR_USAGE, "unexpected argument %s",
		    c->argv[1]);
	return 0;
}

/* Fill in what was not said, and check all of it. */
static int
complete(struct init *in, struct err *e)
{
	struct nodeconf *n = &in->base.conf;
	char host[256];

	if (n->name[0] == '\0' && gethostname(host, sizeof(host)) == 0) {
		host[sizeof(host) - 1] = '\0';
		host[strcspn(host, ".")] = '\0';
		(void)str_copy(n->name, sizeof(n->name), host);
	}
	if (!nodeconf_valid_name(n->name))
		return err_set(e, ERR_USAGE, "--name: not a host name");
	if (n->domain[0] == '\0')
		return err_set(e, ERR_USAGE, "--domain is missing");
	if (n->address[0] == '\0')
		return err_set(e, ERR_USAGE, "--address is missing");
	if (in->base.admin[0] == '\0')
		(void)str_copy(in->base.admin, sizeof(in->base.admin), "admin");
	if (!account_valid_name(in->base.admin))
		return err_set(e, ERR_USAGE,
		    "--admin: a lower-case letter, then lower-case letters, "
		    "digits, - and _");
	if (in->ccm_user[0] == '\0')
		(void)str_copy(in->ccm_user, sizeof(in->ccm_user),
		    "CCMAdministrator");
	n->role = NODE_PUBLISHER;
	(void)str_copy(n->publisher_name, sizeof(n->publisher_name), n->name);
	(void)str_copy(n->publisher_address, sizeof(n->publisher_address),
	    n->address);
	return 0;
}

/*
 * An interrupted init goes on only as the same node: the certificates of
 * the first run carry its names.
 */
static int
same_as_before(const struct nodeconf *n, struct err *e)
{
	struct nodeconf old;
	char path[PATH_SIZE];

	if (access(paths_in(path, "etc/node.conf"), F_OK) == -1)
		return 0;
	if (nodeconf_load(&old, NULL, e) == -1)
		return -1;
	if (restore_init_begun()) {
		(void)err_set(e, ERR_STATE,
		    "rebuilding publisher %s was interrupted here", old.name);
		return err_hint(e,
		    "run \"ucm-node init --restore-from\" again, or "
		    "\"ucm-node destroy\" first");
	}
	if (old.role == n->role && str_equal(old.name, n->name) &&
	    str_equal(old.domain, n->domain) &&
	    str_equal(old.address, n->address))
		return 0;
	(void)err_set(e, ERR_STATE,
	    "making node %s.%s (%s) was interrupted here", old.name, old.domain,
	    old.address);
	return err_hint(e,
	    "run the same command again, or \"ucm-node destroy\" first");
}

static int
get_passwords(struct init *in, struct err *e)
{
	struct setup *s = &in->base;

	if (s->passwords_file != NULL &&
	    passwords_load(&s->passwords, s->passwords_file, e) == -1)
		return -1;
	if (passwords_need(&s->passwords, PASSWORD_ADMIN,
		"Password of the administrator", e) == -1 ||
	    passwords_need(&s->passwords, PASSWORD_CCM,
		"Password of the CCM administrator", e) == -1 ||
	    passwords_need(&s->passwords, PASSWORD_SECURITY,
		"Cluster security password", e) == -1)
		return -1;
	return 0;
}

static int
fill_node(const struct init *in, struct db *db, struct err *e)
{
	const struct nodeconf *n = &in->base.conf;
	struct node_row *row = mem_alloc(sizeof(*row));
	int rc = -1;

	(void)str_copy(row->name, sizeof(row->name), n->name);
	(void)str_copy(row->domain, sizeof(row->domain), n->domain);
	(void)str_copy(row->address, sizeof(row->address), n->address);
	row->role = NODE_PUBLISHER;
	row->ssh_port = n->ssh_port;
	row->tftp_port = n->tftp_port;
	row->http_port = n->http_port;
	row->db_port = n->db_port;
	(void)str_copy(row->host_key, sizeof(row->host_key), in->host_key);
	(void)str_copy(row->peer_key, sizeof(row->peer_key), in->peer_key);
	if (nodes_add(db, row, e) == 0)
		rc = services_set_active(db, n->name, SERVICES_TFTP, true, e);
	if (rc == 0)
		rc = services_set_active(db, n->name, SERVICES_CALLMANAGER,
		    true, e);
	free(row);
	return rc;
}

static int
fill_ccm_user(const struct init *in, struct db *db, struct err *e)
{
	struct user_row u = { .ccm_administrator = true };
	char hash[PASSWORD_HASH_SIZE];
	int rc = -1;

	(void)str_copy(u.name, sizeof(u.name), in->ccm_user);
	if (password_hash(hash, &in->base.passwords.of[PASSWORD_CCM], e) == 0 &&
	    str_copy(u.password_hash, sizeof(u.password_hash), hash) == 0)
		rc = users_save(db, &u, e);
	mem_wipe(hash, sizeof(hash));
	user_row_release(&u);
	return rc;
}

/* As ucm: what the cluster's tables hold at first. */
static int
fill_tables(void *arg, struct wbuf *reply, struct err *e)
{
	struct init *in = arg;
	struct db *db = db_open_local(DB_RW, e);
	int rc = -1;

	if (db == NULL)
		return -1;
	if (fill_node(in, db, e) == 0)
		rc = fill_ccm_user(in, db, e);
	db_close(db);
	if (rc == 0)
		rc = nodecerts_record(&in->base.conf, reply, e);
	return rc;
}

/*
 * The database, and the units' certificates that are made meanwhile in w.
 */
static int
make_database(struct init *in, struct setup_work *w, struct err *e)
{
	struct nodeconf *n = &in->base.conf;
	pid_t server = -1;
	int rc = -1;

	if (setup_tls(n, e) == -1 || dbserver_init(e) == -1)
		return -1;
	server = dbserver_start_private(n, e);
	if (server == -1)
		return -1;
	if (dbserver_create_database(n, e) == -1 || dbserver_migrate(e) == -1) {
		(void)err_wrap(e, "make the tables");
		goto out;
	}
	node_say("Finishing keys and certificates ...");
	if (setup_work_wait(w, e) == -1)
		goto out;
	rc = setup_as(HOSTUSER_SERVICE, fill_tables, in, e);
	if (rc == -1)
		(void)err_wrap(e, "fill the tables");
out:
	dbserver_stop_private(server);
	return rc;
}

static int
make_publisher(struct init *in, struct err *e)
{
	struct setup *s = &in->base;
	struct setup_work w = SETUP_WORK_INIT;
	int rc = -1;

	node_say("Making accounts, directories and configuration ...");
	if (setup_tree(s, e) == -1 || setup_configuration(s, e) == -1 ||
	    setup_as(HOSTUSER_SERVICE, nodecerts_security_password,
		&s->passwords.of[PASSWORD_SECURITY], e) == -1 ||
	    setup_ssh(&s->conf, in->host_key, in->peer_key, e) == -1)
		return -1;
	node_say("Making the database ...");
	if (setup_work_units(&w, s, e) == 0 && setup_work_rsa(&w, e) == 0)
		rc = make_database(in, &w, e);
	if (setup_work_wait(&w, rc == 0 ? e : NULL) == -1 && rc == 0)
		rc = -1;
	if (rc == -1 || setup_admin(s, e) == -1 || tree_finish(e) == -1)
		return -1;
	node_say("Node %s.%s (%s) is the publisher of a new cluster; "
		 "\"ucm-node start\" starts it.",
	    s->conf.name, s->conf.domain, s->conf.address);
	return 0;
}

static int
new_publisher(struct init *in, struct err *e)
{
	int lock;
	int rc = -1;

	if (complete(in, e) == 0 && setup_refuse_finished(e) == 0 &&
	    same_as_before(&in->base.conf, e) == 0 &&
	    get_passwords(in, e) == 0 && (lock = node_lock(e)) != -1) {
		rc = make_publisher(in, e);
		close(lock);
	}
	return rc;
}

static int
restore(struct init *in, struct err *e)
{
	if (in->ccm_user[0] != '\0')
		return err_set(e, ERR_USAGE,
		    "--ccm-user: the cluster has its own");
	/* the program's arguments may be written to */
	return restore_init(&in->base, (char *)(uintptr_t)in->restore_from, e);
}

static int
run(struct node_call *c, struct err *e)
{
	struct init *in = mem_alloc(sizeof(*in));
	int rc;

	setup_init(&in->base);
	rc = take_options(in, c, e);
	if (rc == 0 && in->restore_from != NULL)
		rc = restore(in, e);
	else if (rc == 0)
		rc = new_publisher(in, e);
	setup_release(&in->base);
	free(in);
	return rc;
}

const struct node_command node_init = {
	.name = "init",
	.usage = "--address ADDRESS --domain DOMAIN [--name NAME]\n"
		 "    [--organization O] [--unit OU] [--locality L] "
		 "[--state ST] [--country C]\n"
		 "    [--ssh-port N] [--tftp-port N] [--http-port N] "
		 "[--tvs-port N] [--sip-port N]\n"
		 "    [--db-port N] [--key-bits N] [--startup-delay SECONDS]\n"
		 "    [--admin NAME] [--ccm-user NAME] "
		 "[--passwords-file FILE|-] [--templates DIR]\n"
		 "init --restore-from TOKEN|- [--admin NAME] "
		 "[--passwords-file FILE|-]\n"
		 "    [--templates DIR]",
	.help = "make this host the publisher of a new cluster, or of one "
		"that has lost it",
	.root = true,
	.run = run,
};
