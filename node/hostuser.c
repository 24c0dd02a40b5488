#include "node/hostuser.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/str.h"
#include "node/procs.h"
#include "node/programs.h"
#include "node/spawn.h"

#define END_ROUNDS 100
#define END_NAP_MS 10

static int
run(const char *const *argv, struct err *e)
{
	const struct spawn s = { .argv = argv };

	return spawn_run(&s, NULL, e);
}

static int
make_system_user(const char *name, const char *shell, struct err *e)
{
	const char *const add[] = { PROGRAM_USERADD, "--system", "--user-group",
		"--no-create-home", "--home-dir", "/", "--shell", shell, name,
		NULL };
	const char *const change[] = { PROGRAM_USERMOD, "--shell", shell, name,
		NULL };
	const struct passwd *pw = getpwnam(name);

	if (pw != NULL && str_equal(pw->pw_shell, shell))
		return 0;
	if (run(pw == NULL ? add : change, e) == -1)
		return err_wrap(e, "make account %s", name);
	return 0;
}

int
hostuser_make_system(struct err *e)
{
	const char *const argv[] = { PROGRAM_GROUPADD, "--system",
		HOSTUSER_ADMIN_GROUP, NULL };

	if (getpwnam(HOSTUSER_DATABASE) == NULL) {
		(void)err_set(e, ERR_NOT_FOUND, "no account %s",
		    HOSTUSER_DATABASE);
		return err_hint(e, "install the package postgresql-15");
	}
	if (getgrnam(HOSTUSER_ADMIN_GROUP) == NULL && run(argv, e) == -1)
		return err_wrap(e, "make group %s", HOSTUSER_ADMIN_GROUP);
	if (make_system_user(HOSTUSER_SERVICE, "/usr/sbin/nologin", e) == -1 ||
	    make_system_user(HOSTUSER_PEER, PROGRAM_PEER, e) == -1)
		return -1;
	return 0;
}

bool
hostuser_is_admin(const char *name)
{
	const struct passwd *pw = getpwnam(name);
	const struct group *gr;

	if (pw == NULL || !str_equal(pw->pw_shell, PROGRAM_SHELL))
		return false;
	gr = getgrnam(HOSTUSER_ADMIN_GROUP);
	return gr != NULL && pw->pw_gid == gr->gr_gid;
}

int
hostuser_add_admin(const char *name, struct err *e)
{
	const char *const argv[] = { PROGRAM_USERADD, "--system", "--gid",
		HOSTUSER_ADMIN_GROUP, "--no-create-home", "--home-dir", "/",
		"--shell", PROGRAM_SHELL, name, NULL };

	if (getpwnam(name) != NULL) {
		if (hostuser_is_admin(name))
			return 0;
		return err_set(e, ERR_EXISTS,
		    "this host has an account %s that is no administrator's",
		    name);
	}
	if (run(argv, e) == -1)
		return err_wrap(e, "make account %s", name);
	return 0;
}

int
hostuser_set_password(const char *name, const struct secret *password,
    struct err *e)
{
	const char *const argv[] = { PROGRAM_CHPASSWD, "-c", "YESCRYPT", NULL };
	struct spawn s = { .argv = argv };
	struct wbuf line;
	int rc;

	wbuf_init(&line, SPAWN_INPUT_MAX);
	wbuf_printf(&line, "%s:", name);
	wbuf_bytes(&line, password->text, password->len);
	wbuf_u8(&line, '\n');
	if (line.failed) {
		wbuf_release(&line);
		return err_set(e, ERR_TOO_BIG, "password too long");
	}
	s.input = line.data;
	s.input_len = line.len;
	rc = spawn_run(&s, NULL, e);
	wbuf_release(&line);
	return rc == 0 ? 0 : err_wrap(e, "set the password of %s", name);
}

void
hostuser_end_processes(uid_t uid)
{
	struct proc_list l = { NULL, 0 };
	size_t left = 1;

	/* Some may be making others just now. */
	for (int round = 0; round < END_ROUNDS && left > 0; round++) {
		proc_of_user(&l, uid);
		left = l.n;
		proc_kill(&l, SIGKILL);
		proc_list_release(&l);
		if (left > 0)
			clock_nap(END_NAP_MS);
	}
}

/* What the user left running must not be the next one's with that number. */
static int
remove_user(const char *name, struct err *e)
{
	const char *const argv[] = { PROGRAM_USERDEL, "--force", name, NULL };
	const struct passwd *pw = getpwnam(name);
	uid_t uid;

	if (pw == NULL)
		return 0;
	uid = pw->pw_uid;
	if (run(argv, e) == -1)
		return err_wrap(e, "remove account %s", name);
	hostuser_end_processes(uid);
	return 0;
}

int
hostuser_remove_admin(const char *name, struct err *e)
{
	if (getpwnam(name) == NULL)
		return 0;
	if (!hostuser_is_admin(name))
		return err_set(e, ERR_STATE,
		    "the host's account %s is no administrator's", name);
	return remove_user(name, e);
}

int
hostuser_remove_system(struct err *e)
{
	static const char *const names[] = { HOSTUSER_SERVICE, HOSTUSER_PEER };
	const char *const groupdel[] = { PROGRAM_GROUPDEL, HOSTUSER_ADMIN_GROUP,
		NULL };

	for (size_t i = 0; i < 2; i++)
		if (remove_user(names[i], e) == -1)
			return -1;
	if (getgrnam(HOSTUSER_ADMIN_GROUP) != NULL && run(groupdel, e) == -1)
		return err_wrap(e, "remove group %s", HOSTUSER_ADMIN_GROUP);
	return 0;
}
