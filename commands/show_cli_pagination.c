/*
 * show cli pagination.
 */
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	(void)e;
	out_printf(c->out, "Automatic Pagination : %s.\n",
	    c->session->pagination ? "On" : "Off");
	out_object(c->out, NULL);
	out_bool(c->out, "pagination", c->session->pagination);
	out_end(c->out);
	return 0;
}

const struct command cmd_show_cli_pagination = {
	.words = "show cli pagination",
	.help = "This will show whether output pauses at each full screen.",
	.example = "show cli pagination",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
