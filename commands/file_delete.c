/*
 * file delete: found here, asked about, deleted by the agent one by one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "commands/file_args.h"
#include "commands/file_layout.h"
#include "commands/file_spec.h"
#include "commands/table.h"

#define QUESTION "Enter \"y\" followed by return to continue: "

enum option {
	DETAIL,
	NOCONFIRM
};

/* A deletion under way. */
struct job {
	const struct cmd_ctx *c;
	const struct file_set *set;
	bool detail;
	size_t files; /* deleted so far */
	size_t dirs;
	bool failed; /* something could not be deleted */
};

/* "Delete the File CTLFile.tlv?" with what was typed. */
static int
ask(const struct cmd_ctx *c, const char *what, const char *spec, bool *yes,
    struct err *e)
{
	char *line;

	out_printf(c->out, "Delete the %s ", what);
	out_visible(c->out, spec, strlen(spec));
	out_puts(c->out, "?\n");
	out_flush(c->out);
	if (c->term->ops->line(c->term->self, QUESTION, &line, e) == -1)
		return -1;
	*yes = str_equal(line, "y");
	free(line);
	return 0;
}

/* After these the next request would fail as well. */
static bool
is_final(enum err_code code)
{
	return code == ERR_CANCELLED || code == ERR_UNREACHABLE ||
	    code == ERR_TIMEOUT || code == ERR_IO;
}

/* Have one entry deleted.  A failure that concerns it alone is told. */
static int
delete_one(struct job *j, const struct file_entry *en, const char *name,
    struct err *e)
{
	const char *const words[] = { "file", en->dir ? "rmdir" : "delete",
		j->set->root->word, en->path, NULL };
	size_t *count = en->dir ? &j->dirs : &j->files;
	struct err why = ERR_INIT;

	if (cmd_interrupted(j->c))
		return err_set(e, ERR_CANCELLED, "cancelled");
	if (cmd_call(j->c, words, NULL, &why) == -1) {
		if (is_final(why.code)) {
			*e = why;
			return -1;
		}
		out_visible(j->c->out, name, strlen(name));
		out_printf(j->c->out, ": %s\n", why.msg);
		j->failed = true;
		return 0;
	}
	if (j->detail)
		file_layout_entry(j->c->out, en, name);
	++*count;
	return 0;
}

/* Files, then directories, the inner ones first. */
static int
delete_all(struct job *j, struct err *e)
{
	const struct file_set *set = j->set;
	size_t i;

	for (i = set->dirs; i < set->n; i++) {
		if (delete_one(j, &set->entry[i], file_entry_name(set, i), e) ==
		    -1)
			return -1;
	}
	for (i = set->dirs; i > 0; i--) {
		if (delete_one(j, &set->entry[i - 1],
			file_entry_name(set, i - 1), e) == -1)
			return -1;
	}
	return 0;
}

/* What Cisco Tftp makes anew, and when. */
static void
remark(const struct job *j)
{
	size_t i;

	for (i = 0; j->files > 0 && i < j->set->n; i++) {
		if (str_ends(j->set->entry[i].path, "ITLFile.tlv"))
			out_puts(j->c->out,
			    "Cisco Tftp makes ITLFile.tlv anew when it is "
			    "restarted.\n");
	}
}

/* The files a spec finds, without the recovery key. */
static int
find(const struct cmd_ctx *c, const struct cmd_args *a, struct file_set *set,
    struct err *e)
{
	const struct file_find f = {
		.root = file_args_root(a),
		.spec = a->value[0],
		.flags = FILE_FIND_FILES | FILE_FIND_SELF,
	};
	char shown[256];
	size_t i;

	if (file_find(c, &f, set, e) == -1)
		return -1;
	str_visible(shown, sizeof(shown), f.spec, strlen(f.spec));
	if (set->dirs > 0)
		return err_set(e, ERR_USAGE,
		    "\"%s\" is a directory; only files are deleted.", shown);
	for (i = 0; i < set->n; i++) {
		if (!set->entry[i].recovery_key)
			continue;
		out_puts(c->out, FILE_RECOVERY_KEY " cannot be deleted.\n");
		free(set->entry[i].path);
		set->n--;
		memmove(&set->entry[i], &set->entry[i + 1],
		    (set->n - i) * sizeof(*set->entry));
		if (set->n == 0)
			return cmd_told(e, ERR_DENIED);
	}
	file_set_tell_skipped(c->out, set);
	if (set->n == 0)
		return file_not_found(f.spec, e);
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_set set = FILE_SET_INIT;
	struct job j = { .c = c, .set = &set, .detail = a->option[DETAIL] };
	bool yes = true;
	int rc = find(c, a, &set, e);

