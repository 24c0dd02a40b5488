#include "shell/sandbox.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "base/str.h"

static void
terminal_names_are_made_harmless(void **state)
{
	(void)state;
	assert_string_equal(sandbox_term("vt100"), "vt100");
	assert_string_equal(sandbox_term("xterm-256color"), "xterm-256color");
	assert_string_equal(sandbox_term(NULL), "dumb");
	assert_string_equal(sandbox_term(""), "dumb");
	assert_string_equal(sandbox_term("../../etc/passwd"), "dumb");
	assert_string_equal(sandbox_term(".hidden"), "dumb");
	assert_string_equal(sandbox_term("a b"), "dumb");
	assert_string_equal(sandbox_term(
				"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	    "dumb");
}

/* In a child: its exit status must be 0. */
static int
in_child(int (*work)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(work());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int
clean_environment(void)
{
	(void)setenv("TERM", "vt100", 1);
	(void)setenv("LD_PRELOAD", "x", 1);
	(void)setenv("TERMINFO", "/tmp", 1);
	sandbox_environment();
	if (getenv("LD_PRELOAD") != NULL || getenv("TERMINFO") != NULL)
		return 1;
	if (!str_equal(getenv("TERM"), "vt100"))
		return 2;
	if (!str_equal(getenv("INPUTRC"), "/dev/null") ||
	    !str_equal(getenv("HOME"), "/nonexistent"))
		return 3;
	(void)setenv("TERM", "../x", 1);
	sandbox_environment();
	return str_equal(getenv("TERM"), "dumb") ? 0 : 4;
}

static void
the_environment_is_thrown_away(void **state)
{
	(void)state;
	assert_int_equal(in_child(clean_environment), 0);
}

/* Must fail with EPERM. */
static bool
refused(long rc)
{
	return rc == -1 && errno == EPERM;
}

static int
no_programs(void)
{
	static char *const argv[] = { NULL };
	struct err e = ERR_INIT;
	bool landlock;

	sandbox_preload();
	if (sandbox_enter(&landlock, &e) == -1)
		return 1;
	if (!refused(syscall(SYS_execve, "/bin/true", argv, argv)))
		return 2;
	if (!refused(syscall(SYS_execveat, 3, "", argv, argv, 0x1000)))
		return 3;
	if (!refused(syscall(SYS_ptrace, 0, 0, 0, 0)))
		return 4;
	if (!refused(syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0)))
		return 5;
	if (!refused(syscall(SYS_pidfd_getfd, -1, 0, 0)))
		return 6;
	/* what io_uring does is not filtered */
	if (!refused(syscall(SYS_io_uring_setup, 1, 0)))
		return 7;
	if (!refused(syscall(SYS_unshare, 0x10000000)))
		return 8;
	if (!refused(syscall(SYS_keyctl, 0, 0, 0, 0, 0)))
		return 9;
	return 0;
}

/* Nothing outlives the session, nothing is typed for the next reader. */
static int
no_processes(void)
{
	char c = 'x';
	struct err e = ERR_INIT;
	bool landlock;
	long rc;

	if (sandbox_enter(&landlock, &e) == -1)
		return 1;
#ifdef SYS_fork
	rc = syscall(SYS_fork);
	if (!refused(rc))
		return 2;
#endif
	rc = syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0);
	if (!refused(rc))
		return 3;
	if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
		return 4;
	if (!refused(ioctl(STDIN_FILENO, TIOCSTI, &c)))
		return 5;
	/* another request on what is no terminal: the kernel answers */
	if (ioctl(-1, TIOCGWINSZ, &c) != -1 || errno != EBADF)
		return 6;
	return 0;
}

static void
no_process_can_be_made(void **state)
{
	(void)state;
	assert_int_equal(in_child(no_processes), 0);
}

static void *
give_back(void *arg)
{
	return arg;
}

static int
threads(void)
{
	struct err e = ERR_INIT;
	bool landlock;
	void *back = NULL;
	pthread_t thread;

	if (sandbox_enter(&landlock, &e) == -1)
		return 1;
	if (pthread_create(&thread, NULL, give_back, &back) != 0)
		return 2;
	if (pthread_join(thread, &back) != 0 || back == NULL)
		return 3;
	return 0;
}

static void
threads_can_be_made(void **state)
{
	(void)state;
	assert_int_equal(in_child(threads), 0);
}

static void
no_program_can_be_run(void **state)
{
	(void)state;
	assert_int_equal(in_child(no_programs), 0);
}

static int
no_files(void)
{
	struct err e = ERR_INIT;
	bool landlock;

	if (sandbox_enter(&landlock, &e) == -1)
		return 1;
	if (!landlock)
		return 0; /* this kernel cannot */
	if (open("/etc/shadow", O_RDONLY) != -1 || errno != EACCES)
		return 2;
	if (open("/etc/passwd", O_RDONLY) == -1)
		return 3;
	if (open("/etc/passwd", O_WRONLY) != -1)
		return 4;
	if (open("/tmp/ucmsh-sandbox-test", O_CREAT | O_WRONLY, 0600) != -1)
		return 5;
	if (open("/proc/meminfo", O_RDONLY) == -1)
		return 6;
	if (open("/proc/1/environ", O_RDONLY) != -1)
		return 7;
	return 0;
}

static void
only_the_list_can_be_read(void **state)
{
	(void)state;
	paths_set_root("/nonexistent/node");
	assert_int_equal(in_child(no_files), 0);
}

/* The value behind "key:" of /proc/self/status. */
static long
status_of(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long value = -1;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (str_starts(line, key))
			value = strtol(line + strlen(key), NULL, 10);
	}
	if (f != NULL)
		(void)fclose(f);
	return value;
}

static int
kernel_agrees(void)
{
	struct err e = ERR_INIT;
	bool landlock;
	int parent[2], child;
	pid_t pid;

	/* Inside, /proc/self cannot be read any more: ask for a child. */
	if (pipe(parent) == -1)
		return 1;
	pid = fork();
	if (pid == 0) {
		char path[64];
		char go;

		(void)snprintf(path, sizeof(path), "/proc/%d/status",
		    (int)getppid());
		if (read(parent[0], &go, 1) != 1)
			_exit(1);
		if (freopen(path, "r", stdin) == NULL)
			_exit(2);
		while (fgets(path, sizeof(path), stdin) != NULL) {
			if (str_starts(path, "NoNewPrivs:\t0"))
				_exit(3);
			if (str_starts(path, "Seccomp:\t") &&
			    !str_starts(path, "Seccomp:\t2"))
				_exit(4);
		}
		_exit(0);
	}
	if (sandbox_enter(&landlock, &e) == -1)
		return 5;
	if (write(parent[1], "x", 1) != 1 || waitpid(pid, &child, 0) != pid)
		return 6;
	return WIFEXITED(child) ? WEXITSTATUS(child) : 7;
}

static void
the_kernel_says_so_too(void **state)
{
	(void)state;
	assert_int_equal(status_of("Seccomp:"), 0);
	assert_int_equal(in_child(kernel_agrees), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_names_are_made_harmless),
		cmocka_unit_test(the_environment_is_thrown_away),
		cmocka_unit_test(no_program_can_be_run),
		cmocka_unit_test(no_process_can_be_made),
		cmocka_unit_test(threads_can_be_made),
		cmocka_unit_test(only_the_list_can_be_read),
		cmocka_unit_test(the_kernel_says_so_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
