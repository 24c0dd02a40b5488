/*
 * show cert list own and show cert list trust: "NAME: DESCRIPTION" per line;
 * scripts take the text before the colon as the argument of show cert.
 */
#include <string.h>

#include "commands/ctx.h"
#include "commands/table.h"

static int
print_row(void *self, const struct strlist *column)
{
	struct out *out = self;

	if (column->n < 2)
		return 0;
	out_visible(out, column->item[0], strlen(column->item[0]));
	out_puts(out, ": ");
	out_visible(out, column->item[1], strlen(column->item[1]));
	out_puts(out, "\n");
	out_object(out, NULL);
	out_string(out, "name", column->item[0]);
	out_string(out, "description", column->item[1]);
	out_end(out);
	return 0;
}

static int
list(struct cmd_ctx *c, const char *store, struct err *e)
{
	const char *const words[] = { "cert", "list", store, NULL };
	struct link_sink sink = { .row = print_row, .self = c->out };
	int rc;

	out_object(c->out, NULL);
	out_array(c->out, "certificates");
	rc = cmd_call(c, words, &sink, e);
	out_end(c->out);
	out_end(c->out);
	return rc;
}

static int
run_own(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	return list(c, "own", e);
}

static int
run_trust(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	return list(c, "trust", e);
}

const struct command cmd_show_cert_list_own = {
	.words = "show cert list own",
	.help = "This will list the node's own certificates.",
	.example = "show cert list own",
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_JSON,
	.run = run_own,
};

const struct command cmd_show_cert_list_trust = {
	.words = "show cert list trust",
	.help = "This will list the certificates that the node trusts.",
	.example = "show cert list trust",
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_JSON,
	.run = run_trust,
};
