/*
 * ucm-node join: make this host a subscriber of a cluster.
 *
 * One exchange over SSH with the publisher brings everything that is needed;
 * its answer is kept in etc/joining until the end, so an interrupted join
 * goes on from there, with the same token or with none that works any more.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/bundle.h"
#include "node/command.h"
#include "node/dbserver.h"
#include "node/dbtls.h"
#include "node/exchange.h"
#include "node/hostuser.h"
#include "node/nodecerts.h"
#include "node/options.h"
#include "node/parent_keys.h"
#include "node/setup.h"
#include "node/sshkeys.h"
#include "node/token.h"
#include "node/tree.h"
#include "sftp/session.h"

#define ANSWER_FILE "etc/joining"

struct join {
	struct setup base;
	char *token_text; /* "-": standard input; the program's argument */
	struct token token;
	char peer_key[SSHKEYS_TEXT_SIZE];
	struct bundle answer;
};

static int
take_options(struct join *j, struct node_call *c, struct err *e)
{
	struct setup *s = &j->base;
	const struct option_def defs[] = {
		{ "admin", OPTION_TEXT, s->admin, sizeof(s->admin) },
		{ "passwords-file", OPTION_STRING, &s->passwords_file, 0 },
		{ "templates", OPTION_STRING, &s->templates, 0 },
	};
	int nargs;

	if (options_parse(c->argc, c->argv, defs, 3, &nargs, e) == -1)
		return -1;
	if (nargs != 1)
		return err_set(e, ERR_USAGE, "a token, or - to read it");
	j->token_text = c->argv[1];
	if (s->admin[0] == '\0')
		(void)str_copy(s->admin, sizeof(s->admin), "admin");
	if (!account_valid_name(s->admin))
		return err_set(e, ERR_USAGE,
		    "--admin: a lower-case letter, then lower-case letters, "
		    "digits, - and _");
	if (str_equal(j->token_text, "-") && s->passwords_file != NULL &&
	    str_equal(s->passwords_file, "-"))
		return err_set(e, ERR_USAGE,
		    "token and passwords cannot both be standard input");
	return 0;
}

static int
get_passwords(struct join *j, struct err *e)
{
	struct setup *s = &j->base;

	if (s->passwords_file != NULL &&
	    passwords_load(&s->passwords, s->passwords_file, e) == -1)
		return -1;
	return passwords_need(&s->passwords, PASSWORD_ADMIN,
	    "Password of the administrator", e);
}

static int
decode(struct join *j, const char *text, struct err *e)
{
	if (token_decode(&j->token, text, e) == -1)
		return -1;
	if (!j->token.publisher)
		return 0;
	mem_wipe(&j->token, sizeof(j->token));
	(void)err_set(e, ERR_USAGE, "this token is for the publisher");
	return err_hint(e, "\"ucm-node init --restore-from\" takes it");
}

