/*
 * show cli session timeout.
 */
#include "commands/cli_conf.h"
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	unsigned minutes;

	(void)a;
	if (cli_conf_timeout(&minutes, e) == -1)
		return -1;
	out_printf(c->out,
	    "CLI session-timeout is set to %u minutes for new CLI sessions.\n",
	    minutes);
	out_object(c->out, NULL);
	out_int(c->out, "timeout_minutes", minutes);
	out_end(c->out);
	return 0;
}

const struct command cmd_show_cli_session_timeout = {
	.words = "show cli session timeout",
	.help = "This will show the idle time after which new sessions end.",
	.example = "show cli session timeout",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
