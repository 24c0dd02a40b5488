/*
 * Make a live process run one system call of ours and print what it got:
 *
 *   inject_syscall PID execve|execveat|open PATH
 *
 * prints "NAME: RESULT", where RESULT is the call's raw return value (a
 * negative errno on failure).  The process is stopped wherever it is, the
 * path is written below its stack, the call is made with the syscall
 * instruction found in its vdso, then registers and memory are put back.
 * x86-64 only; needs root.
 */
#define _GNU_SOURCE /* PTRACE_*, struct iovec for the register set */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "inject_syscall knows the registers of x86-64 only"
#endif

#define PATH_ROOM 512 /* bytes borrowed below the red zone */
#define RED_ZONE 1024

static int
transfer(pid_t pid, int writing, uint64_t at, void *p, size_t n)
{
	struct iovec local = { .iov_base = p, .iov_len = n };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)at,
		.iov_len = n };
	ssize_t got;

	got = writing ? process_vm_writev(pid, &local, 1, &remote, 1, 0) :
			process_vm_readv(pid, &local, 1, &remote, 1, 0);
	return got == (ssize_t)n ? 0 : -1;
}

/* The address of a syscall instruction (0f 05) in the process's vdso. */
static uint64_t
find_syscall(pid_t pid)
{
	char path[64], line[512];
	static uint8_t code[16384];
	unsigned long from = 0, to = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strstr(line, "[vdso]") != NULL) {
			char *dash;

			from = strtoul(line, &dash, 16);
			to = strtoul(dash + 1, NULL, 16);
		}
	}
	(void)fclose(f);
	if (from == 0 || to - from > sizeof(code) ||
	    transfer(pid, 0, from, code, to - from) == -1)
		return 0;
	for (size_t i = 0; i + 1 < to - from; i++) {
		if (code[i] == 0x0f && code[i + 1] == 0x05)
			return from + i;
	}
	return 0;
}

static int
prepare(struct user_regs_struct *r, const char *what, uint64_t path)
{
	if (strcmp(what, "execve") == 0) {
		r->rax = SYS_execve;
		r->rdi = path;
		r->rsi = 0;
		r->rdx = 0;
	} else if (strcmp(what, "execveat") == 0) {
		r->rax = SYS_execveat;
		r->rdi = (unsigned long long)AT_FDCWD;
		r->rsi = path;
		r->rdx = 0;
		r->r10 = 0;
		r->r8 = 0;
	} else if (strcmp(what, "open") == 0) {
		r->rax = SYS_openat;
		r->rdi = (unsigned long long)AT_FDCWD;
		r->rsi = path;
		r->rdx = O_RDONLY;
		r->r10 = 0;
	} else {
		return -1;
	}
	return 0;
}

static int
stopped(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return -1;
	return 0;
}

/* One call in a process that is already stopped under ptrace. */
static int
call(pid_t pid, const char *what, const char *name, long long *result)
{
	struct user_regs_struct saved, r;
	char old[PATH_ROOM], new[PATH_ROOM] = { 0 };
	uint64_t at, insn;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &saved) == -1)
		return -1;
	insn = find_syscall(pid);
	at = (saved.rsp - RED_ZONE - PATH_ROOM) & ~(uint64_t)15;
	if (insn == 0 || transfer(pid, 0, at, old, sizeof(old)) == -1)
		return -1;
	(void)snprintf(new, sizeof(new), "%s", name);
	r = saved;
	r.orig_rax = (unsigned long long)-1;
	r.rip = insn;
	if (prepare(&r, what, at) == -1 ||
	    transfer(pid, 1, at, new, sizeof(new)) == -1 ||
	    ptrace(PTRACE_SETREGS, pid, NULL, &r) == -1 ||
	    ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1 ||
	    stopped(pid) == -1 || ptrace(PTRACE_GETREGS, pid, NULL, &r) == -1)
		return -1;
	*result = (long long)r.rax;
	if (transfer(pid, 1, at, old, sizeof(old)) == -1 ||
	    ptrace(PTRACE_SETREGS, pid, NULL, &saved) == -1)
		return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	long long result = 0;
	pid_t pid;
	int rc;

	if (argc != 4) {
		(void)fprintf(stderr,
		    "usage: inject_syscall PID execve|execveat|open PATH\n");
		return 2;
	}
	pid = (pid_t)strtol(argv[1], NULL, 10);
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == -1 ||
	    stopped(pid) == -1) {
		perror("inject_syscall: attach");
		return 2;
	}
	rc = call(pid, argv[2], argv[3], &result);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (rc == -1) {
		(void)fprintf(stderr, "inject_syscall: %s failed\n", argv[2]);
		return 2;
	}
	(void)printf("%s: %lld\n", argv[2], result);
	return 0;
}
