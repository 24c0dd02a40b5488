/*
 * whoami, audit, cli timeout, node status, cluster show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/audit.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "cluster/fanout.h"
#include "cluster/link_pool.h"
#include "cluster/roster.h"
#include "node/agent.h"
#include "node/verb.h"

#define AUDIT_LINE_MAX 131072
#define NUMBER_SIZE 24
#define TIMEOUT_MIN 5 /* cli-reference 1.3 */
#define TIMEOUT_MAX 99999
#define TIMEOUT_DEFAULT 30
#define CONF_MAX 4096
#define ASK_MS 3000 /* for another node to answer */

static void
format_number(char dst[NUMBER_SIZE], int64_t n)
{
	(void)snprintf(dst, NUMBER_SIZE, "%lld", (long long)n);
}

static int
run_whoami(struct verb_ctx *c, struct err *e)
{
	char level[NUMBER_SIZE];
	char uid[NUMBER_SIZE];
	const char *const column[] = { c->caller.name, level, uid };

	(void)e;
	format_number(level, c->caller.level);
	format_number(uid, (int64_t)c->caller.uid);
	verb_row_of(c, column, 3);
	return 0;
}

/* --- audit -------------------------------------------------------------- */

/* The payload as a string; audit makes it visible. */
static char *
audit_line(const struct verb_ctx *c)
{
	if (c->payload_len == 0)
		return mem_strdup("");
	/* a NUL would hide what stands behind it */
	if (memchr(c->payload, '\0', c->payload_len) != NULL)
		return str_visible_dup(c->payload, c->payload_len);
	return mem_strndup((const char *)c->payload, c->payload_len);
}

static int
run_audit_begin(struct verb_ctx *c, struct err *e)
{
	char dir[PATH_SIZE];
	char *line = audit_line(c);
	int rc;

	rc = audit_command(paths_in(dir, "log/platform/log"), c->caller.name,
	    line, e);
	free(line);
	return rc;
}

static int
run_audit_end(struct verb_ctx *c, struct err *e)
{
	char dir[PATH_SIZE];
	uint64_t status;
	char *line;
	int rc;

	if (str_number(c->args[0], 0, 255, &status) == -1)
		return err_set(e, ERR_USAGE, "audit end: not a status");
	line = audit_line(c);
	rc = audit_result(paths_in(dir, "log/platform/log"), c->caller.name,
	    line, (int)status, e);
	free(line);
	return rc;
}

/* --- cli timeout -------------------------------------------------------- */

/* Minutes of etc/cli.conf; the default when it does not say. */
static unsigned
read_timeout(void)
{
	static const char key[] = "session_timeout = ";
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint64_t minutes = TIMEOUT_DEFAULT;
	uint8_t *data;
	size_t len;
	char *text;

	if (file_read(paths_in(path, "etc/cli.conf"), CONF_MAX, &data, &len,
		&e) == -1)
		return TIMEOUT_DEFAULT;
	text = strstr((char *)data, key);
	if (text != NULL) {
		text += strlen(key);
		text[strcspn(text, "\r\n")] = '\0';
		if (str_number(text, TIMEOUT_MIN, TIMEOUT_MAX, &minutes) == -1)
			minutes = TIMEOUT_DEFAULT;
	}
	free(data);
	return (unsigned)minutes;
}

static int
run_cli_timeout(struct verb_ctx *c, struct err *e)
{
	char minutes[NUMBER_SIZE];
	const char *const column[] = { minutes };
	uint64_t n;

	if (c->nargs == 0) {
		format_number(minutes, read_timeout());
		verb_row_of(c, column, 1);
		return 0;
	}
	if (c->caller.level < 1)
		return err_set(e, ERR_DENIED,
		    "cli timeout: account %s has privilege level %d, level 1 "
		    "is needed",
		    c->caller.name, c->caller.level);
	if (str_number(c->args[0], TIMEOUT_MIN, TIMEOUT_MAX, &n) == -1)
		return err_set(e, ERR_USAGE,
		    "The time-out must be %d to %d minutes.", TIMEOUT_MIN,
		    TIMEOUT_MAX);
	return parent_cli_timeout(&c->agent->parent, (unsigned)n, e);
}

/* --- node status, cluster show ------------------------------------------ */

