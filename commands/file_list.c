/*
 * file list: names, or sizes and dates, of what a file-spec finds.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "commands/file_args.h"
#include "commands/file_layout.h"
#include "commands/file_spec.h"
#include "commands/table.h"

#define COLUMN 40 /* the first one of the short form */

enum option {
	PAGE,
	DETAIL,
	REVERSE,
	DATE,
	SIZE
};

static int
by_date(const void *a, const void *b)
{
	const struct file_entry *left = a;
	const struct file_entry *right = b;

	if (left->dir != right->dir)
		return left->dir ? -1 : 1;
	if (left->mtime != right->mtime)
		return left->mtime < right->mtime ? -1 : 1;
	return strcmp(left->path, right->path);
}

static int
by_size(const void *a, const void *b)
{
	const struct file_entry *left = a;
	const struct file_entry *right = b;

	if (left->dir != right->dir)
		return left->dir ? -1 : 1;
	if (left->size != right->size)
		return left->size < right->size ? -1 : 1;
	return strcmp(left->path, right->path);
}

/* Entries from … to - 1 the other way round. */
static void
turn(struct file_entry *entry, size_t from, size_t to)
{
	while (from + 1 < to) {
		struct file_entry kept = entry[from];

		entry[from++] = entry[--to];
		entry[to] = kept;
	}
}

/* Directories stay in front. */
static void
sort(struct file_set *set, const struct cmd_args *a)
{
	if (set->n > 1 && (a->option[DATE] || a->option[SIZE]))
		qsort(set->entry, set->n, sizeof(*set->entry),
		    a->option[DATE] ? by_date : by_size);
	if (a->option[REVERSE]) {
		turn(set->entry, 0, set->dirs);
		turn(set->entry, set->dirs, set->n);
	}
}

/* Two entries a line. */
static void
print_short(struct out *out, const struct file_set *set)
{
	size_t i, width = 0;

	for (i = 0; i < set->n; i++) {
		const char *name;
		char *text, *shown;

		name = file_entry_name(set, i);
		shown = str_visible_dup(name, strlen(name));
		text = mem_printf("%s%s", set->entry[i].dir ? "<dir>   " : "",
		    shown);
		free(shown);
		if (i % 2 == 1)
			out_printf(out, "%*s",
			    (int)(width < COLUMN ? COLUMN - width : 1), "");
		width = file_layout_width(text);
		out_puts(out, text);
		free(text);
		if (i % 2 == 1 || i + 1 == set->n)
			out_puts(out, "\n");
	}
	out_puts(out, "\n");
}

static void
print_detail(struct out *out, const struct file_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		file_layout_entry(out, &set->entry[i], file_entry_name(set, i));
}

static void
describe(struct out *out, const struct file_set *set)
{
	size_t i;

	out_array(out, "entries");
	for (i = 0; i < set->n; i++) {
		const struct file_entry *en = &set->entry[i];
		char date[32];

		clock_strftime_utc(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ",
		    en->mtime);
		out_object(out, NULL);
		out_string(out, "name", file_entry_name(set, i));
		out_bool(out, "directory", en->dir);
		if (!en->dir)
			out_int(out, "size", en->size);
		out_string(out, "modified", date);
		out_end(out);
	}
	out_end(out);
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_find f = {
		.root = file_args_root(a),
		.spec = a->value[0],
	};
	struct file_set set;
	int rc = file_find(c, &f, &set, e);

	if (rc == -1)
		goto out;
	sort(&set, a);
	out_object(c->out, NULL);
	if (out_json(c->out))
		describe(c->out, &set);
	else if (a->option[DETAIL])
		print_detail(c->out, &set);
	else
		print_short(c->out, &set);
	out_printf(c->out, "dir count = %zu, file count = %zu\n", set.dirs,
	    set.n - set.dirs);
	file_set_tell_skipped(c->out, &set);
	out_int(c->out, "directories", (int64_t)set.dirs);
	out_int(c->out, "files", (int64_t)(set.n - set.dirs));
	out_int(c->out, "unreadable", (int64_t)set.skipped);
	out_end(c->out);
out:
	file_set_release(&set);
	return rc;
}

static const struct cmd_option options[] = {
	{ .word = "page", .help = "pause output" },
	{ .word = "detail", .help = "show detailed listing" },
	{ .word = "reverse", .help = "reverse sort order" },
	{ .word = "date", .help = "sort by date", .group = 1 },
	{ .word = "size", .help = "sort by size", .group = 1 },
	{ .word = NULL },
};

#define MORE "file-spec can contain '*' as wildcards"

/* What they have in common. */
#define COMMON                                                   \
	.more = MORE, .params = file_params, .options = options, \
	.level = CMD_LEVEL_ORDINARY,                             \
	.flags = CMD_PAGE | CMD_JSON | CMD_OLD_HELP, .run = run

const struct command cmd_file_list_activelog = {
	.words = "file list activelog",
	.help = "This will list active logging files",
	.example = "file list activelog platform detail\n"
		   "02 Dec,2004 12:00:59      <dir>    drf\n"
		   "02 Dec,2004 12:00:59      <dir>    log\n"
		   "16 Nov,2004 21:45:43        8,557  enGui.log\n"
		   "27 Oct,2004 11:54:33       47,916  startup.log\n"
		   "dir count = 2, file count = 2",
	COMMON,
};

const struct command cmd_file_list_inactivelog = {
	.words = "file list inactivelog",
	.help = "This will list inactive logging files",
	.example = "file list inactivelog platform detail",
	COMMON,
};

const struct command cmd_file_list_install = {
	.words = "file list install",
	.help = "This will list installation files",
	.example = "file list install * detail",
	COMMON,
};

const struct command cmd_file_list_part_b_salog = {
	.words = "file list partBsalog",
	.help = "This will list partBsalog files",
	.example = "file list partBsalog *",
	COMMON,
};

const struct command cmd_file_list_salog = {
	.words = "file list salog",
	.help = "This will list salog files",
	.example = "file list salog *",
	COMMON,
};

const struct command cmd_file_list_tftp = {
	.words = "file list tftp",
	.help = "This will list the files of Cisco Tftp",
	.example = "file list tftp *.tlv detail",
	COMMON,
};
