/*
 * show version active.
 */
#include "commands/ctx.h"
#include "commands/product.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	(void)e;
	out_printf(c->out,
	    "Active Master Version: %s\n"
	    "Active Version Installed Software Options:\n"
	    "No Installed Software Options Found.\n",
	    PRODUCT_VERSION);
	out_object(c->out, NULL);
	out_string(c->out, "version", PRODUCT_VERSION);
	out_array(c->out, "options");
	out_end(c->out);
	out_end(c->out);
	return 0;
}

const struct command cmd_show_version_active = {
	.words = "show version active",
	.help = "This will show the version that runs on this node.",
	.example = "show version active",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
