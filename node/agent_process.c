#include "node/agent_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/agent.h"
#include "node/agent_server.h"
#include "node/agent_upkeep.h"
#include "node/itl_node.h"
#include "node/parent.h"

int
agent_users_find(struct agent_users *u, struct err *e)
{
	const struct passwd *pw;

	if ((pw = getpwnam(AGENT_SERVICE_USER)) == NULL)
		return err_set(e, ERR_NOT_FOUND, "no account %s",
		    AGENT_SERVICE_USER);
	u->ucm_uid = pw->pw_uid;
	u->ucm_gid = pw->pw_gid;
	if ((pw = getpwnam(AGENT_PEER_USER)) == NULL)
		return err_set(e, ERR_NOT_FOUND, "no account %s",
		    AGENT_PEER_USER);
	u->peer_uid = pw->pw_uid;
	if (u->ucm_uid == 0 || u->peer_uid == 0 || u->ucm_uid == u->peer_uid)
		return err_set(e, ERR_STATE,
		    "accounts %s and %s must be two, and not root",
		    AGENT_SERVICE_USER, AGENT_PEER_USER);
	return 0;
}

int
agent_check_run(uid_t uid, gid_t gid, struct err *e)
{
	char path[PATH_SIZE];
	struct stat st;

	paths_in(path, "run");
	if (mkdir(path, 0755) == 0) {
		/* just made, in a directory that belongs to root */
		if (lchown(path, uid, gid) == -1)
			return err_errno(e, "%s", path);
	} else if (errno != EEXIST) {
		return err_errno(e, "%s", path);
	}
	if (lstat(path, &st) == -1)
		return err_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != uid ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(e, ERR_STATE,
		    "%s is not a directory that user id %lu alone may write in",
		    path, (unsigned long)uid);
	return 0;
}

int
agent_drop(const struct agent_users *u, struct err *e)
{
	const struct rlimit no_core = { 0, 0 };

	if (initgroups(AGENT_SERVICE_USER, u->ucm_gid) == -1 ||
	    setgid(u->ucm_gid) == -1 || setuid(u->ucm_uid) == -1)
		return err_errno(e, "become user %s", AGENT_SERVICE_USER);
	if (setuid(0) == 0)
		BUG("user %s can become root again", AGENT_SERVICE_USER);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    setrlimit(RLIMIT_CORE, &no_core) == -1)
		return err_errno(e, "give up privileges");
	return 0;
}

void
agent_clean(void)
{
	char path[PATH_SIZE];
	const struct dirent *d;
	struct err e = ERR_INIT;
	DIR *dir;

	itl_node_clean();
	if ((dir = opendir(paths_in(path, "certs"))) == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if (file_is_temporary(d->d_name) &&
		    strlen(d->d_name) < PATH_SIZE / 2)
			(void)file_remove(paths_in(path, "certs/%s", d->d_name),
			    &e);
	(void)closedir(dir);
}

static int
work(const struct nodeconf *conf, const struct agent_users *u, int fd,
    struct err *e)
{
	static struct agent agent; /* its threads outlive this function */
	int listen_fd;

	if (agent_drop(u, e) == -1)
		return -1;
	agent_init(&agent, conf, fd);
	agent.ucm_uid = u->ucm_uid;
	agent.peer_uid = u->peer_uid;
	agent_clean();
	if ((listen_fd = agent_server_listen(e)) == -1 ||
	    agent_upkeep_start(&agent, e) == -1)
		return -1;
	log_info("node %s is served", conf->name);
	agent_server_run(&agent, listen_fd, fd);
	return 0;
}

/* The worker's whole life. */
static _Noreturn void
worker(const struct nodeconf *conf, const struct agent_users *u, int fd)
{
	struct err e = ERR_INIT;

	if (work(conf, u, fd, &e) == -1) {
		log_error("worker: %s", e.msg);
		_exit(1);
	}
	/* threads may still use what exit() takes down */
	_exit(0);
}

int
agent_main(const struct nodeconf *conf, struct err *e)
{
	struct agent_users u = { 0 };
	pid_t pid;
	int fd[2] = { -1, -1 };

	if (geteuid() != 0)
		return err_set(e, ERR_DENIED, "must be started as root");
	(void)umask(022);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_errno(e, "SIGPIPE");
	if (agent_users_find(&u, e) == -1 ||
	    agent_check_run(u.ucm_uid, u.ucm_gid, e) == -1)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_errno(e, "no_new_privs");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) == -1)
		return err_errno(e, "socketpair");
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (pid == -1)
		return err_errno(e, "fork");
	if (pid == 0) {
		(void)close(fd[0]);
		worker(conf, &u, fd[1]);
	}
	(void)close(fd[1]);
	parent_settle();
	return parent_serve(fd[0]);
}
