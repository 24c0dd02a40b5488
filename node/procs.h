/*
 * Processes of this host, from /proc, known by number and start time so that
 * a number used again is never mistaken for the process it was.
 */
#ifndef NODE_PROCS_H
#define NODE_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCS_COMM_SIZE 16

struct proc {
	pid_t pid;
	pid_t ppid;
	uint64_t start; /* clock ticks since boot */
	char comm[PROCS_COMM_SIZE];
};

struct proc_list {
	struct proc *item; /* owned */
	size_t n;
};

/* { NULL, 0 } is empty.  NULL-safe. */
void proc_list_release(struct proc_list *l);

/* Take a line of /proc/PID/stat apart.  0 or -1. */
int proc_parse(struct proc *p, const char *stat);

/* One process.  0, or -1 when there is none (any more). */
int proc_read(struct proc *p, pid_t pid);

/* Does this very process still exist?  Zombies do not count. */
bool proc_alive(const struct proc *p);

/* Append root's children, their children and so on, without root itself. */
void proc_descendants(struct proc_list *l, pid_t root);

/*
 * Append the sessions of administrators and peers: processes of our sshd
 * other than the listener, known by its title "ucm-sshd: …" and by seeing the
 * same files as this process: the nodes of a lab on this host do not.
 */
void proc_sessions(struct proc_list *l);

/*
 * Append the processes that run as this user and see the same files as this
 * process.
 */
void proc_of_user(struct proc_list *l, uid_t uid);

/* Send a signal to those of the list that still exist. */
void proc_kill(const struct proc_list *l, int sig);

/* How many of the list still exist. */
size_t proc_count_alive(const struct proc_list *l);

#endif
