/*
 * set cert monitor: the settings of the certificate monitor, which are the
 * whole cluster's.  The agent writes them to the publisher's database.
 */
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

/* Set it, say so, then the remarks about nodes that lag. */
static int
set(const struct cmd_ctx *c, const char *name, const char *value,
    const char *before, const char *after, struct err *e)
{
	const char *const words[] = { "cert", "monitor", "set", name, value,
		NULL };
	struct link_sink sink;
	struct out *notes = out_new_mem(OUT_TEXT);
	int rc;

	cmd_text_sink(&sink, notes);
	rc = cmd_call(c, words, &sink, e);
	if (rc == 0)
		out_printf(c->out, "%s%s%s\n", before, value, after);
	out_puts(c->out, out_text(notes));
	out_free(notes);
	return rc;
}

static int
run_address(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return set(c, "address", a->value[0],
	    "E-mail of the certificate monitor goes to ", ".", e);
}

static int
run_days(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return set(c, "days", a->value[0], "Certificate expiry alarms begin ",
	    " days before the end.", e);
}

static int
run_disable(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	return set(c, "email", "disable",
	    "E-mail of the certificate monitor: ", "d.", e);
}

static int
run_enable(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	return set(c, "email", "enable",
	    "E-mail of the certificate monitor: ", "d.", e);
}

static int
run_server(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return set(c, "server", a->value[0],
	    "E-mail of the certificate monitor is sent through ", ".", e);
}

static int
run_time(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return set(c, "time", a->value[0],
	    "Certificate alarms are raised daily at ", ".", e);
}

static const struct cmd_param address_params[] = {
	{ .name = "address",
	    .type = &arg_email,
	    .help = "e-mail address, or several with commas between" },
	{ .name = NULL },
};

static const struct cmd_param days_params[] = {
	{ .name = "days",
	    .type = &arg_notify_days,
	    .help = "days before the end of a certificate, 1 to 3650" },
	{ .name = NULL },
};

static const struct cmd_param server_params[] = {
	{ .name = "server",
	    .type = &arg_mail_server,
	    .help = "host name or address of the SMTP server, with :PORT if "
		    "that is not 25" },
	{ .name = NULL },
};

static const struct cmd_param time_params[] = {
	{ .name = "time",
	    .type = &arg_time_of_day,
	    .help = "HH:MM in the time zone of each node" },
	{ .name = NULL },
};

const struct command cmd_set_cert_monitor_address = {
	.words = "set cert monitor address",
	.help = "This will set who gets the certificate monitor's e-mail.",
	.example = "set cert monitor address admin@example.com",
	.params = address_params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_address,
};

const struct command cmd_set_cert_monitor_days = {
	.words = "set cert monitor days",
	.help = "This will set how many days before the end of a certificate "
		"its alarms begin.",
	.example = "set cert monitor days 60",
	.params = days_params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_days,
};

const struct command cmd_set_cert_monitor_email_disable = {
	.words = "set cert monitor email disable",
	.help = "This will end the certificate monitor's e-mail; its alarms go "
		"on.",
	.example = "set cert monitor email disable",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_disable,
};

const struct command cmd_set_cert_monitor_email_enable = {
	.words = "set cert monitor email enable",
	.help = "This will have each node send an e-mail on days on which it "
		"raises alarms.",
	.more = "Address and server must have been set before.",
	.example = "set cert monitor email enable",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_enable,
};

const struct command cmd_set_cert_monitor_server = {
	.words = "set cert monitor server",
	.help = "This will set the SMTP server for the certificate monitor's "
		"e-mail.",
	.more = "TLS is used if the server offers it; no password is ever "
		"sent.",
	.example = "set cert monitor server mail.example.com:587",
	.params = server_params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_server,
};

const struct command cmd_set_cert_monitor_time = {
	.words = "set cert monitor time",
	.help = "This will set the time of day at which alarms are raised.",
	.example = "set cert monitor time 09:00",
	.params = time_params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run_time,
};
