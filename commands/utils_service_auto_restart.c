/*
 * utils service auto-restart: whether a service that ends by itself is
 * started again.
 */
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

static int
auto_restart(struct cmd_ctx *c, const char *verb, const char *name,
    struct err *e)
{
	const char *const words[] = { "service", "autorestart", verb, name,
		NULL };
	struct link_sink sink;

	cmd_text_sink(&sink, c->out);
	return cmd_call(c, words, &sink, e);
}

static int
run_enable(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return auto_restart(c, "enable", a->value[0], e);
}

static int
run_disable(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return auto_restart(c, "disable", a->value[0], e);
}

static int
run_show(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return auto_restart(c, "show", a->value[0], e);
}

static const struct cmd_param params[] = {
	{ .name = "service", .type = &arg_service, .help = "service name" },
	{ .name = NULL },
};

const struct command cmd_utils_service_auto_restart_enable = {
	.words = "utils service auto-restart enable",
	.help = "This will have a service started again when it ends by "
		"itself.",
	.example = "utils service auto-restart enable Cisco Tftp",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_enable,
};

const struct command cmd_utils_service_auto_restart_disable = {
	.words = "utils service auto-restart disable",
	.help = "This will leave a service stopped when it ends by itself.",
	.example = "utils service auto-restart disable Cisco Tftp",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_disable,
};

const struct command cmd_utils_service_auto_restart_show = {
	.words = "utils service auto-restart show",
	.help = "This will show whether a service is started again when it "
		"ends by itself.",
	.example = "utils service auto-restart show Cisco Tftp",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_show,
};
