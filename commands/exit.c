/*
 * exit and quit: the end of the session.
 */
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	(void)e;
	c->session->leave = true;
	return 0;
}

const struct command cmd_exit = {
	.words = "exit",
	.help = "This will end the session.",
	.example = "exit",
	.level = CMD_LEVEL_ORDINARY,
	.run = run,
};

const struct command cmd_quit = {
	.words = "quit",
	.help = "This will end the session.",
	.example = "quit",
	.level = CMD_LEVEL_ORDINARY,
	.run = run,
};
