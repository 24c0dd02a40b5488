/*
 * show network cluster: the other nodes, this node, then the table of all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "commands/ctx.h"
#include "commands/table.h"

enum column {
	ADDRESS,
	FQDN,
	HOST,
	ROLE,
	AUTHENTICATED,
	SINCE,
	LOCAL,
	COLUMNS
};

#define NODES_MAX 256

struct cluster {
	struct strlist node[NODES_MAX];
	size_t n;
};

static int
take_row(void *self, const struct strlist *column)
{
	struct cluster *cl = self;
	size_t i;

	if (column->n < COLUMNS || cl->n == NODES_MAX)
		return 0;
	for (i = 0; i < column->n; i++)
		strlist_add(&cl->node[cl->n], column->item[i]);
	cl->n++;
	return 0;
}

static bool
is(const struct strlist *node, enum column c, const char *value)
{
	return str_equal(node->item[c], value);
}

static void
print_node(struct out *out, const struct strlist *node)
{
	bool publisher = is(node, ROLE, "Publisher");
	bool authenticated = is(node, AUTHENTICATED, "t");
	bool local = is(node, LOCAL, "t");
	char since[64] = "";
	uint64_t t;
	size_t i;

	if (str_number(node->item[SINCE], 1, INT64_MAX, &t) == 0)
		clock_strftime(since, sizeof(since), "%a %b %d %H:%M:%S %Y",
		    (int64_t)t);
	for (i = ADDRESS; i <= HOST; i++) {
		out_visible(out, node->item[i], strlen(node->item[i]));
		out_puts(out, " ");
	}
	out_printf(out, "%s callmanager %s %sauthenticated",
	    publisher ? "Publisher" : "Subscriber",
	    publisher ? "DBPub" : "DBSub", authenticated ? "" : "not ");
	if (!authenticated)
		out_puts(out, " - INITIATOR");
	else if (!local)
		out_puts(out, " using TCP");
	if (!(authenticated && local) && since[0] != '\0')
		out_printf(out, " since %s", since);
	out_puts(out, "\n");

	out_object(out, NULL);
	out_string(out, "address", node->item[ADDRESS]);
	out_string(out, "fqdn", node->item[FQDN]);
	out_string(out, "host", node->item[HOST]);
	out_string(out, "role", publisher ? "Publisher" : "Subscriber");
	out_bool(out, "authenticated", authenticated);
	out_string(out, "since", since);
	out_bool(out, "local", local);
	out_end(out);
}

static void
print(struct out *out, const struct cluster *cl)
{
	size_t i;

	out_object(out, NULL);
	out_array(out, "nodes");
	for (i = 0; i < cl->n; i++) {
		if (!is(&cl->node[i], LOCAL, "t"))
			print_node(out, &cl->node[i]);
	}
	for (i = 0; i < cl->n; i++) {
		if (is(&cl->node[i], LOCAL, "t"))
			print_node(out, &cl->node[i]);
	}
	out_end(out);
	out_end(out);
	out_puts(out,
	    "\nServer Table (processnode) Entries\n"
	    "----------------------------------\n");
	for (i = 0; i < cl->n; i++) {
		out_visible(out, cl->node[i].item[ADDRESS],
		    strlen(cl->node[i].item[ADDRESS]));
		out_puts(out, "\n");
	}
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "cluster", "show", NULL };
	struct cluster *cl = mem_alloc(sizeof(*cl));
	struct link_sink sink = { .row = take_row, .self = cl };
	size_t i;
	int rc;

	(void)a;
	rc = cmd_call(c, words, &sink, e);
	if (rc == 0)
		print(c->out, cl);
	for (i = 0; i < cl->n; i++)
		strlist_release(&cl->node[i]);
	free(cl);
	return rc;
}

const struct command cmd_show_network_cluster = {
	.words = "show network cluster",
	.help = "This will show the nodes of the cluster.",
	.example = "show network cluster",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
