#include "node/procs.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

#define STAT_SIZE 1024
#define START_FIELD 22 /* proc(5), counted from 1 */
#define SESSION_TITLE "ucm-sshd: "

void
proc_list_release(struct proc_list *l)
{
	if (l == NULL)
		return;
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

static void
add(struct proc_list *l, const struct proc *p)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i].pid == p->pid && l->item[i].start == p->start)
			return;
	l->item = mem_resize(l->item, l->n + 1, sizeof(*l->item));
	l->item[l->n++] = *p;
}

int
proc_parse(struct proc *p, const char *stat)
{
	const char *open = strchr(stat, '(');
	const char *close = strrchr(stat, ')'); /* a name may hold one, too */
	char state;
	const char *s;
	long pid;
	long ppid;

	if (open == NULL || close == NULL || close < open)
		return -1;
	pid = strtol(stat, NULL, 10);
	if (pid <= 0 || close[1] != ' ' || close[2] == '\0' || close[3] != ' ')
		return -1;
	state = close[2];
	ppid = strtol(close + 4, NULL, 10);
	s = close + 1;
	for (int field = 3; field < START_FIELD; field++) {
		s = strchr(s + 1, ' ');
		if (s == NULL)
			return -1;
	}
	p->pid = (pid_t)pid;
	p->ppid = (pid_t)ppid;
	p->start = strtoull(s + 1, NULL, 10);
	(void)str_printf(p->comm, sizeof(p->comm), "%.*s",
	    (int)(close - open - 1), open + 1);
	return state == 'Z' || state == 'X' ? -1 : 0;
}

/* The beginning of a file of /proc/PID, terminated; 0 or -1. */
static int
read_proc(pid_t pid, const char *name, char *dst, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	(void)str_printf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, dst, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	dst[n] = '\0';
	return 0;
}

int
proc_read(struct proc *p, pid_t pid)
{
	char stat[STAT_SIZE];

	if (read_proc(pid, "stat", stat, sizeof(stat)) == -1)
		return -1;
	return proc_parse(p, stat);
}

bool
proc_alive(const struct proc *p)
{
	struct proc now;

	return proc_read(&now, p->pid) == 0 && now.start == p->start;
}

/* Every process there is. */
static void
all(struct proc_list *l)
{
	DIR *d = opendir("/proc");
	const struct dirent *de;

	if (d == NULL)
		return;
	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((de = readdir(d)) != NULL) {
		struct proc p;
		uint64_t pid;

		if (str_number(de->d_name, 1, INT32_MAX, &pid) == 0 &&
		    proc_read(&p, (pid_t)pid) == 0)
			add(l, &p);
	}
	closedir(d);
}

static bool
has(const struct proc_list *l, pid_t pid)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i].pid == pid)
			return true;
	return false;
}

void
proc_descendants(struct proc_list *l, pid_t root)
{
	struct proc_list every = { NULL, 0 };
	struct proc_list found = { NULL, 0 };
	size_t before;

	all(&every);
	do {
		before = found.n;
		for (size_t i = 0; i < every.n; i++) {
			const struct proc *p = &every.item[i];

			if (p->ppid == root || has(&found, p->ppid))
				add(&found, p);
		}
	} while (found.n > before);
	for (size_t i = 0; i < found.n; i++)
		add(l, &found.item[i]);
	proc_list_release(&every);
	proc_list_release(&found);
}

/*
 * Does the process see the same files as this one?  A lab's nodes on the
 * same host do not.
 */
static bool
same_mounts(pid_t pid)
{
	char path[64];
	char other[64] = "";
	char own[64] = "";

	(void)str_printf(path, sizeof(path), "/proc/%ld/ns/mnt", (long)pid);
	return readlink(path, other, sizeof(other) - 1) > 0 &&
	    readlink("/proc/self/ns/mnt", own, sizeof(own) - 1) > 0 &&
	    str_equal(own, other);
}

void
proc_sessions(struct proc_list *l)
{
	struct proc_list every = { NULL, 0 };
	char title[sizeof(SESSION_TITLE) + 16];

	all(&every);
	for (size_t i = 0; i < every.n; i++) {
		const struct proc *p = &every.item[i];

		if (read_proc(p->pid, "cmdline", title, sizeof(title)) == 0 &&
		    str_starts(title, SESSION_TITLE) &&
		    strstr(title, "[listen") == NULL && same_mounts(p->pid))
			add(l, p);
	}
	proc_list_release(&every);
}

/* Is uid the real or the effective user of the process? */
static bool
runs_as(pid_t pid, uid_t uid)
{
	static const char key[] = "\nUid:";
	char status[STAT_SIZE];
	char *at;
	unsigned long user;

	if (read_proc(pid, "status", status, sizeof(status)) == -1 ||
	    (at = strstr(status, key)) == NULL)
		return false;
	at += strlen(key);
	user = strtoul(at, &at, 10);
	return user == uid || strtoul(at, NULL, 10) == uid;
}

void
proc_of_user(struct proc_list *l, uid_t uid)
{
	struct proc_list every = { NULL, 0 };

	all(&every);
	for (size_t i = 0; i < every.n; i++)
		if (runs_as(every.item[i].pid, uid) &&
		    same_mounts(every.item[i].pid))
			add(l, &every.item[i]);
	proc_list_release(&every);
}

void
proc_kill(const struct proc_list *l, int sig)
{
	for (size_t i = 0; i < l->n; i++)
		if (proc_alive(&l->item[i]))
			kill(l->item[i].pid, sig);
}

size_t
proc_count_alive(const struct proc_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (proc_alive(&l->item[i]))
			n++;
	return n;
}
