/*
 * set cli pagination on and off: for this session only.
 */
#include "commands/ctx.h"
#include "commands/table.h"

static int
set_pagination(struct cmd_ctx *c, bool on)
{
	c->session->pagination = on;
	out_printf(c->out, "Automatic pagination is turned %s\n",
	    on ? "on" : "off");
	return 0;
}

static int
run_on(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	(void)e;
	return set_pagination(c, true);
}

static int
run_off(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	(void)e;
	return set_pagination(c, false);
}

const struct command cmd_set_cli_pagination_off = {
	.words = "set cli pagination off",
	.help = "This will print without pauses in this session.",
	.example = "set cli pagination off",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_off,
};

const struct command cmd_set_cli_pagination_on = {
	.words = "set cli pagination on",
	.help = "This will pause at each full screen in this session.",
	.example = "set cli pagination on",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_on,
};
