/*
 * file search: the lines of files that match a regular expression.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/ctx.h"
#include "commands/file_args.h"
#include "commands/file_print.h"
#include "commands/file_spec.h"
#include "commands/table.h"

enum option {
	RELTIME,
	ABSTIME,
	IGNORECASE,
	RECURS
};

/* The hits in number i of the set.  What cannot be read is told. */
static int
search_one(const struct cmd_ctx *c, const struct file_set *set, size_t i,
    struct regexp *regexp, struct err *e)
{
	char *shown = file_entry_shown(set, i);
	struct err why = ERR_INIT;
	struct stat st;
	int fd = -1, rc = 0;

	if (set->entry[i].recovery_key)
		goto out;
	if (set->n == 1) {
		out_puts(c->out, "Searching file: ");
		out_visible(c->out, shown, strlen(shown));
		out_puts(c->out, "\n");
	}
	fd = fileroot_open_file(set->root, set->entry[i].path, &st, &why);
	if (fd == -1) {
		out_visible(c->out, shown, strlen(shown));
		out_printf(c->out, ": %s\n", why.msg);
		goto out;
	}
	rc = file_print_lines(c, fd, set->n == 1 ? NULL : shown, regexp, e);
	(void)close(fd);
out:
	free(shown);
	return rc;
}

static int
search(const struct cmd_ctx *c, const struct file_set *set, const char *spec,
    struct regexp *regexp, struct err *e)
{
	size_t i;

	out_printf(c->out, "Searching path: %s", set->root->shown);
	out_visible(c->out, spec, strlen(spec));
	out_puts(c->out, "\n");
	file_set_tell_skipped(c->out, set);
	if (set->n == 0)
		return file_not_found(spec, e);
	for (i = 0; i < set->n && !out_failed(c->out); i++) {
		if (cmd_interrupted(c))
			return err_set(e, ERR_CANCELLED, "cancelled");
		if (search_one(c, set, i, regexp, e) == -1)
			return -1;
	}
	out_puts(c->out, "Search completed\n");
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_when when;
	struct file_find f = {
		.root = file_args_root(a),
		.spec = a->value[0],
		.flags = FILE_FIND_FILES |
		    (a->option[RECURS] ? (unsigned)FILE_FIND_RECURS : 0),
		.when = &when,
	};
	struct file_set set = FILE_SET_INIT;
	struct regexp *regexp = NULL;
	int rc = -1;

	if (file_args_when(a, RELTIME, ABSTIME, &when, e) == -1 ||
	    regexp_new(&regexp, a->value[1], a->option[IGNORECASE], e) == -1)
		return -1;
	if (file_find(c, &f, &set, e) == 0)
		rc = search(c, &set, a->value[0], regexp, e);
	file_set_release(&set);
	regexp_free(regexp);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "file-spec",
	    .type = &arg_file_spec,
	    .help = "file to search" },
	{ .name = "reg-exp", .type = &arg_regexp, .help = "what to look for" },
	{ .name = NULL },
};

static const struct cmd_option options[] = {
	{ .word = "reltime",
	    .help = "files changed in the last minutes, hours, days, weeks or "
		    "months",
	    .values = file_reltime,
	    .group = 1 },
	{ .word = "abstime",
	    .help = "files changed between two times hh:mm:MM/DD/YY",
	    .values = file_abstime,
	    .group = 1 },
	{ .word = "ignorecase", .help = "upper and lower case are the same" },
	{ .word = "recurs", .help = "in sub-directories as well" },
	{ .word = NULL },
};

#define MORE                                                               \
	"file-spec can contain '*' as wildcards\n"                         \
	"reg-exp is a POSIX extended regular expression; in quotation\n"   \
	"marks it may contain blanks. One that contains ? is typed in quo" \
	"tation marks."

/* What they have in common. */
#define COMMON                                              \
	.more = MORE, .params = params, .options = options, \
	.level = CMD_LEVEL_ORDINARY, .flags = CMD_OLD_HELP, .run = run

const struct command cmd_file_search_activelog = {
	.words = "file search activelog",
	.help = "This will search active logging files",
	.example = "file search activelog platform/log/cli*.log \"itl reset\" "
		   "ignorecase",
	COMMON,
};

const struct command cmd_file_search_inactivelog = {
	.words = "file search inactivelog",
	.help = "This will search inactive logging files",
	.example = "file search inactivelog syslog/CiscoSyslog ServerDown",
	COMMON,
};

const struct command cmd_file_search_install = {
	.words = "file search install",
	.help = "This will search installation files",
	.example = "file search install * error ignorecase",
	COMMON,
};

const struct command cmd_file_search_tftp = {
	.words = "file search tftp",
	.help = "This will search the files of Cisco Tftp",
	.example = "file search tftp *.xml processNode",
	COMMON,
};