/* Standard input is read late: it may be a pipe somebody fills later. */
static int
get_token(struct join *j, struct err *e)
{
	char text[TOKEN_MAX] = "";
	size_t len = 0;
	int rc;

	if (!str_equal(j->token_text, "-")) {
		if (j->token.name[0] != '\0')
			return 0;
		rc = decode(j, j->token_text, e);
		/* ps shows arguments, and this one opens a door. */
		mem_wipe(j->token_text, strlen(j->token_text));
		return rc;
	}
	while (len < sizeof(text) - 1 && memchr(text, '\n', len) == NULL) {
		ssize_t n =
		    read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	rc = decode(j, text, e);
	mem_wipe(text, sizeof(text));
	return rc;
}

/* --- the exchange ----------------------------------------------------------
 */

/* What this node asks for: keys to be certified, keys to be known. */
static int
make_request(struct join *j, struct bundle *b, struct err *e)
{
	char host_key[SSHKEYS_TEXT_SIZE];
	struct nodeconf *n = &j->base.conf;
	struct bundle client;
	int rc = -1;

	bundle_init(&client);
	if (sshkeys_host_key(host_key, e) == 0 &&
	    setup_peer_key(j->peer_key, sizeof(j->peer_key), e) == 0 &&
	    setup_ask(HOSTUSER_DATABASE, dbtls_request_server, n, b, e) == 0 &&
	    setup_ask(HOSTUSER_SERVICE, dbtls_request_client, n, &client, e) ==
		0) {
		bundle_add_text(b, "client_csr",
		    bundle_find(&client, "client_csr")->data);
		bundle_add_text(b, "host_key", host_key);
		bundle_add_text(b, "peer_key", j->peer_key);
		rc = 0;
	}
	bundle_release(&client);
	return rc;
}

/*
 * Ask, keep the answer on disk, tell the publisher that the key has done its
 * work.
 */
static int
exchange(struct join *j, const struct bundle *request, struct err *e)
{
	struct session *s = exchange_open(&j->token, "publisher", e);
	struct wbuf w;
	int rc = -1;

	wbuf_init(&w, BUNDLE_MAX);
	if (s != NULL &&
	    exchange_ask(s, "begin", request, &j->answer, e) == 0) {
		char path[PATH_SIZE];

		bundle_encode(&j->answer, &w);
		rc = file_replace(paths_in(path, ANSWER_FILE), w.data, w.len,
		    0600, e);
	}
	if (rc == 0)
		rc = exchange_ask(s, "end", NULL, NULL, e);
	session_close(s);
	wbuf_release(&w);
	return rc;
}

/*
 * A run that was killed may have kept the answer and not said so.  The
 * invitation is gone already if it has, and soon if the publisher is not
 * there: neither is in the way of this node.
 */
static void
end_again(const struct token *t)
{
	struct session *s = exchange_open(t, "publisher", NULL);

	if (s != NULL)
		(void)exchange_ask(s, "end", NULL, NULL, NULL);
	session_close(s);
}

/* The answer of an interrupted run, if there is one. */
static int
load_answer(struct join *j, bool *found, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data = NULL;
	size_t len;
	int rc;

	*found = access(paths_in(path, ANSWER_FILE), F_OK) == 0;
	if (!*found)
		return 0;
	if (file_read(path, BUNDLE_MAX, &data, &len, e) == -1)
		return -1;
	rc = bundle_decode(&j->answer, data, len, e);
	mem_free_wiped(data, len);
	return rc == 0 ? 0 : err_wrap(e, "%s", path);
}

/* --- what the answer brings ------------------------------------------------
 */

/* node.conf, checked as a file before it gets its name. */
static int
take_conf(struct join *j, struct err *e)
{
	struct nodeconf *n = &j->base.conf;
	const char *text = bundle_text(&j->answer, "node_conf", e);
	char path[PATH_SIZE];
	int rc;

	if (text == NULL)
		return -1;
	paths_in(path, "etc/node.conf.join");
	if (file_replace(path, text, strlen(text), 0644, e) == -1)
		return -1;
	rc = nodeconf_load(n, path, e);
	(void)file_remove(path, NULL);
	if (rc == -1)
		return err_wrap(e, "the publisher's answer");
	if (n->role == NODE_SUBSCRIBER && str_equal(n->name, j->token.name) &&
	    str_equal(n->address, j->token.node_address))
		return 0;
	(void)err_set(e, ERR_STATE,
	    "joining as node %s (%s) was interrupted "
	    "here",
	    n->name, n->address);
	return err_hint(e,
	    "use a token for that node, or \"ucm-node destroy\" "
	    "first");
}

/* One line "NAME ADDRESS PORT HOSTKEY CLIENTKEY". */
static int
parse_node(struct parent_node *n, const char *line, struct err *e)
{
	char copy[1024];
	char *word[6] = { NULL };
	char *save = NULL;
	uint64_t port;
	size_t count = 0;

	if (str_copy(copy, sizeof(copy), line) == -1)
		return err_set(e, ERR_FORMAT, "nodes: a line is too long");
	for (char *p = strtok_r(copy, " ", &save); p != NULL && count < 6;
	     p = strtok_r(NULL, " ", &save))
		word[count++] = p;
	memset(n, 0, sizeof(*n));
	if (count != 5 || str_number(word[2], 1, UINT16_MAX, &port) == -1 ||
	    str_copy(n->name, sizeof(n->name), word[0]) == -1 ||
	    str_copy(n->address, sizeof(n->address), word[1]) == -1 ||
	    str_copy(n->host_key, sizeof(n->host_key),
		str_equal(word[3], "-") ? "" : word[3]) == -1 ||
	    str_copy(n->client_key, sizeof(n->client_key),
		str_equal(word[4], "-") ? "" : word[4]) == -1)
		return err_set(e, ERR_FORMAT, "nodes: not a node");
	n->port = (uint16_t)port;
	return 0;
}

static int
take_nodes(const struct bundle *answer, struct err *e)
{
	const char *text = bundle_text(answer, "nodes", e);
	struct parent_node *nodes;
	struct strlist lines = STRLIST_INIT;
	int rc = 0;

	if (text == NULL)
		return -1;
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		strlist_add_n(&lines, text, len);
		text += len;
		if (*text == '\n')
			text++;
	}
	nodes = mem_array(lines.n + 1, sizeof(*nodes));
	for (size_t i = 0; rc == 0 && i < lines.n; i++) {
		rc = parse_node(&nodes[i], lines.item[i], e);
		if (rc == 0)
			rc = parent_keys_check(&nodes[i], e);
	}
	if (rc == 0)
		rc = sshkeys_write_nodes(nodes, lines.n, e);
	free(nodes);
	strlist_release(&lines);
	return rc;
}

