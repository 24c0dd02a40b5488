/*
 * file get: gather files, ask, and hand them to the transfer
 * (cli-reference 8.1).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "commands/file_archive.h"
#include "commands/file_args.h"
#include "commands/file_batch.h"
#include "commands/file_layout.h"
#include "commands/file_spec.h"
#include "commands/sftp_dialogue.h"
#include "commands/table.h"

#define QUESTION "Would you like to proceed [y/n]? "
#define AGAIN "Please answer 'y' for <yes> or 'n' for no: "

enum option {
	RELTIME,
	ABSTIME,
	MATCH,
	RECURS,
	COMPRESS
};

/* Ask until the answer is one. */
static int
ask(const struct cmd_ctx *c, bool *yes, struct err *e)
{
	const char *prompt = QUESTION;

	for (;;) {
		char *line;
		bool no;

		out_flush(c->out);
		if (c->term->ops->line(c->term->self, prompt, &line, e) == -1)
			return -1;
		*yes = str_equal(line, "y") || str_equal(line, "yes");
		no = str_equal(line, "n") || str_equal(line, "no");
		free(line);
		if (*yes || no)
			break;
		prompt = AGAIN;
	}
	if (!*yes)
		out_puts(c->out, "Files transfer cancelled.\n");
	return 0;
}

/* The files in *set, and what is said about them. */
static int
gather(const struct cmd_ctx *c, const struct file_find *f, struct file_set *set,
    struct err *e)
{
	char kbytes[FILE_LAYOUT_NUMBER_SIZE];
	int rc;

	out_puts(c->out,
	    "Please wait while the system is gathering files info ...");
	out_flush(c->out);
	rc = file_find(c, f, set, e);
	out_puts(c->out, rc == 0 ? "done.\n" : "\n");
	if (rc == -1)
		return -1;
	file_set_tell_skipped(c->out, set);
	if (set->n == 0)
		return file_not_found(f->spec, e);
	file_layout_kbytes(kbytes, set->bytes);
	out_printf(c->out,
	    "Sub-directories were %straversed.\n"
	    "Number of files affected: %zu\n"
	    "Total size in Bytes: %lld\n"
	    "Total size in Kbytes: %s\n",
	    (f->flags & FILE_FIND_RECURS) != 0 ? "" : "not ", set->n,
	    (long long)set->bytes, kbytes);
	return 0;
}

static bool
has_key(const struct file_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		if (set->entry[i].recovery_key)
			return true;
	}
	return false;
}

/* "activelog_test10pub_20261121-214103.tar.gz" */
static char *
archive_name(const struct cmd_ctx *c, const struct file_set *set)
{
	char date[32];

	clock_strftime(date, sizeof(date), "%Y%m%d-%H%M%S", clock_wall());
	return mem_printf("%s_%s_%s.tar.gz", set->root->word,
	    c->conf == NULL ? "node" : c->conf->name, date);
}

/* What has gone, or cannot be read, is told; the rest is there. */
static int
tell_missed(const struct cmd_ctx *c, const struct file_plain *plain,
    struct err *e)
{
	size_t i;

	if (plain->missed.n == 0)
		return 0;
	for (i = 0; i < plain->missed.n; i++) {
		const char *line = plain->missed.item[i];

		out_puts(c->out, "Not transferred: ");
		out_visible(c->out, line, strlen(line));
		out_puts(c->out, "\n");
	}
	return err_set(e, ERR_PARTIAL,
	    "%zu of %zu files could not be read any more.", plain->missed.n,
	    plain->batch.n);
}

static int
transfer(const struct cmd_ctx *c, const struct file_set *set, bool compress,
    struct err *e)
{
	struct file_archive *archive = NULL;
	struct file_plain plain;
	int rc;

	file_plain_init(&plain, c, set);
	if (compress) {
		char *name = archive_name(c, set);

		archive = file_archive_new(&plain, name);
		free(name);
		if (has_key(set))
			out_puts(c->out,
			    "In an archive " FILE_RECOVERY_KEY
			    " does not count as saved.\n");
	}
	rc = sftp_dialogue_put(c,
	    compress ? file_archive_batch(archive) : &plain.batch, e);
	if (rc == 0)
		rc = tell_missed(c, &plain, e);
	file_archive_free(archive);
	file_plain_release(&plain);
	return rc;
}

/* From the gathering on. */
static int
get(const struct cmd_ctx *c, const struct file_find *f, bool compress,
    struct err *e)
{
	struct file_set set = FILE_SET_INIT;
	bool yes = false;
	int rc = -1;

	if (gather(c, f, &set, e) == 0 && ask(c, &yes, e) == 0)
		rc = yes ? transfer(c, &set, compress, e) : 0;
	file_set_release(&set);
	return rc;
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
	bool yes = true;
	int rc = 0;

	if (file_args_when(a, RELTIME, ABSTIME, &when, e) == -1)
		return -1;
	if (a->option[COMPRESS] && (a->option[RELTIME] || a->option[ABSTIME])) {
		out_puts(c->out,
		    "This command can take significantly long time,\n"
		    "and can also affect the system wide IOWAIT on your "
		    "system.\n");
		rc = ask(c, &yes, e);
	}
	if (rc == -1 || !yes)
		return rc;
	if (file_args_regexp(a, MATCH, &f.match, e) == -1)
		return -1;
	rc = get(c, &f, a->option[COMPRESS], e);
	regexp_free(f.match);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "file-spec", .type = &arg_file_spec, .help = "file to get" },
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
	{ .word = "match",
	    .help = "files whose names match",
	    .values = file_regexp },
	{ .word = "recurs", .help = "in sub-directories as well" },
	{ .word = "compress", .help = "as one .tar.gz archive" },
	{ .word = NULL },
};

#define MORE                                                          \
	"file-spec can contain '*' as wildcards. The files go to an " \
	"SFTP server, which is\nasked for."

/* What they have in common. */
#define COMMON                                                              \
	.more = MORE, .params = params, .options = options,                 \
	.level = CMD_LEVEL_ORDINARY, .flags = CMD_OLD_HELP | CMD_OWN_PAGER, \
	.run = run

const struct command cmd_file_get_activelog = {
	.words = "file get activelog",
	.help = "This will transfer active logging files",
	.example = "file get activelog platform/log/* reltime days 1 compress",
	COMMON,
};

const struct command cmd_file_get_inactivelog = {
	.words = "file get inactivelog",
	.help = "This will transfer inactive logging files",
	.example = "file get inactivelog platform/log/*",
	COMMON,
};

const struct command cmd_file_get_install = {
	.words = "file get install",
	.help = "This will transfer installation files",
	.example = "file get install * recurs",
	COMMON,
};

const struct command cmd_file_get_part_b_salog = {
	.words = "file get partBsalog",
	.help = "This will transfer partBsalog files",
	.example = "file get partBsalog *",
	COMMON,
};

const struct command cmd_file_get_salog = {
	.words = "file get salog",
	.help = "This will transfer salog files",
	.example = "file get salog *",
	COMMON,
};

const struct command cmd_file_get_tftp = {
	.words = "file get tftp",
	.help = "This will transfer files of Cisco Tftp",
	.more = MORE
	"\nSave the recovery key with it: on the publisher, file get tftp "
	"ITLRecovery.p12.",
	.example = "file get tftp ITLRecovery.p12",
	.params = params,
	.options = options,
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_OLD_HELP | CMD_OWN_PAGER,
	.run = run,
};
