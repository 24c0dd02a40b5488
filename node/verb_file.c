/*
 * file delete, rmdir: an administrator removes files of this node, below the
 * roots of base/fileroot.h only.  file check: what became of its programs.
 * file sftpdetails: the SFTP servers it knows.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/fileroot.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/manifest.h"
#include "node/verb.h"
#include "sftp/keytext.h"
#include "sftp/known_hosts.h"

#define CHECK_KBYTES_MAX 1000000
#define AUDIT_DIR "platform/log/"

/* The root asked for, if files of it may be deleted. */
static const struct fileroot *
need_root(const char *word, struct err *e)
{
	const struct fileroot *root = fileroot_find(word);

	if (root != NULL && root->deletable)
		return root;
	(void)err_set(e, ERR_USAGE, "There is no such place to delete from.");
	return NULL;
}

/* The record of what administrators did is not theirs to remove. */
static bool
is_audit(const struct fileroot *root, const char *path)
{
	return str_equal(root->word, "activelog") &&
	    str_starts(path, AUDIT_DIR "cli");
}

/* svlogd holds these open as long as its service runs. */
static bool
is_in_use(const struct fileroot *root, const char *path)
{
	const char *leaf = strrchr(path, '/');

	leaf = leaf == NULL ? path : leaf + 1;
	return str_equal(root->word, "activelog") &&
	    (str_equal(leaf, "current") || str_equal(leaf, "lock"));
}

/* Remove what path is, if it is of that kind (S_IFREG, S_IFDIR). */
static int
remove_at(const struct fileroot *root, const char *path, mode_t kind,
    struct err *e)
{
	const char *leaf;
	struct stat st;
	int dir, rc = 0;

	dir = fileroot_open_parent(root, path, &leaf, e);
	if (dir == -1)
		return -1;
	if (fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_mode & S_IFMT) != kind)
		rc = err_set(e, ERR_DENIED, "delete: it is no %s",
		    kind == S_IFDIR ? "directory" : "regular file");
	else if (unlinkat(dir, leaf, kind == S_IFDIR ? AT_REMOVEDIR : 0) == -1)
		rc = err_errno(e, "delete");
	(void)close(dir);
	return rc;
}

static int
run_delete(struct verb_ctx *c, struct err *e)
{
	const struct fileroot *root = need_root(c->args[0], e);

	if (root == NULL)
		return -1;
	if (is_audit(root, c->args[1]))
		return err_set(e, ERR_DENIED,
		    "the audit of commands cannot be deleted");
	if (is_in_use(root, c->args[1]))
		return err_set(e, ERR_STATE, "a service has it open");
	return remove_at(root, c->args[1], S_IFREG, e);
}

static int
run_rmdir(struct verb_ctx *c, struct err *e)
{
	const struct fileroot *root = need_root(c->args[0], e);

	if (root == NULL)
		return -1;
	if (!str_equal(root->word, "tftp"))
		return err_set(e, ERR_USAGE,
		    "Directories can be deleted below tftp only.");
	return remove_at(root, c->args[1], S_IFDIR, e);
}

/* A row for a line "HOST TYPE BASE64" of known hosts; others are skipped. */
static void
tell_server(struct verb_ctx *c, char *line)
{
	char fingerprint[KEYTEXT_FINGERPRINT_SIZE];
	const char *column[3] = { line, NULL, fingerprint };
	struct err ignored = ERR_INIT;
	char *key = strchr(line, ' ');

	if (key == NULL || line[0] == '#')
		return;
	*key++ = '\0';
	if (keytext_fingerprint(key, fingerprint, &ignored) == -1)
		return;
	key[strcspn(key, " ")] = '\0';
	column[1] = key;
	verb_row_of(c, column, 3);
}

static int
run_sftpdetails(struct verb_ctx *c, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data = NULL;
	char *line, *rest;
	size_t len;

	if (file_read(paths_in(path, "certs/sftp_known_hosts"),
		KNOWN_HOSTS_FILE_MAX, &data, &len, e) == -1)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	rest = (char *)data;
	while ((line = strsep(&rest, "\n")) != NULL)
		tell_server(c, line);
	free(data);
	return 0;
}

const struct verb verb_file_sftpdetails = {
	.words = "file sftpdetails",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.run = run_sftpdetails,
};

static void
tell(void *self, const struct manifest_difference *d)
{
	static const char *const kind[] = {
		[MANIFEST_ADDED] = "added",
		[MANIFEST_REMOVED] = "removed",
		[MANIFEST_CHANGED] = "changed",
	};
	char before[24], now[24];
	const char *const column[] = { kind[d->kind], d->name, before, now };

	(void)str_printf(before, sizeof(before), "%lld", (long long)d->before);
	(void)str_printf(now, sizeof(now), "%lld", (long long)d->now);
	verb_row_of(self, column, 4);
}

static int
run_check(struct verb_ctx *c, struct err *e)
{
	char dir[MANIFEST_DIR_SIZE];
	size_t checked;
	uint64_t kbytes;

	if (str_number(c->args[0], 0, CHECK_KBYTES_MAX, &kbytes) == -1)
		return err_set(e, ERR_USAGE, "the size is 0 to %d Kbytes",
		    CHECK_KBYTES_MAX);
	if (manifest_programs(dir, e) == -1)
		return -1;
	if (manifest_compare(dir, (int64_t)kbytes * 1024, tell, c, &checked,
		e) == -1) {
		if (e->code == ERR_NOT_FOUND)
			(void)err_hint(e, "It is made when the node starts.");
		return -1;
	}
	(void)str_printf(c->message, sizeof(c->message), "%zu", checked);
	return 0;
}

const struct verb verb_file_check = {
	.words = "file check",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 1,
	.args_max = 1,
	.run = run_check,
};

const struct verb verb_file_delete = {
	.words = "file delete",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 2,
	.args_max = 2,
	.run = run_delete,
};

const struct verb verb_file_rmdir = {
	.words = "file rmdir",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 2,
	.args_max = 2,
	.run = run_rmdir,
};
