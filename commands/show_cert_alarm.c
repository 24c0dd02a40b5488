/*
 * show cert alarm: the alarms about certificates that are active on this
 * node, with what their detail view holds (cli-reference 16).
 */
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "commands/ctx.h"
#include "commands/table.h"

enum column {
	NAME,
	SEVERITY,
	APP,
	DESCRIPTION,
	EXPLANATION,
	ACTION,
	MESSAGE,
	SINCE,
	COLUMNS
};

static const struct {
	enum column column;
	const char *label;
	const char *key;
} fields[] = {
	{ NAME, "Name", "name" },
	{ SEVERITY, "Severity", "severity" },
	{ APP, "App ID", "appid" },
	{ DESCRIPTION, "Description", "description" },
	{ EXPLANATION, "Explanation", "explanation" },
	{ ACTION, "Recommended Action", "action" },
	{ MESSAGE, "Message", "message" },
};

struct listing {
	struct out *out;
	size_t n;
};

static int
print_row(void *self, const struct strlist *column)
{
	struct listing *l = self;
	char since[64] = "";
	uint64_t t;
	size_t i;

	if (column->n < COLUMNS)
		return 0;
	if (l->n++ > 0)
		out_puts(l->out, "\n");
	out_object(l->out, NULL);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *value = column->item[fields[i].column];

		out_string(l->out, fields[i].key, value);
		if (value[0] == '\0')
			continue;
		out_printf(l->out, "%s: ", fields[i].label);
		out_visible(l->out, value, strlen(value));
		out_puts(l->out, "\n");
	}
	if (str_number(column->item[SINCE], 1, INT64_MAX, &t) == 0) {
		clock_format(since, sizeof(since), (int64_t)t);
		out_printf(l->out, "Active Since: %s\n", since);
	}
	out_string(l->out, "since", since);
	out_end(l->out);
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "cert", "alarm", NULL };
	struct listing l = { .out = c->out };
	const struct link_sink sink = { .row = print_row, .self = &l };
	int rc;

	(void)a;
	out_object(c->out, NULL);
	out_array(c->out, "alarms");
	rc = cmd_call(c, words, &sink, e);
	if (rc == 0 && l.n == 0)
		out_puts(c->out,
		    "No certificate alarm is active on this node.\n");
	out_end(c->out);
	out_end(c->out);
	return rc;
}

const struct command cmd_show_cert_alarm = {
	.words = "show cert alarm",
	.help = "This will show the certificate alarms that are active on this "
		"node.",
	.more = "They are raised daily in activelog syslog/CiscoSyslog while "
		"they are active.",
	.example = "show cert alarm",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
