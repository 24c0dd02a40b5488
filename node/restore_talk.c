#include "node/restore_talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/paths.h"
#include "db/position.h"
#include "node/dbtls.h"
#include "node/exchange.h"
#include "node/nodecerts.h"
#include "trust/key.h"

#define SUBSCRIBER "subscriber" /* in messages: who made the token */
#define FILE_MAX 65536
#define COMMAND_SIZE 128

/* One node, as the token's subscriber tells of it. */
struct member {
	char name[NODE_NAME_SIZE];
	char address[NODE_ADDRESS_SIZE];
	struct position position;
	bool adopted;
};

struct talk {
	const struct restore_talk *in;
	struct restore_result *out;
	struct session *session;
	struct bundle pledge; /* encoded with every request */
	struct member *member; /* n of them */
	size_t n;
};

int
restore_talk_facts(const struct token *t, char **conf, struct err *e)
{
	struct session *s = exchange_open(t, SUBSCRIBER, e);
	struct bundle answer;
	const char *text = NULL;

	*conf = NULL;
	bundle_init(&answer);
	if (s != NULL && exchange_ask(s, "facts", NULL, &answer, e) == 0)
		text = bundle_text(&answer, "node_conf", e);
	if (text != NULL)
		*conf = mem_strdup(text);
	bundle_release(&answer);
	session_close(s);
	return text == NULL ? -1 : 0;
}

int
restore_talk_end(const struct token *t, struct err *e)
{
	struct session *s = exchange_open(t, SUBSCRIBER, e);
	int rc = -1;

	if (s != NULL)
		rc = exchange_ask(s, "end", NULL, NULL, e);
	session_close(s);
	return rc;
}

void
restore_result_release(struct restore_result *r)
{
	if (r != NULL)
		strlist_release(&r->left_out);
}

/* --- the pledge ---------------------------------------------------------- */

/* A text file of one line, or a PEM file, without its last newline or not. */
static int
take_file(char *dst, size_t size, const char *name, bool line, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *text;
	size_t len;
	int rc;

	if (file_read(paths_in(path, "%s", name), FILE_MAX, &text, &len, e) ==
	    -1)
		return -1;
	if (line)
		text[strcspn((char *)text, "\n")] = '\0';
	rc = str_copy(dst, size, (char *)text);
	free(text);
	return rc == 0 ? 0 : err_set(e, ERR_TOO_BIG, "%s: too long", path);
}

static int
take_peer_key(struct pledge *p, struct err *e)
{
	struct wbuf w;
	int rc;

	wbuf_init(&w, sizeof(p->peer_key) - 1);
	rc = nodecerts_peer_key(NULL, &w, e);
	if (rc == 0 && w.failed)
		rc = err_set(e, ERR_KEY, "SSH key: too long");
	if (rc == 0)
		memcpy(p->peer_key, w.data, w.len);
	wbuf_release(&w);
	return rc;
}

/* The public half of the token's key. */
static int
take_invitation(struct pledge *p, const struct token *t, struct err *e)
{
	struct key *k = key_from_pem(t->key, strlen(t->key), e);
	char *public = k == NULL ? NULL : key_ssh_public(k, e);
	int rc = -1;

	if (public != NULL)
		rc = str_copy(p->invitation, sizeof(p->invitation), public);
	free(public);
	key_free(k);
	return rc == 0 ? 0 : err_wrap(e, "one-time key");
}

static int
make_pledge(struct talk *k, struct err *e)
{
	const struct nodeconf *conf = k->in->conf;
	struct pledge *p = &k->out->pledge;

	(void)str_copy(p->name, sizeof(p->name), conf->name);
	(void)str_copy(p->address, sizeof(p->address), conf->address);
	p->port = conf->ssh_port;
	if (take_file(p->host_key, sizeof(p->host_key),
		"ssh/ssh_host_ecdsa_key.pub", true, e) == -1 ||
	    take_peer_key(p, e) == -1 ||
	    take_file(p->ca_cert, sizeof(p->ca_cert), "certs/cluster-ca.pem",
		false, e) == -1 ||
	    take_invitation(p, k->in->token, e) == -1 ||
	    pledge_sign(p, k->in->security, e) == -1)
		return -1;
	pledge_add(p, &k->pledge);
	return 0;
}

/* --- the nodes ----------------------------------------------------------- */

/* Lines "NAME ADDRESS" of the subscribers. */
static int
take_members(struct talk *k, const char *text, struct err *e)
{
	const char *p;
	size_t lines = 0;

	for (p = text; *p != '\0'; p++)
		lines += *p == '\n';
	k->member = mem_array(lines + 1, sizeof(*k->member));
	for (p = text; k->n < lines; p += strcspn(p, "\n") + 1) {
		struct member *m = &k->member[k->n++];
		size_t name = strcspn(p, " ");
		size_t address = strcspn(p + name, "\n");

		if (name >= sizeof(m->name) || address < 2 ||
		    address > sizeof(m->address))
			return err_set(e, ERR_FORMAT, "nodes: not a node");
		memcpy(m->name, p, name);
		memcpy(m->address, p + name + 1, address - 1);
		if (!nodeconf_valid_name(m->name))
			return err_set(e, ERR_FORMAT, "nodes: not a name");
	}
	return 0;
}

