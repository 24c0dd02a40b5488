/*
 * file view: one file, a page at a time.  Without a terminal, which could
 * not turn pages, all of it.
 */
#include <unistd.h>

#include "commands/ctx.h"
#include "commands/file_args.h"
#include "commands/file_lines.h"
#include "commands/file_pager.h"
#include "commands/file_print.h"
#include "commands/file_spec.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const struct fileroot *root = file_args_root(a);
	struct file_set set;
	struct stat st;
	int fd = -1, rc = -1;

	if (file_find_one(c, root, a->value[0], &set, e) == -1)
		goto out;
	fd = fileroot_open_file(root, set.entry[0].path, &st, e);
	if (fd == -1)
		goto out;
	if (c->term->interactive)
		rc = file_pager_run(c, fd, e);
	else
		rc = file_print_lines(c, fd, NULL, NULL, e);
	(void)close(fd);
out:
	file_set_release(&set);
	return rc;
}

static int
run_hardware(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	(void)c;
	(void)a;
	(void)err_set(e, ERR_NOT_FOUND,
	    "This machine keeps no system management log.");
	return err_hint(e,
	    "What this node logs: \"file list activelog syslog\".");
}

/* What they have in common. */
#define COMMON                                                \
	.more = "The file-spec must match exactly one file.", \
	.params = file_params, .level = CMD_LEVEL_ORDINARY,   \
	.flags = CMD_OLD_HELP | CMD_OWN_PAGER, .run = run

const struct command cmd_file_view_activelog = {
	.words = "file view activelog",
	.help = "This will view an active logging file",
	.example = "file view activelog syslog/CiscoSyslog",
	COMMON,
};

const struct command cmd_file_view_inactivelog = {
	.words = "file view inactivelog",
	.help = "This will view an inactive logging file",
	.example = "file view inactivelog syslog/CiscoSyslog",
	COMMON,
};

const struct command cmd_file_view_install = {
	.words = "file view install",
	.help = "This will view an installation file",
	.example = "file view install system-history.log",
	COMMON,
};

const struct command cmd_file_view_system_management_log = {
	.words = "file view system-management-log",
	.help = "This will view the log of the machine's own management.",
	.example = "file view system-management-log",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_hardware,
};

const struct command cmd_file_view_tftp = {
	.words = "file view tftp",
	.help = "This will view a file of Cisco Tftp",
	.example = "file view tftp ITLFile.tlv",
	COMMON,
};
