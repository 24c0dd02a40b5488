/*
 * help: all that is said about commands comes from the table, which the
 * shell knows.
 */
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return c->help(c->help_self, c->out, a->value[0], e);
}

static const struct cmd_param params[] = {
	{ .name = "command",
	    .type = &arg_command,
	    .optional = true,
	    .help = "the words of a command" },
	{ .name = NULL },
};

const struct command cmd_help = {
	.words = "help",
	.help = "This will explain a command, or list all of them.",
	.example = "help show itl",
	.params = params,
	.level = CMD_LEVEL_ORDINARY,
	.run = run,
};