static const char *
role_name(enum node_role role)
{
	return role == NODE_PUBLISHER ? "Publisher" : "Subscriber";
}

static int
run_node_status(struct verb_ctx *c, struct err *e)
{
	const struct nodeconf *conf = &c->agent->conf;
	char started[NUMBER_SIZE];
	const char *const column[] = { conf->name, role_name(conf->role),
		conf->address, AGENT_VERSION, started };

	(void)e;
	format_number(started, c->agent->started);
	verb_row_of(c, column, 5);
	return 0;
}

/* What another node answered. */
struct answer {
	struct link_pool *links;
	const struct roster_node *node;
	bool seen;
	int64_t started;
};

static int
take_status(void *self, const struct strlist *columns)
{
	struct answer *answer = self;
	uint64_t started;

	if (columns->n < 5 ||
	    str_number(columns->item[4], 0, INT64_MAX, &started) == -1)
		return -1;
	answer->seen = true;
	answer->started = (int64_t)started;
	return 0;
}

static int
ask_node(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct answer *answer = (struct answer *)self + i;
	const struct link_sink sink = { .row = take_status, .self = answer };
	struct link_request rq = { .words = STRLIST_INIT };
	struct link *l;
	int rc;

	if (answer->node->local)
		return 0;
	l = link_pool_take(answer->links, answer->node, deadline_ticks, e);
	if (l == NULL)
		return -1;
	strlist_add(&rq.words, "node");
	strlist_add(&rq.words, "status");
	rc = link_call(l, &rq, &sink, deadline_ticks, e);
	strlist_release(&rq.words);
	link_pool_give(answer->links, l);
	return rc;
}

static void
show_node(struct verb_ctx *c, const struct answer *answer)
{
	const struct roster_node *n = answer->node;
	const struct nodeconf *conf = &c->agent->conf;
	bool alive = n->local || answer->seen;
	char since[NUMBER_SIZE];
	char *fqdn;

	/* of a node that is not there: since this one has been looking */
	format_number(since,
	    answer->seen ? answer->started : c->agent->started);
	fqdn = mem_printf("%s%s%s", n->name,
	    n->domain[0] == '\0' && conf->domain[0] == '\0' ? "" : ".",
	    n->domain[0] == '\0' ? conf->domain : n->domain);
	{
		const char *const column[] = { n->address, fqdn, n->name,
			role_name(n->role), alive ? "t" : "f", since,
			n->local ? "t" : "f" };

		verb_row_of(c, column, 7);
	}
	free(fqdn);
}

static int
run_cluster_show(struct verb_ctx *c, struct err *e)
{
	struct roster r;
	struct answer *answer;
	struct err *outcome;
	struct fanout f = { .item_ms = ASK_MS, .run = ask_node };
	size_t i;

	if (roster_load(&r, &c->agent->conf, e) == -1)
		return -1;
	answer = mem_array(r.n, sizeof(*answer));
	outcome = mem_array(r.n, sizeof(*outcome));
	for (i = 0; i < r.n; i++)
		answer[i] = (struct answer) { .links = c->agent->links,
			.node = &r.node[i] };
	f.n = r.n;
	f.self = answer;
	(void)fanout_run(&f, outcome);
	for (i = 0; i < r.n; i++)
		show_node(c, &answer[i]);
	free(outcome);
	free(answer);
	roster_release(&r);
	return 0;
}

const struct verb verb_whoami = {
	.words = "whoami",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.run = run_whoami,
};

const struct verb verb_audit_begin = {
	.words = "audit begin",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.payload_max = AUDIT_LINE_MAX,
	.run = run_audit_begin,
};

const struct verb verb_audit_end = {
	.words = "audit end",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 1,
	.args_max = 1,
	.payload_max = AUDIT_LINE_MAX,
	.run = run_audit_end,
};

const struct verb verb_cli_timeout = {
	.words = "cli timeout",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_max = 1,
	.run = run_cli_timeout,
};

const struct verb verb_node_status = {
	.words = "node status",
	.flags = VERB_PEER | VERB_ACCOUNTS,
	.level = 0,
	.run = run_node_status,
};

const struct verb verb_cluster_show = {
	.words = "cluster show",
	.flags = VERB_ACCOUNTS | VERB_COSTLY,
	.level = 0,
	.run = run_cluster_show,
};
