#include "tests/fakes/fake_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "commands/args.h"
#include "commands/ctx.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	size_t i;

	(void)e;
	out_puts(c->out, "ran");
	for (i = 0; i < CMD_PARAMS_MAX; i++) {
		if (a->value[i] != NULL)
			out_printf(c->out, " <%s>", a->value[i]);
	}
	for (i = 0; i < CMD_OPTIONS_MAX; i++) {
		size_t k;

		if (a->option[i])
			out_printf(c->out, " [%zu]", i);
		for (k = 0; k < CMD_OPTION_VALUES_MAX; k++) {
			if (a->option_value[i][k] != NULL)
				out_printf(c->out, " <%s>",
				    a->option_value[i][k]);
		}
	}
	out_puts(c->out, "\n");
	out_object(c->out, NULL);
	out_bool(c->out, "ran", true);
	out_end(c->out);
	return 0;
}

static int
run_ask(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	char *answer;

	(void)a;
	if (c->term->ops->line(c->term->self, "Really? ", &answer, e) == -1)
		return -1;
	out_printf(c->out, "answer <%s>\n", answer);
	free(answer);
	return 0;
}

static int
run_exit(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)a;
	(void)e;
	c->session->leave = true;
	return 0;
}

static int
run_fail(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)c;
	(void)a;
	(void)err_set(e, ERR_IO, "It broke.");
	return err_hint(e, "Mend it.");
}

static int
run_help(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return c->help(c->help_self, c->out, a->value[0], e);
}

static int
run_job(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "job", NULL };
	struct link_sink sink;

	(void)a;
	cmd_text_sink(&sink, c->out);
	return cmd_call(c, words, &sink, e);
}

static int
check_mode(const char *text, struct err *e)
{
	if (str_equal(text, "fast") || str_equal(text, "full") ||
	    str_equal(text, "slow"))
		return 0;
	return err_set(e, ERR_USAGE, "There is no such mode.");
}

static int
check_number(const char *text, struct err *e)
{
	uint64_t n;

	if (str_number(text, 1, 99, &n) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "That is no number.");
}

static const char *const modes[] = { "fast", "full", "slow", NULL };
static const char *const services[] = { "Big One", "Big Two", NULL };
static const struct cmd_type type_mode = {
	.check = check_mode,
	.values = modes,
};
static const struct cmd_type type_any = { .check = NULL };
static const struct cmd_type type_text = { .quoted = true };
static const struct cmd_type type_number = { .check = check_number };
static const struct cmd_type type_service = {
	.rest = true,
	.values = services,
};

static const struct cmd_param mode[] = {
	{ .name = "mode", .type = &type_mode, .help = "how" },
	{ .name = NULL },
};
static const struct cmd_param file[] = {
	{ .name = "file-spec", .type = &type_any, .help = "file to view" },
	{ .name = NULL },
};
static const struct cmd_param search[] = {
	{ .name = "file-spec", .type = &type_any, .help = "file to search" },
	{ .name = "text", .type = &type_text, .help = "text to find" },
	{ .name = NULL },
};
static const struct cmd_param since[] = {
	{ .name = "mode", .type = &type_mode, .help = "mode of counting" },
	{ .name = "n", .type = &type_number, .help = "number" },
	{ .name = NULL },
};
static const struct cmd_param like[] = {
	{ .name = "text", .type = &type_text, .help = "text" },
	{ .name = NULL },
};
static const struct cmd_param statement[] = {
	{ .name = "statement", .type = &arg_sql, .help = "one statement" },
	{ .name = NULL },
};
static const struct cmd_param service[] = {
	{ .name = "service", .type = &type_service, .help = "name" },
	{ .name = NULL },
};
static const struct cmd_param other[] = {
	{ .name = "command",
	    .type = &arg_command,
	    .optional = true,
	    .help = "words" },
	{ .name = NULL },
};
static const struct cmd_option options[] = {
	{ .word = "page", .help = "pause output" },
	{ .word = "detail", .help = "show detailed listing" },
	{ .word = "reverse", .help = "reverse sort order" },
	{ .word = NULL },
};

static const struct cmd_option search_options[] = {
	{ .word = "reltime",
	    .help = "of the last time",
	    .values = since,
	    .group = 1 },
	{ .word = "everything", .help = "of all time", .group = 1 },
	{ .word = "like", .help = "like that", .values = like },
	{ .word = "lines", .help = "how many lines", .bare = &type_number },
	{ .word = NULL },
};

static const struct command cmd_ask = {
	.words = "ask",
	.help = "This will ask.",
	.run = run_ask,
};
static const struct command cmd_leave = {
	.words = "exit",
	.help = "This will end the session.",
	.run = run_exit,
};
static const struct command cmd_fail = {
	.words = "fail",
	.help = "This will fail.",
	.run = run_fail,
};
static const struct command cmd_file = {
	.words = "file list activelog",
	.help = "This will list active logging files",
	.example = "file list activelog platform detail",
	.params = file,
	.options = options,
	.flags = CMD_PAGE,
	.run = run,
};
static const struct command cmd_search = {
	.words = "file search activelog",
	.help = "This will search active logging files",
	.more = "file-spec can contain '*'",
	.params = search,
	.options = search_options,
	.flags = CMD_OLD_HELP | CMD_JSON | CMD_OWN_PAGER,
	.run = run,
};
static const struct command cmd_explain = {
	.words = "help",
	.help = "This will explain.",
	.params = other,
	.run = run_help,
};
static const struct command cmd_job = {
	.words = "job",
	.help = "This will work.",
	.farewell = "The job goes on.",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_job,
};
static const struct command cmd_sql = {
	.words = "run sql",
	.help = "This will run a statement.",
	.params = statement,
	.run = run,
};
static const struct command cmd_secure = {
	.words = "secure",
	.help = "This will be refused to many.",
	.more = "It changes\nnothing.",
	.level = CMD_LEVEL_INSTALLER,
	.flags = CMD_PUBLISHER,
	.run = run,
};
static const struct command cmd_mode = {
	.words = "set mode",
	.help = "This will set the mode.",
	.params = mode,
	.level = CMD_LEVEL_ADVANCED,
	.run = run,
};
static const struct command cmd_items = {
	.words = "show items",
	.help = "This will show items.",
	.flags = CMD_JSON,
	.run = run,
};
static const struct command cmd_itl = {
	.words = "show itl",
	.help = "This will show the list.",
	.flags = CMD_JSON,
	.run = run,
};
static const struct command cmd_start = {
	.words = "utils start",
	.help = "This will start a service.",
	.params = service,
	.flags = CMD_JSON,
	.run = run,
};

const struct command *const fake_table[] = {
	&cmd_ask,
	&cmd_leave,
	&cmd_fail,
	&cmd_file,
	&cmd_search,
	&cmd_explain,
	&cmd_job,
	&cmd_sql,
	&cmd_secure,
	&cmd_mode,
	&cmd_items,
	&cmd_itl,
	&cmd_start,
	NULL,
};
