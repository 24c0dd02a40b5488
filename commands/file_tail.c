/*
 * file tail: the last lines of a file and those that come, until Ctrl-C.
 */
#include "commands/ctx.h"
#include "commands/file_args.h"
#include "commands/file_follow.h"
#include "commands/file_layout.h"
#include "commands/file_spec.h"
#include "commands/table.h"

#define LINES 10

/* Of the commands for logs, and of the one for Cisco Tftp. */
enum option {
	HEX,
	LINES_OPTION,
	REGEXP
};

enum tftp_option {
	TFTP_DETAIL,
	TFTP_HEX,
	TFTP_LINES
};

static int
tail(const struct cmd_ctx *c, const struct cmd_args *a, bool detail,
    struct file_follow *f, struct err *e)
{
	struct file_set set;
	int rc;

	f->root = file_args_root(a);
	rc = file_find_one(c, f->root, a->value[0], &set, e);
	if (rc == 0) {
		f->path = set.entry[0].path;
		if (detail)
			file_layout_entry(c->out, &set.entry[0],
			    file_entry_name(&set, 0));
		rc = file_follow_run(c, f, e);
	}
	file_set_release(&set);
	return rc;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_follow f = {
		.lines = file_args_number(a, LINES_OPTION, LINES),
		.hex = a->option[HEX],
	};
	int rc;

	if (file_args_regexp(a, REGEXP, &f.match, e) == -1)
		return -1;
	rc = tail(c, a, false, &f, e);
	regexp_free(f.match);
	return rc;
}

static int
run_tftp(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_follow f = {
		.lines = file_args_number(a, TFTP_LINES, LINES),
		.hex = a->option[TFTP_HEX],
	};

	return tail(c, a, a->option[TFTP_DETAIL], &f, e);
}

static const struct cmd_option options[] = {
	{ .word = "hex", .help = "in hexadecimal" },
	{ .word = "lines",
	    .help = "a number: how many lines come first, 10 if not given",
	    .bare = &arg_lines },
	{ .word = "regexp",
	    .help = "only lines that match",
	    .values = file_regexp },
	{ .word = NULL },
};

static const struct cmd_option tftp_options[] = {
	{ .word = "detail", .help = "date and size first" },
	{ .word = "hex", .help = "in hexadecimal" },
	{ .word = "lines",
	    .help = "a number: how many lines come first, 10 if not given",
	    .bare = &arg_lines },
	{ .word = NULL },
};

#define MORE                                           \
	"The file-spec must match exactly one file.\n" \
	"Press Ctrl-C to end."

/* What those of the logs have in common. */
#define COMMON                                                              \
	.more = MORE, .params = file_params, .options = options,            \
	.level = CMD_LEVEL_ADVANCED, .flags = CMD_OLD_HELP | CMD_OWN_PAGER, \
	.run = run

const struct command cmd_file_tail_activelog = {
	.words = "file tail activelog",
	.help = "This will tail an active logging file",
	.example = "file tail activelog syslog/CiscoSyslog 20 regexp UC_CERT",
	COMMON,
};

const struct command cmd_file_tail_inactivelog = {
	.words = "file tail inactivelog",
	.help = "This will tail an inactive logging file",
	.example = "file tail inactivelog syslog/CiscoSyslog 20",
	COMMON,
};

const struct command cmd_file_tail_install = {
	.words = "file tail install",
	.help = "This will tail an installation file",
	.example = "file tail install install.log 20",
	COMMON,
};

const struct command cmd_file_tail_tftp = {
	.words = "file tail tftp",
	.help = "This will tail a file of Cisco Tftp",
	.more = MORE,
	.example = "file tail tftp XMLDefault.cnf.xml 5",
	.params = file_params,
	.options = tftp_options,
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_OLD_HELP | CMD_OWN_PAGER,
	.run = run_tftp,
};
