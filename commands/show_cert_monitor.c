/*
 * show cert monitor: the settings of the certificate monitor.
 */
#include <stdint.h>
#include <string.h>

#include "commands/ctx.h"
#include "commands/table.h"

enum column {
	EMAIL,
	ADDRESS,
	SERVER,
	DAYS,
	TIME,
	COLUMNS
};

static void
print_text(struct out *out, const char *label, const char *value,
    const char *unit)
{
	out_printf(out, "%-20s: ", label);
	if (value[0] == '\0')
		out_puts(out, "not set");
	else
		out_visible(out, value, strlen(value));
	out_printf(out, "%s\n", unit);
}

static int
print_row(void *self, const struct strlist *column)
{
	struct out *out = self;
	bool email;
	uint64_t days = 0;

	if (column->n < COLUMNS)
		return 0;
	email = str_equal(column->item[EMAIL], "t");
	print_text(out, "E-mail notification", email ? "enabled" : "disabled",
	    "");
	print_text(out, "E-mail address", column->item[ADDRESS], "");
	print_text(out, "SMTP server", column->item[SERVER], "");
	print_text(out, "Notification window", column->item[DAYS],
	    " days before the end of a certificate");
	print_text(out, "Time of day", column->item[TIME], "");

	(void)str_number(column->item[DAYS], 0, INT32_MAX, &days);
	out_object(out, NULL);
	out_bool(out, "email", email);
	out_string(out, "address", column->item[ADDRESS]);
	out_string(out, "server", column->item[SERVER]);
	out_int(out, "days", (int64_t)days);
	out_string(out, "time", column->item[TIME]);
	out_end(out);
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "cert", "monitor", "show", NULL };
	const struct link_sink sink = { .row = print_row, .self = c->out };

	(void)a;
	return cmd_call(c, words, &sink, e);
}

const struct command cmd_show_cert_monitor = {
	.words = "show cert monitor",
	.help = "This will show the settings of the certificate monitor.",
	.example = "show cert monitor",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
