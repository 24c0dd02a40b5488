/*
 * utils service start, stop, restart, activate and deactivate.  The agent
 * does it and tells the states as they change.
 */
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

static int
control(struct cmd_ctx *c, const char *verb, const char *name, struct err *e)
{
	const char *const words[] = { "service", verb, name, NULL };
	struct link_sink sink;

	out_puts(c->out, "Service Manager is running\n");
	out_flush(c->out);
	cmd_text_sink(&sink, c->out);
	return cmd_call(c, words, &sink, e);
}

static int
run_start(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return control(c, "start", a->value[0], e);
}

static int
run_stop(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return control(c, "stop", a->value[0], e);
}

static int
run_restart(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	out_puts(c->out,
	    " Don't press Ctrl-c while the service is getting RESTARTED."
	    "If Service has not Restarted Properly, execute the same Command "
	    "Again\n");
	return control(c, "restart", a->value[0], e);
}

static int
run_activate(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return control(c, "activate", a->value[0], e);
}

static int
run_deactivate(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return control(c, "deactivate", a->value[0], e);
}

static const struct cmd_param params[] = {
	{ .name = "service", .type = &arg_service, .help = "service name" },
	{ .name = NULL },
};

const struct command cmd_utils_service_start = {
	.words = "utils service start",
	.help = "This will start a service of this node.",
	.example = "utils service start Cisco Tftp",
	.farewell = "The service is being started in the background.",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_start,
};

const struct command cmd_utils_service_stop = {
	.words = "utils service stop",
	.help = "This will stop a service of this node.",
	.example = "utils service stop Cisco Tftp",
	.farewell = "The service is being stopped in the background.",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_stop,
};

const struct command cmd_utils_service_restart = {
	.words = "utils service restart",
	.help = "This will restart a service of this node.",
	.example = "utils service restart Cisco Tftp",
	.farewell = "The service is being restarted in the background.",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_restart,
};

const struct command cmd_utils_service_activate = {
	.words = "utils service activate",
	.help = "This will activate a service of this node and start it.",
	.example = "utils service activate Cisco Tftp",
	.farewell = "The service is being activated in the background.",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_activate,
};

const struct command cmd_utils_service_deactivate = {
	.words = "utils service deactivate",
	.help = "This will stop a service of this node and deactivate it.",
	.example = "utils service deactivate Cisco Tftp",
	.farewell = "The service is being deactivated in the background.",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_deactivate,
};
