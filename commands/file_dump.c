/*
 * file dump: all of one file, as text or in hexadecimal.
 */
#include <string.h>
#include <unistd.h>

#include "commands/ctx.h"
#include "commands/file_args.h"
#include "commands/file_layout.h"
#include "commands/file_print.h"
#include "commands/file_spec.h"
#include "commands/table.h"

/* Of the commands for logs, and of the one for Cisco Tftp. */
enum option {
	HEX,
	RECENT,
	REGEXP
};

enum tftp_option {
	TFTP_PAGE,
	TFTP_DETAIL,
	TFTP_HEX
};

static int
dump(const struct cmd_ctx *c, const struct file_set *set, size_t i, bool hex,
    struct regexp *match, struct err *e)
{
	struct stat st;
	int fd, rc;

	fd = fileroot_open_file(set->root, set->entry[i].path, &st, e);
	if (fd == -1)
		return -1;
	rc = hex ? file_print_hex(c, fd, e) :
		   file_print_lines(c, fd, NULL, match, e);
	(void)close(fd);
	return rc;
}

/* The file that was changed last; the number of entries when there is none. */
static size_t
newest(const struct file_set *set)
{
	size_t i, best = set->n;

	for (i = set->dirs; i < set->n; i++) {
		if (best == set->n ||
		    set->entry[i].mtime > set->entry[best].mtime)
			best = i;
	}
	return best;
}

/* The file to be dumped: its number in *i. */
static int
choose(const struct cmd_ctx *c, const struct cmd_args *a, struct file_set *set,
    size_t *i, struct err *e)
{
	const struct file_find f = {
		.root = file_args_root(a),
		.spec = a->value[0],
		.flags = FILE_FIND_FILES,
	};

	*i = 0;
	if (!a->option[RECENT])
		return file_find_one(c, f.root, f.spec, set, e);
	if (file_find(c, &f, set, e) == -1)
		return -1;
	*i = newest(set);
	if (*i == set->n)
		return file_not_found(f.spec, e);
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_set set = FILE_SET_INIT;
	struct regexp *match;
	size_t i;
	int rc = -1;

	if (file_args_regexp(a, REGEXP, &match, e) == -1)
		return -1;
	if (choose(c, a, &set, &i, e) == 0)
		rc = dump(c, &set, i, a->option[HEX], match, e);
	file_set_release(&set);
	regexp_free(match);
	return rc;
}

static int
run_tftp(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_set set = FILE_SET_INIT;
	int rc = file_find_one(c, file_args_root(a), a->value[0], &set, e);

	if (rc == 0) {
		if (a->option[TFTP_DETAIL])
			file_layout_entry(c->out, &set.entry[0],
			    file_entry_name(&set, 0));
		rc = dump(c, &set, 0, a->option[TFTP_HEX], NULL, e);
	}
	file_set_release(&set);
	return rc;
}

/* Host, key type, fingerprint. */
static int
print_server(void *self, const struct strlist *row)
{
	struct out *out = self;
	size_t i;

	for (i = 0; i < row->n; i++) {
		out_puts(out, i > 0 ? " " : "");
		out_visible(out, row->item[i], strlen(row->item[i]));
	}
	out_puts(out, "\n");
	return 0;
}

static int
run_servers(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "file", "sftpdetails", NULL };
	const struct link_sink sink = { .row = print_server, .self = c->out };

	(void)a;
	return cmd_call(c, words, &sink, e);
}

static const struct cmd_option options[] = {
	{ .word = "hex", .help = "in hexadecimal", .group = 1 },
	{ .word = "recent", .help = "the file that was changed last" },
	{ .word = "regexp",
	    .help = "only lines that match",
	    .values = file_regexp,
	    .group = 1 },
	{ .word = NULL },
};

static const struct cmd_option tftp_options[] = {
	{ .word = "page", .help = "pause output" },
	{ .word = "detail", .help = "date and size first" },
	{ .word = "hex", .help = "in hexadecimal" },
	{ .word = NULL },
};

#define MORE                                                        \
	"The file-spec must match exactly one file, unless recent " \
	"chooses one."

/* What those of the logs have in common. */
#define COMMON                                                   \
	.more = MORE, .params = file_params, .options = options, \
	.level = CMD_LEVEL_ADVANCED, .flags = CMD_OLD_HELP, .run = run

const struct command cmd_file_dump_activelog = {
	.words = "file dump activelog",
	.help = "This will dump an active logging file",
	.example = "file dump activelog syslog/* recent regexp UC_CERT",
	COMMON,
};

const struct command cmd_file_dump_inactivelog = {
	.words = "file dump inactivelog",
	.help = "This will dump an inactive logging file",
	.example = "file dump inactivelog syslog/CiscoSyslog",
	COMMON,
};

const struct command cmd_file_dump_install = {
	.words = "file dump install",
	.help = "This will dump an installation file",
	.example = "file dump install * recent",
	COMMON,
};

const struct command cmd_file_dump_sftpdetails = {
	.words = "file dump sftpdetails",
	.help = "This will show the SFTP servers whose keys this node knows.",
	.more = "Each with the type and the fingerprint of its key.",
	.example = "file dump sftpdetails",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_servers,
};

const struct command cmd_file_dump_tftp = {
	.words = "file dump tftp",
	.help = "This will dump a file of Cisco Tftp",
	.more = "The file-spec must match exactly one file.",
	.example = "file dump tftp ITLFile.tlv hex",
	.params = file_params,
	.options = tftp_options,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_OLD_HELP | CMD_PAGE,
	.run = run_tftp,
};