static int
apply(struct join *j, struct err *e)
{
	const char *password;
	struct secret security;
	int rc;

	if (take_conf(j, e) == -1 || setup_configuration(&j->base, e) == -1 ||
	    take_nodes(&j->answer, e) == -1)
		return -1;
	password = bundle_text(&j->answer, "security_password", e);
	if (password == NULL)
		return -1;
	secret_set(&security, password, strlen(password));
	rc = setup_as(HOSTUSER_SERVICE, nodecerts_security_password, &security,
	    e);
	secret_release(&security);
	if (rc == -1 ||
	    setup_as(HOSTUSER_DATABASE, dbtls_install_server, &j->answer, e) ==
		-1 ||
	    setup_as(HOSTUSER_SERVICE, dbtls_install_client, &j->answer, e) ==
		-1)
		return -1;
	return 0;
}

/* --- the whole --------------------------------------------------------------
 */

/* As postgres, then as ucm: data from the primary, rows to the primary. */
static int
make_database(struct join *j, struct setup_work *w, struct err *e)
{
	struct nodeconf *n = &j->base.conf;
	struct dbserver_source publisher;

	dbserver_source_publisher(&publisher, n);
	node_say("Copying the publisher's database ...");
	if (dbserver_copy(&publisher, e) == -1)
		return -1;
	node_say("Finishing keys and certificates ...");
	if (setup_work_wait(w, e) == -1)
		return -1;
	return setup_as(HOSTUSER_SERVICE, nodecerts_record, n, e);
}

static int
make_subscriber(struct join *j, struct setup_work *w, struct err *e)
{
	struct setup *s = &j->base;
	char path[PATH_SIZE];

	if (apply(j, e) == -1 || setup_work_units(w, s, e) == -1 ||
	    make_database(j, w, e) == -1 || setup_admin(s, e) == -1)
		return -1;
	if (file_remove(paths_in(path, ANSWER_FILE), e) == -1 ||
	    tree_finish(e) == -1)
		return -1;
	node_say("Node %s.%s (%s) has joined the cluster of %s; "
		 "\"ucm-node start\" starts it.",
	    s->conf.name, s->conf.domain, s->conf.address,
	    s->conf.publisher_name);
	return 0;
}

/* Everything that needs no publisher comes first. */
static int
join(struct join *j, struct setup_work *w, struct err *e)
{
	struct bundle request;
	bool found = false;
	int rc = -1;

	node_say("Making accounts, directories and keys ...");
	if (setup_tree(&j->base, e) == -1 || setup_work_rsa(w, e) == -1)
		return -1;
	bundle_init(&request);
	if (make_request(j, &request, e) == -1 || get_token(j, e) == -1 ||
	    load_answer(j, &found, e) == -1)
		goto out;
	if (found) {
		end_again(&j->token);
	} else {
		node_say("Asking the publisher (%s) ...", j->token.address);
		if (exchange(j, &request, e) == -1)
			goto out;
	}
	rc = make_subscriber(j, w, e);
out:
	bundle_release(&request);
	return rc;
}

/* A host where a publisher was begun is not joined by mistake. */
static int
refuse_half_publisher(struct err *e)
{
	struct nodeconf old;
	char path[PATH_SIZE];

	if (access(paths_in(path, "etc/node.conf"), F_OK) == -1 ||
	    nodeconf_load(&old, NULL, NULL) == -1 ||
	    old.role == NODE_SUBSCRIBER)
		return 0;
	(void)err_set(e, ERR_STATE, "making publisher %s was interrupted here",
	    old.name);
	return err_hint(e, "run \"ucm-node destroy\" first");
}

static int
run(struct node_call *c, struct err *e)
{
	struct join *j = mem_alloc(sizeof(*j));
	struct setup_work w = SETUP_WORK_INIT;
	int lock;
	int rc = -1;

	setup_init(&j->base);
	bundle_init(&j->answer);
	if (take_options(j, c, e) == 0 && setup_refuse_finished(e) == 0 &&
	    refuse_half_publisher(e) == 0 &&
	    (str_equal(j->token_text, "-") || get_token(j, e) == 0) &&
	    get_passwords(j, e) == 0 && (lock = node_lock(e)) != -1) {
		rc = join(j, &w, e);
		if (setup_work_wait(&w, rc == 0 ? e : NULL) == -1)
			rc = -1;
		close(lock);
	}
	setup_release(&j->base);
	bundle_release(&j->answer);
	mem_wipe(&j->token, sizeof(j->token));
	free(j);
	return rc;
}

const struct node_command node_join = {
	.name = "join",
	.usage = "TOKEN|- [--admin NAME] [--passwords-file FILE|-] "
		 "[--templates DIR]",
	.help = "make this host a subscriber of the cluster that invited it",
	.root = true,
	.run = run,
};
