#define _GNU_SOURCE /* unshare() */
#include "node/asuser.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/* code, message and hint come before the reply */
#define HEAD_MAX (4 + 2 + ERR_MSG_SIZE + 2 + ERR_HINT_SIZE)

static int
write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k == -1 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

/* Become that user, and die with the parent: nobody waits for us then. */
static int
become(const struct passwd *pw, pid_t parent, struct err *e)
{
	if (initgroups(pw->pw_name, pw->pw_gid) == -1 ||
	    setgid(pw->pw_gid) == -1 || setuid(pw->pw_uid) == -1)
		return err_errno(e, "become user %s", pw->pw_name);
	if (pw->pw_uid != 0 && setuid(0) == 0)
		BUG("user %s can become root again", pw->pw_name);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_errno(e, "no_new_privs");
	/* Changing the user has cleared it, so not before. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return err_errno(e, "signal at the parent's death");
	if (getppid() != parent)
		return err_set(e, ERR_CANCELLED, "the parent has ended");
	umask(022);
	if (chdir("/") == -1)
		return err_errno(e, "change to /");
	return 0;
}

/* Mounts of the host are seen later, too; ours is not seen there. */
static void
own_memory(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWIPC) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) == -1)
		return;
	(void)mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV,
	    "mode=1777");
}

static void
put_text(struct wbuf *w, const char *s)
{
	size_t n = strlen(s);

	wbuf_be16(w, (uint16_t)n);
	wbuf_bytes(w, s, n);
}

static _Noreturn void
child(const struct asuser_task *t, const struct passwd *pw, pid_t parent,
    int fd)
{
	struct err e = ERR_INIT;
	struct wbuf reply;
	struct wbuf all;
	int rc;

	signal(SIGPIPE, SIG_IGN);
	wbuf_init(&reply, ASUSER_REPLY_MAX);
	wbuf_init(&all, 0);
	if (t->own_memory)
		own_memory();
	rc = become(pw, parent, &e);
	if (rc == 0)
		rc = t->run(t->arg, &reply, &e);
	if (rc == 0 && reply.failed)
		rc = err_set(&e, ERR_TOO_BIG, "answer over %d bytes",
		    ASUSER_REPLY_MAX);
	wbuf_be32(&all, rc == 0 ? 0 : (uint32_t)e.code);
	put_text(&all, rc == 0 ? "" : e.msg);
	put_text(&all, rc == 0 ? "" : e.hint);
	if (rc == 0)
		wbuf_bytes(&all, reply.data, reply.len);
	rc = write_all(fd, all.data, all.len);
	wbuf_release(&reply);
	wbuf_release(&all);
	_exit(rc == 0 ? 0 : 1);
}

int
asuser_start(struct asuser_child *c, const struct asuser_task *t, struct err *e)
{
	const struct passwd *pw;
	pid_t parent = getpid();
	int fd[2];

	c->pid = 0;
	c->fd = -1;
	errno = 0;
	pw = getpwnam(t->user);
	if (pw == NULL)
		return err_set(e, ERR_NOT_FOUND, "no account %s", t->user);
	if (pipe(fd) == -1)
		return err_errno(e, "pipe");
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	(void)fflush(NULL);
	c->pid = fork();
	if (c->pid == 0) {
		close(fd[0]);
		child(t, pw, parent, fd[1]);
	}
	close(fd[1]);
	if (c->pid == -1) {
		close(fd[0]);
		c->pid = 0;
		return err_errno(e, "fork");
	}
	c->fd = fd[0];
	return 0;
}

/* Read to the end of file into w. */
static void
drain(int fd, struct wbuf *w)
{
	uint8_t buf[4096];

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		wbuf_bytes(w, buf, (size_t)n);
	}
	mem_wipe(buf, sizeof(buf));
}

static int
take_text(struct rbuf *r, char *dst, size_t size)
{
	const uint8_t *p;
	uint16_t n;

	if (rbuf_be16(r, &n) == -1 || n >= size || rbuf_bytes(r, n, &p) == -1)
		return -1;
	memcpy(dst, p, n);
	dst[n] = '\0';
	return 0;
}

/* Split what the child sent.  *r stands at the reply then. */
static int
parse(struct rbuf *r, struct err *e)
{
	struct err got = ERR_INIT;
	uint32_t code;

	if (rbuf_be32(r, &code) == -1 ||
	    take_text(r, got.msg, sizeof(got.msg)) == -1 ||
	    take_text(r, got.hint, sizeof(got.hint)) == -1)
		return err_set(e, ERR_INTERNAL,
		    "the child process ended without a result");
	if (code == 0)
		return 0;
	got.code = err_from_number(code);
	if (e != NULL)
		*e = got;
	return -1;
}

int
asuser_wait(struct asuser_child *c, uint8_t **reply, size_t *len, struct err *e)
{
	struct wbuf w;
	struct rbuf r;
	int rc;

	if (c->pid == 0)
		BUG("no child to wait for");
	wbuf_init(&w, HEAD_MAX + ASUSER_REPLY_MAX);
	drain(c->fd, &w);
	close(c->fd);
	while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR) {
	}
	c->pid = 0;
	c->fd = -1;
	rbuf_init(&r, w.data, w.failed ? 0 : w.len);
	rc = parse(&r, e);
	if (rc == 0 && reply != NULL) {
		*len = rbuf_left(&r);
		*reply = mem_alloc(*len + 1);
		if (*len > 0)
			memcpy(*reply, r.data + r.off, *len);
	}
	wbuf_release(&w);
	return rc;
}

int
asuser_run(const struct asuser_task *t, uint8_t **reply, size_t *len,
    struct err *e)
{
	struct asuser_child c;

	if (asuser_start(&c, t, e) == -1)
		return -1;
	return asuser_wait(&c, reply, len, e);
}
