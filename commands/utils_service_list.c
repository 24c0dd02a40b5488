/*
 * utils service list.
 */
#include <string.h>

#include "commands/ctx.h"
#include "commands/table.h"

enum column {
	NAME,
	KIND,
	STATE,
	REMARK,
	COLUMNS
};

/* The rows come with the platform's services first. */
struct listing {
	struct out *out;
	bool managed; /* the second block has begun */
};

static void
begin_managed(struct listing *l)
{
	if (l->managed)
		return;
	l->managed = true;
	out_puts(l->out,
	    "Service Manager is running\n"
	    "Getting list of all services\n"
	    ">> Return code = 0\n");
}

static int
print_row(void *self, const struct strlist *column)
{
	struct listing *l = self;
	bool managed;

	if (column->n < COLUMNS)
		return 0;
	managed = str_equal(column->item[KIND], "managed");
	if (managed)
		begin_managed(l);
	out_visible(l->out, column->item[NAME], strlen(column->item[NAME]));
	out_puts(l->out, managed ? "[" : " [");
	out_visible(l->out, column->item[STATE], strlen(column->item[STATE]));
	out_puts(l->out, "]");
	if (column->item[REMARK][0] != '\0') {
		out_puts(l->out, managed ? "  " : " ");
		out_visible(l->out, column->item[REMARK],
		    strlen(column->item[REMARK]));
	}
	out_puts(l->out, "\n");
	out_object(l->out, NULL);
	out_string(l->out, "name", column->item[NAME]);
	out_string(l->out, "kind", column->item[KIND]);
	out_string(l->out, "state", column->item[STATE]);
	out_string(l->out, "remark", column->item[REMARK]);
	out_end(l->out);
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "service", "list", NULL };
	struct listing l = { .out = c->out };
	struct link_sink sink = { .row = print_row, .self = &l };
	int rc;

	(void)a;
	out_puts(c->out, "Requesting service status, please wait...\n");
	out_flush(c->out);
	out_object(c->out, NULL);
	out_array(c->out, "services");
	rc = cmd_call(c, words, &sink, e);
	if (rc == 0) {
		begin_managed(&l);
		out_printf(c->out, "Primary Node =%s\n",
		    cmd_on_publisher(c) ? "true" : "false");
	}
	out_end(c->out);
	out_bool(c->out, "primary", cmd_on_publisher(c));
	out_end(c->out);
	return rc;
}

static const struct cmd_option options[] = {
	{ .word = "page", .help = "pause output" },
	{ .word = NULL },
};

const struct command cmd_utils_service_list = {
	.words = "utils service list",
	.help = "This will list all services of this node and their states.",
	.example = "utils service list",
	.options = options,
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON | CMD_PAGE,
	.run = run,
};
