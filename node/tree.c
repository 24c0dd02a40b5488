#include "node/tree.h"

#include <errno.h>
#include <fts.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/asuser.h"
#include "node/hostuser.h"

#define FINISHED "etc/finished"

#define U HOSTUSER_SERVICE
#define P HOSTUSER_DATABASE

/*
 * certs/ has the set-group-id bit so that ITLRecovery.p12 gets the group of
 * the administrators, whoever writes it; every key in there is 0600.
 */
const struct tree_entry tree_entries[] = {
	{ "etc", "root", "root", 0755 },
	{ "etc/postgresql", "root", "root", 0755 },
	{ "service", "root", "root", 0755 },
	{ "service/sshd", "root", "root", 0755 },
	{ "service/sshd/log", "root", "root", 0755 },
	{ "service/postgresql", "root", "root", 0755 },
	{ "service/postgresql/control", "root", "root", 0755 },
	{ "service/postgresql/log", "root", "root", 0755 },
	{ "service/agent", "root", "root", 0755 },
	{ "service/agent/log", "root", "root", 0755 },
	{ "service/tftp", "root", "root", 0755 },
	{ "service/tftp/log", "root", "root", 0755 },
	{ "service/certmon", "root", "root", 0755 },
	{ "service/certmon/log", "root", "root", 0755 },
	{ "service/tvs", "root", "root", 0755 },
	{ "service/tvs/log", "root", "root", 0755 },
	{ "ssh", "root", "root", 0755 },
	{ "certs", U, HOSTUSER_ADMIN_GROUP, 02711 },
	{ "certs/trust", U, U, 0700 },
	{ "certs/cluster-ca", U, U, 0700 },
	{ "tftp", U, U, 0755 },
	{ "run", U, U, 0755 },
	{ "log", U, U, 0755 },
	{ "log/platform", U, U, 0755 },
	{ "log/platform/log", U, U, 0755 },
	{ "log/platform/sshd", U, U, 0755 },
	{ "log/platform/postgresql", U, U, 0755 },
	{ "log/platform/agent", U, U, 0755 },
	{ "log/platform/certmon", U, U, 0755 },
	{ "log/syslog", U, U, 0755 },
	{ "log/cm", U, U, 0755 },
	{ "log/cm/trace", U, U, 0755 },
	{ "log/cm/trace/tftp", U, U, 0755 },
	{ "log/cm/trace/tvs", U, U, 0755 },
	{ "log/cm/trace/tvs/sdi", U, U, 0755 },
	{ "db", P, P, 0711 },
	{ "db/run", P, P, 0755 },
	{ "db/tls", P, P, 0700 },
};

const size_t tree_entries_n = sizeof(tree_entries) / sizeof(tree_entries[0]);

static int
ids(const struct tree_entry *t, uid_t *uid, gid_t *gid, struct err *e)
{
	const struct passwd *pw = getpwnam(t->owner);
	const struct group *gr = getgrnam(t->group);

	if (pw == NULL || gr == NULL)
		return err_set(e, ERR_NOT_FOUND, "no account or group %s %s",
		    t->owner, t->group);
	*uid = pw->pw_uid;
	*gid = gr->gr_gid;
	return 0;
}

/* A directory directly below the root, or one of root's own. */
static int
make_as_root(const struct tree_entry *t, struct err *e)
{
	char path[PATH_SIZE];
	uid_t uid = 0;
	gid_t gid = 0;

	paths_in(path, "%s", t->path);
	if (ids(t, &uid, &gid, e) == -1 || file_mkdir(path, t->mode, e) == -1)
		return -1;
	if (lchown(path, uid, gid) == -1 || chmod(path, t->mode) == -1)
		return err_errno(e, "%s", path);
	return 0;
}

/* Runs as that account: what it owns below its own directories. */
static int
make_own(void *arg, struct wbuf *reply, struct err *e)
{
	const char *owner = arg;
	char path[PATH_SIZE];

	(void)reply;
	for (size_t i = 0; i < tree_entries_n; i++) {
		const struct tree_entry *t = &tree_entries[i];

		if (!str_equal(t->owner, owner) || strchr(t->path, '/') == NULL)
			continue;
		paths_in(path, "%s", t->path);
		if (file_mkdir(path, t->mode, e) == -1)
			return -1;
		if (chmod(path, t->mode) == -1)
			return err_errno(e, "%s", path);
	}
	return 0;
}

static int
make_own_as(const char *owner, struct err *e)
{
	char name[32];
	const struct asuser_task task = {
		.user = name,
		.run = make_own,
		.arg = name,
	};

	(void)str_copy(name, sizeof(name), owner);
	return asuser_run(&task, NULL, NULL, e);
}

int
tree_make(struct err *e)
{
	if (file_mkdir(paths_root(), 0755, e) == -1)
		return -1;
	for (size_t i = 0; i < tree_entries_n; i++) {
		const struct tree_entry *t = &tree_entries[i];

		if (strchr(t->path, '/') != NULL &&
		    !str_equal(t->owner, "root"))
			continue;
		if (make_as_root(t, e) == -1)
			return -1;
	}
	if (make_own_as(HOSTUSER_SERVICE, e) == -1 ||
	    make_own_as(HOSTUSER_DATABASE, e) == -1)
		return -1;
	return 0;
}

bool
tree_finished(void)
{
	char path[PATH_SIZE];

	return access(paths_in(path, FINISHED), F_OK) == 0;
}

int
tree_finish(struct err *e)
{
	char path[PATH_SIZE];

	return file_replace(paths_in(path, FINISHED), "", 0, 0644, e);
}

bool
tree_exists(void)
{
	char path[PATH_SIZE];

	return access(paths_in(path, "etc"), F_OK) == 0;
}

int
tree_clear(const char *dir, bool itself, struct err *e)
{
	/* fts_open() does not write through it. */
	char *const paths[] = { (char *)(uintptr_t)dir, NULL };
	const FTSENT *entry;
	FTS *walk;
	int rc = 0;

	/*
	 * Not FTS_NOCHDIR: what is removed is named from the directory that
	 * was read, so that its owner cannot put a link in its place
	 * meanwhile and have root remove what lies behind it.
	 */
	walk = fts_open(paths, FTS_PHYSICAL | FTS_XDEV, NULL);
	if (walk == NULL)
		return err_errno(e, "remove %s", dir);
	while (rc == 0 && (entry = fts_read(walk)) != NULL) {
		if (entry->fts_info == FTS_D || entry->fts_info == FTS_NS ||
		    (entry->fts_level == FTS_ROOTLEVEL && !itself))
			continue;
		if (remove(entry->fts_accpath) == -1 && errno != ENOENT)
			rc = err_errno(e, "remove %s", entry->fts_path);
	}
	(void)fts_close(walk);
	return rc;
}

int
tree_remove(struct err *e)
{
	char path[PATH_SIZE];

	/* First of all it stops being a node that can be started. */
	if (file_remove(paths_in(path, FINISHED), e) == -1 ||
	    tree_clear(paths_root(), false, e) == -1)
		return -1;
	/* A mount point stays, and so does a directory of a read-only one. */
	if (rmdir(paths_root()) == -1 && errno != EBUSY && errno != EROFS &&
	    errno != ENOENT)
		return err_errno(e, "remove %s", paths_root());
	return 0;
}
