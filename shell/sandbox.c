/* environ, and O_PATH: a rule needs no right to read what it names. */
#define _GNU_SOURCE

#include "shell/sandbox.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/str.h"

#define TERM_MAX 40

/* --- environment --- */

const char *
sandbox_term(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-+.";

	if (name == NULL || name[0] == '\0' || name[0] == '.' ||
	    strlen(name) >= TERM_MAX || name[strspn(name, good)] != '\0')
		return "dumb";
	return name;
}

void
sandbox_environment(void)
{
	static const char key[] = "TERM=";
	char term[TERM_MAX] = "dumb";
	size_t i;

	for (i = 0; environ != NULL && environ[i] != NULL; i++) {
		if (str_starts(environ[i], key))
			(void)str_copy(term, sizeof(term),
			    sandbox_term(environ[i] + strlen(key)));
	}
	(void)clearenv();
	(void)setenv("TERM", term, 1);
	(void)setenv("INPUTRC", "/dev/null", 1);
	(void)setenv("HOME", "/nonexistent", 1);
	(void)setenv("PATH", "/nonexistent", 1);
}

void
sandbox_preload(void)
{
	time_t now = time(NULL);
	struct tm tm;

	tzset();
	(void)localtime_r(&now, &tm);
	(void)getpwuid(getuid());
}

/* --- Landlock --- */

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ_DIR (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* Every right of the first version, and what later ones have added. */
#define HANDLED_V1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define HANDLED_V2 (HANDLED_V1 | 1ull << 13) /* moving between directories */
#define HANDLED_V3 (HANDLED_V2 | 1ull << 14) /* truncation */

struct rule {
	const char *path; /* absolute, or below the node's root */
	uint64_t access;
};

static const struct rule rules[] = {
	{ "etc", READ_DIR }, /* its files are replaced by renaming */
	{ "log", READ_DIR },
	{ "tftp", READ_DIR },
	{ "run", READ_DIR },
	{ "/lib", READ_DIR },
	{ "/lib64", READ_DIR },
	{ "/usr/lib", READ_DIR },
	{ "/usr/share/zoneinfo", READ_DIR },
	{ "/usr/share/terminfo", READ_DIR },
	{ "/lib/terminfo", READ_DIR },
	{ "/etc/terminfo", READ_DIR },
	{ "/etc/ld.so.cache", READ_FILE },
	{ "/etc/localtime", READ_FILE },
	{ "/etc/nsswitch.conf", READ_FILE },
	{ "/etc/passwd", READ_FILE },
	{ "/etc/group", READ_FILE },
	{ "/etc/hosts", READ_FILE },
	{ "/etc/host.conf", READ_FILE },
	{ "/etc/resolv.conf", READ_FILE }, /* also what a link names today */
	{ "/run/systemd/resolve", READ_DIR }, /* whose files are replaced */
	{ "/run/resolvconf", READ_DIR },
	{ "/run/NetworkManager/resolv.conf", READ_FILE },
	{ "/etc/gai.conf", READ_FILE },
	{ "/etc/services", READ_FILE },
	{ "/etc/ssl/openssl.cnf", READ_FILE },
	{ "/proc/cpuinfo", READ_FILE },
	{ "/proc/loadavg", READ_FILE },
	{ "/proc/meminfo", READ_FILE },
	{ "/proc/stat", READ_FILE },
	{ "/proc/uptime", READ_FILE },
	{ "/proc/sys/kernel/random/boot_id", READ_FILE },
	{ "/sys/devices/system/cpu", READ_DIR },
	{ "/run/utmp", READ_FILE },
	{ "/dev/null", READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE },
	{ "/dev/urandom", READ_FILE },
};

/* A path that is not there needs no rule. */
static int
add_rule(int ruleset, const struct rule *r, struct err *e)
{
	struct landlock_path_beneath_attr attr = {
		.allowed_access = r->access,
	};
	char path[PATH_SIZE];
	long rc;

	if (r->path[0] != '/')
		paths_in(path, "%s", r->path);
	attr.parent_fd =
	    open(r->path[0] == '/' ? r->path : path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd == -1)
		return 0;
	rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
	    &attr, 0);
	close(attr.parent_fd);
	return rc == -1 ? err_errno(e, "landlock: %s", r->path) : 0;
}

/* 0 with *have false when the kernel has no Landlock. */
static int
enter_landlock(bool *have, struct err *e)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = HANDLED_V1 };
	long version;
	int ruleset, rc = -1;
	size_t i;

	*have = false;
	version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return 0;
	if (version >= 2)
		attr.handled_access_fs = HANDLED_V2;
	if (version >= 3)
		attr.handled_access_fs = HANDLED_V3;
	ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset == -1)
		return err_errno(e, "landlock");
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (add_rule(ruleset, &rules[i], e) == -1)
			goto out;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1) {
		err_errno(e, "landlock");
		goto out;
	}
	*have = true;
	rc = 0;
out:
	close(ruleset);
	return rc;
}

/* --- seccomp --- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#define NR_LIMIT 0x40000000u /* from here on: x32 */
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#define NR_LIMIT 0xffffffffu
#else
#error "the system call filter does not know this machine"
#endif

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
/* Refuse what was loaded last if it is value. */
#define DENY(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), REFUSE
/* Go on behind the next n instructions unless the number loaded is nr. */
#define UNLESS(nr, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, n)

static int
enter_seccomp(struct err *e)
{
	static struct sock_filter code[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, NR_LIMIT, 0, 1),
		REFUSE,
		/* other programs */
		DENY(SYS_execve),
		DENY(SYS_execveat),
		/* other processes */
		DENY(SYS_ptrace),
		DENY(SYS_process_vm_readv),
		DENY(SYS_process_vm_writev),
		DENY(SYS_pidfd_getfd),
		/* what does system calls that no filter sees */
		DENY(SYS_io_uring_setup),
		DENY(SYS_io_uring_enter),
		DENY(SYS_io_uring_register),
		/* parts of the kernel that a shell has no use for */
		DENY(SYS_unshare),
		DENY(SYS_setns),
		DENY(SYS_mount),
		DENY(SYS_bpf),
		DENY(SYS_perf_event_open),
		DENY(SYS_userfaultfd),
		DENY(SYS_add_key),
		DENY(SYS_request_key),
		DENY(SYS_keyctl),
#ifdef SYS_fork
		DENY(SYS_fork),
		DENY(SYS_vfork),
#endif
		/* its arguments lie in memory; the C library then uses clone */
		UNLESS(SYS_clone3, 1),
		RETURN(SECCOMP_RET_ERRNO | ENOSYS),
		/* a thread is no process that outlives the session */
		UNLESS(SYS_clone, 4),
		LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
		ALLOW,
		REFUSE,
		/* typing into the terminal for whoever reads it next */
		UNLESS(SYS_ioctl, 5),
		LOAD(args[1]),
		DENY(TIOCSTI),
		DENY(TIOCLINUX),
		ALLOW,
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};
	long rc;

	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &program);
	if (rc > 0)
		return err_set(e, ERR_INTERNAL,
		    "seccomp: thread %ld does not take the filter", rc);
	return rc == -1 ? err_errno(e, "seccomp") : 0;
}

int
sandbox_enter(bool *landlock, struct err *e)
{
	struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_errno(e, "no_new_privs");
	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return err_errno(e, "not dumpable");
	if (enter_landlock(landlock, e) == -1)
		return -1;
	return enter_seccomp(e);
}
