/*
 * show enterprise parameter [NAME]: what the whole cluster is set to.
 */
#include <string.h>

#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

#define NAME_WIDTH 29 /* of the longest name */

/* Of the agent's rows. */
enum column {
	NAME,
	VALUE,
	DESCRIPTION,
	ALLOWED, /* "": cannot be set */
	RESTART, /* "": counts at once */
	COLUMNS
};

struct printing {
	struct out *out;
	bool all; /* more than its value */
};

static void
print_line(struct out *out, const char *label, const char *text)
{
	out_printf(out, "%-*s : ", NAME_WIDTH, label);
	if (text[0] == '\0')
		out_puts(out, "not set");
	else
		out_visible(out, text, strlen(text));
	out_puts(out, "\n");
}

static void
print_details(struct out *out, const struct strlist *column)
{
	print_line(out, "Description", column->item[DESCRIPTION]);
	print_line(out, "Values",
	    column->item[ALLOWED][0] != '\0' ? column->item[ALLOWED] :
					       "cannot be set");
	out_printf(out, "%-*s : ", NAME_WIDTH, "A new value counts");
	if (column->item[RESTART][0] == '\0') {
		out_puts(out, "at once\n");
		return;
	}
	out_puts(out, "when ");
	out_visible(out, column->item[RESTART], strlen(column->item[RESTART]));
	out_puts(out, " is restarted on each node\n");
}

static void
json_text(struct out *out, const char *key, const char *text)
{
	if (text[0] == '\0')
		out_null(out, key);
	else
		out_string(out, key, text);
}

static int
print_row(void *self, const struct strlist *column)
{
	const struct printing *p = self;

	if (column->n < COLUMNS)
		return 0;
	print_line(p->out, column->item[NAME], column->item[VALUE]);
	if (p->all)
		print_details(p->out, column);
	out_object(p->out, NULL);
	out_string(p->out, "name", column->item[NAME]);
	out_string(p->out, "value", column->item[VALUE]);
	out_string(p->out, "description", column->item[DESCRIPTION]);
	json_text(p->out, "values", column->item[ALLOWED]);
	json_text(p->out, "restart", column->item[RESTART]);
	out_end(p->out);
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const char *const list[] = { "parameter", "list", NULL };
	const char *const show[] = { "parameter", "show", a->value[0], NULL };
	struct printing p = { .out = c->out, .all = a->value[0] != NULL };
	const struct link_sink sink = { .row = print_row, .self = &p };
	int rc;

	out_object(c->out, NULL);
	out_array(c->out, "parameters");
	rc = cmd_call(c, a->value[0] != NULL ? show : list, &sink, e);
	out_end(c->out);
	out_end(c->out);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "name",
	    .type = &arg_parameter,
	    .optional = true,
	    .help = "name of one; all if it is left out" },
	{ .name = NULL },
};

const struct command cmd_show_enterprise_parameter = {
	.words = "show enterprise parameter",
	.help = "This will show the enterprise parameters.",
	.example = "show enterprise parameter TFTP File Signature Algorithm",
	.params = params,
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