	if (rc == 0 && !a->option[NOCONFIRM])
		rc = ask(c, "File", a->value[0], &yes, e);
	if (rc == 0) {
		if (yes)
			rc = delete_all(&j, e);
		out_printf(c->out, "files: found = %zu, deleted = %zu\n", set.n,
		    j.files);
		remark(&j);
	}
	if (rc == 0 && j.failed)
		rc = cmd_told(e, ERR_PARTIAL);
	file_set_release(&set);
	return rc;
}

/* The directory itself, in front of what is in it. */
static int
find_dir(const struct cmd_ctx *c, const char *spec, struct file_set *set,
    struct err *e)
{
	struct file_find f = {
		.root = fileroot_find("tftp"),
		.spec = spec,
		.flags = FILE_FIND_SELF,
	};
	struct file_set self = FILE_SET_INIT;
	char *own;
	int rc = -1;

	if (file_find(c, &f, &self, e) == -1)
		goto out;
	if (self.n != 1 || self.dirs != 1) {
		(void)err_set(e, ERR_NOT_FOUND,
		    "The name must be that of one directory.");
		goto out;
	}
	own = self.entry[0].path;
	f.spec = own;
	f.flags = FILE_FIND_RECURS;
	rc = file_find(c, &f, set, e);
	if (rc == 0) {
		set->entry =
		    mem_resize(set->entry, set->n + 1, sizeof(*set->entry));
		memmove(set->entry + 1, set->entry,
		    set->n * sizeof(*set->entry));
		set->entry[0] = self.entry[0];
		self.n = 0;
		set->n++;
		set->dirs++;
		set->base = 0;
	}
out:
	file_set_release(&self);
	return rc;
}

static int
run_dir(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct file_set set = FILE_SET_INIT;
	struct job j = { .c = c, .set = &set, .detail = a->option[DETAIL] };
	bool yes = false;
	int rc = find_dir(c, a->value[0], &set, e);

	if (rc == 0)
		rc = ask(c, "Directory", a->value[0], &yes, e);
	if (rc == 0) {
		if (yes)
			rc = delete_all(&j, e);
		out_printf(c->out,
		    "files: found = %zu, deleted = %zu\n"
		    "directories: found = %zu, deleted = %zu\n",
		    set.n - set.dirs, j.files, set.dirs, j.dirs);
	}
	if (rc == 0 && j.failed)
		rc = cmd_told(e, ERR_PARTIAL);
	file_set_release(&set);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "file-spec",
	    .type = &arg_file_spec,
	    .help = "file to delete" },
	{ .name = NULL },
};

static const struct cmd_param dir_params[] = {
	{ .name = "dir-name",
	    .type = &arg_file_spec,
	    .help = "directory to delete with all that is in it" },
	{ .name = NULL },
};

static const struct cmd_option options[] = {
	{ .word = "detail", .help = "list what is deleted" },
	{ .word = "noconfirm", .help = "delete without asking" },
	{ .word = NULL },
};

static const struct cmd_option dir_options[] = {
	{ .word = "detail", .help = "list what is deleted" },
	{ .word = NULL },
};

#define MORE "file-spec can contain '*' as wildcards"

const struct command cmd_file_delete_activelog = {
	.words = "file delete activelog",
	.help = "This will delete active logging files",
	.more = MORE "\nThe audit of commands cannot be deleted.",
	.example = "file delete activelog cm/trace/tftp/*.s noconfirm",
	.params = params,
	.options = options,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_OLD_HELP,
	.run = run,
};

const struct command cmd_file_delete_dir_tftp = {
	.words = "file delete dir tftp",
	.help = "This will delete a directory of Cisco Tftp",
	.example = "file delete dir tftp ringtones",
	.params = dir_params,
	.options = dir_options,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_OLD_HELP,
	.run = run_dir,
};

const struct command cmd_file_delete_inactivelog = {
	.words = "file delete inactivelog",
	.help = "This will delete inactive logging files",
	.more = MORE,
	.example = "file delete inactivelog platform/log/*.log",
	.params = params,
	.options = options,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_OLD_HELP,
	.run = run,
};

const struct command cmd_file_delete_tftp = {
	.words = "file delete tftp",
	.help = "This will delete files of Cisco Tftp",
	.more = MORE "\n" FILE_RECOVERY_KEY " cannot be deleted.",
	.example = "file delete tftp CTLFile.tlv\n"
		   "Delete the File CTLFile.tlv?\n"
		   "Enter \"y\" followed by return to continue: y\n"
		   "files: found = 1, deleted = 1",
	.params = params,
	.options = options,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_OLD_HELP,
	.run = run,
};