static int
ask_members(struct talk *k, struct err *e)
{
	struct bundle answer;
	const char *text;
	int rc = -1;

	if (exchange_ask(k->session, "nodes", &k->pledge, &answer, e) == -1)
		return -1;
	text = bundle_text(&answer, "nodes", e);
	if (text != NULL)
		rc = take_members(k, text, e);
	bundle_release(&answer);
	return rc;
}

/* What node m tells of itself: requests for certificates, its position. */
static int
look(struct talk *k, struct member *m, struct bundle *answer, struct err *e)
{
	char command[COMMAND_SIZE];
	const char *timeline;
	const char *lsn;
	uint64_t t;

	(void)str_printf(command, sizeof(command), "look %s", m->name);
	if (exchange_ask(k->session, command, &k->pledge, answer, e) == -1)
		return -1;
	timeline = bundle_text(answer, "timeline", e);
	lsn = timeline == NULL ? NULL : bundle_text(answer, "lsn", e);
	if (lsn == NULL)
		return -1;
	if (str_number(timeline, 1, UINT32_MAX, &t) == -1 ||
	    str_number(lsn, 0, UINT64_MAX, &m->position.lsn) == -1)
		return err_set(e, ERR_FORMAT, "not a position");
	m->position.timeline = (uint32_t)t;
	return 0;
}

/* Certificates of this CA for what m has asked for, and the pledge. */
static int
adopt(struct talk *k, const struct member *m, const struct bundle *requests,
    struct err *e)
{
	const struct dbtls_issue is = {
		.conf = k->in->conf,
		.name = m->name,
		.address = m->address,
		.requests = requests,
	};
	static const char *const pieces[] = { "server_cert", "replicator_cert",
		"client_cert" };
	char command[COMMAND_SIZE];
	struct bundle issued;
	struct bundle message;
	int rc;

	bundle_init(&issued);
	bundle_init(&message);
	rc = dbtls_issue_into(&is, &issued, e);
	pledge_add(&k->out->pledge, &message);
	for (size_t i = 0; rc == 0 && i < sizeof(pieces) / sizeof(pieces[0]);
	     i++)
		bundle_add_text(&message, pieces[i],
		    bundle_find(&issued, pieces[i])->data);
	(void)str_printf(command, sizeof(command), "adopt %s", m->name);
	if (rc == 0)
		rc = exchange_ask(k->session, command, &message, NULL, e);
	bundle_release(&issued);
	bundle_release(&message);
	return rc;
}

static void
leave_out(struct talk *k, const struct member *m, const struct err *why)
{
	char *text = mem_printf("%s: %s", m->name, why->msg);
	struct err ignored = ERR_INIT;

	(void)progress_printf(k->in->progress, &ignored,
	    "Node %s is left out: %s\n", m->name, why->msg);
	strlist_add(&k->out->left_out, text);
	free(text);
}

/* A node that does not follow costs nothing but a line. */
static void
win(struct talk *k, struct member *m)
{
	struct err e = ERR_INIT;
	struct bundle requests;

	bundle_init(&requests);
	if (look(k, m, &requests, &e) == 0 && adopt(k, m, &requests, &e) == 0) {
		m->adopted = true;
		(void)progress_printf(k->in->progress, &e,
		    "Node %s has adopted this publisher.\n", m->name);
	} else {
		leave_out(k, m, &e);
	}
	bundle_release(&requests);
}

/*
 * Nobody gets new data now that all have turned from the old publisher, so
 * positions are read once more and then stand.
 */
static int
choose(struct talk *k, struct err *e)
{
	const struct member *best = NULL;
	struct restore_result *out = k->out;

	for (size_t i = 0; i < k->n; i++) {
		struct member *m = &k->member[i];
		struct err why = ERR_INIT;
		struct bundle answer;

		if (!m->adopted)
			continue;
		bundle_init(&answer);
		if (look(k, m, &answer, &why) == -1)
			leave_out(k, m, &why);
		else if (best == NULL ||
		    position_compare(&m->position, &best->position) > 0)
			best = m;
		bundle_release(&answer);
	}
	if (best == NULL)
		return err_set(e, ERR_STATE,
		    "no subscriber's database can be reached");
	(void)str_copy(out->source_name, sizeof(out->source_name), best->name);
	(void)str_copy(out->source_address, sizeof(out->source_address),
	    best->address);
	return progress_printf(k->in->progress, e,
	    "The database of %s is the most advanced.\n", best->name);
}

int
restore_talk_adopt(const struct restore_talk *t, struct restore_result *out,
    struct err *e)
{
	struct talk k = { .in = t, .out = out };
	int rc = -1;

	memset(out, 0, sizeof(*out));
	bundle_init(&k.pledge);
	if (make_pledge(&k, e) == -1)
		goto out;
	k.session = exchange_open(t->token, SUBSCRIBER, e);
	if (k.session == NULL || ask_members(&k, e) == -1)
		goto out;
	for (size_t i = 0; i < k.n; i++)
		win(&k, &k.member[i]);
	rc = choose(&k, e);
out:
	bundle_release(&k.pledge);
	free(k.member);
	session_close(k.session);
	if (rc == -1)
		restore_result_release(out);
	return rc;
}
