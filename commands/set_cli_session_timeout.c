/*
 * set cli session timeout: idle minutes after which a session ends.  The
 * agent writes them to etc/cli.conf; sessions that are open keep what they
 * began with.
 */
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const char *const words[] = { "cli", "timeout", a->value[0], NULL };

	if (cmd_call(c, words, NULL, e) == -1)
		return -1;
	out_printf(c->out,
	    "CLI session-timeout is set to %s minutes for new CLI sessions.\n",
	    a->value[0]);
	return 0;
}

static const struct cmd_param params[] = {
	{ .name = "minutes",
	    .type = &arg_minutes,
	    .help = "idle minutes, 5 to 99999" },
	{ .name = NULL },
};

const struct command cmd_set_cli_session_timeout = {
	.words = "set cli session timeout",
	.help = "This will set the idle time after which new sessions end.",
	.example = "set cli session timeout 20",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run,
};
