/*
 * set enterprise parameter NAME VALUE: the agent writes it to the publisher's
 * database.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/parameter.h"
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

static void
say(struct out *out, const struct parameter *p, const char *value)
{
	if (value[0] == '\0')
		out_printf(out, "%s is empty now.\n", p->name);
	else
		out_printf(out, "%s is %s now.\n", p->name, value);
	if (p->restart != NULL)
		out_printf(out,
		    "It counts when %s is restarted on each node: utils "
		    "service restart %s\n",
		    p->restart, p->restart);
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const struct parameter *p;
	const char *at;
	struct link_sink sink;
	struct out *notes;
	char *value;
	size_t len;
	int rc;

	p = parameter_split(a->value[0], &at, &len, e);
	if (p == NULL)
		return -1;
	value = mem_strndup(at, len);
	notes = out_new_mem(OUT_TEXT);
	cmd_text_sink(&sink, notes);
	rc = cmd_call(c,
	    (const char *const[]) { "parameter", "set", p->name, value, NULL },
	    &sink, e);
	if (rc == 0)
		say(c->out, p, value);
	out_puts(c->out, out_text(notes));
	out_free(notes);
	free(value);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "name value",
	    .type = &arg_parameter_value,
	    .help = "name of an enterprise parameter, and its new value" },
	{ .name = NULL },
};

const struct command cmd_set_enterprise_parameter = {
	.words = "set enterprise parameter",
	.help = "This will set an enterprise parameter of the cluster.",
	.more = "A value of several words, and an empty one, may stand in "
		"quotation marks.",
	.example = "set enterprise parameter TFTP File Signature Algorithm "
		   "SHA-512",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run,
};
