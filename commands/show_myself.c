/*
 * show myself: the account of this session.
 */
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const char *host = c->conf == NULL ? "unknown" : c->conf->name;

	(void)a;
	(void)e;
	out_printf(c->out,
	    "Machine Name    : %s\n"
	    "account name    : %s\n"
	    "privilege level : %d\n"
	    "command count   : %lu\n"
	    "logging setting : enabled\n",
	    host, c->account, c->level, c->session->commands);
	out_object(c->out, NULL);
	out_string(c->out, "machine", host);
	out_string(c->out, "account", c->account);
	out_int(c->out, "level", c->level);
	out_int(c->out, "commands", (int64_t)c->session->commands);
	out_bool(c->out, "logging", true);
	out_end(c->out);
	return 0;
}

const struct command cmd_show_myself = {
	.words = "show myself",
	.help = "This will show the account of this session.",
	.example = "show myself",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
