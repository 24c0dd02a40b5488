#define GREETING "/etc/pam.d/greeting" /* of the second question */
#define _GNU_SOURCE /* unshare() */
#include "tests/fakes/sshd_server.h"

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define START_TRIES 200 /* of 50 ms */
#define LINE_SIZE 1024

/* Of SSHD_SERVER_PASSWORD. */
#define SHADOW                                                             \
	SSHD_SERVER_USER                                                   \
	":$6$ucmshtest$tvoeKh2jG9eMjh18Zf5A9F32TDCcrEetczw3N7oxjoDD0IIDYu" \
	"ZjeQinw9nb5ktebBxWugYiRzUlbBQvOO.qX1:19000::::::\n"

static char *const clean_environment[] = { NULL };

/* --- the namespace -------------------------------------------------------- */

/* Put a copy of path with one more line in its place. */
static void
add_line(const char *path, const char *line)
{
	char name[] = "/tmp/sshd_accountsXXXXXX";
	char buf[LINE_SIZE];
	FILE *in, *out;
	int fd;

	fd = mkstemp(name);
	if (fd == -1 || fchmod(fd, 0644) == -1)
		err(1, "%s", name);
	in = fopen(path, "r");
	out = fdopen(fd, "w");
	if (in == NULL || out == NULL)
		err(1, "%s", path);
	while (fgets(buf, sizeof(buf), in) != NULL) {
		if (strncmp(buf, line, strcspn(line, ":") + 1) != 0)
			fputs(buf, out);
	}
	fputs(line, out);
	fclose(in);
	if (fclose(out) != 0 || mount(name, path, NULL, MS_BIND, NULL) == -1)
		err(1, "%s", path);
	unlink(name); /* the mount keeps the file */
}

static void
add_service(const char *path, const char *auth)
{
	FILE *f = fopen(path, "w");

	if (f == NULL ||
	    fprintf(f,
		"%saccount required pam_permit.so\n"
		"session required pam_permit.so\n",
		auth) < 0 ||
	    fclose(f) != 0)
		err(1, "%s", path);
}

static void
write_greeting(void)
{
	FILE *f = fopen(GREETING, "w");

	if (f == NULL || fputs("One \033[2J thing\r\nmore.", f) == EOF ||
	    fclose(f) != 0)
		err(1, "%s", GREETING);
}

/*
 * One service that asks for the password, and one that says something and
 * asks once more: for an e-mail address, which may be any.
 */
static void
prepare_pam(void)
{
	static const char once[] = "auth required pam_unix.so nodelay\n";

	if (mount("none", "/etc/pam.d", "tmpfs", 0, "mode=0755") == -1)
		err(1, "/etc/pam.d");
	add_service("/etc/pam.d/sshd-once", once);
	write_greeting();
	add_service("/etc/pam.d/sshd-twice",
	    "auth required pam_unix.so nodelay\n"
	    "auth required pam_echo.so file=" GREETING "\n"
	    "auth required pam_ftp.so users=" SSHD_SERVER_USER "\n");
}

void
sshd_server_prepare(void)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		err(1, "a mount namespace (this test needs root)");
	add_line("/etc/passwd", SSHD_SERVER_USER ":x:0:0::/:/bin/sh\n");
	add_line("/etc/shadow", SHADOW);
	prepare_pam();
	if (mount("none", "/run", "tmpfs", 0, "mode=0755") == -1 ||
	    mkdir("/run/sshd", 0755) == -1)
		err(1, "/run/sshd");
}

/* --- small parts ------------------------------------------------------------
 */

static void
set_path(char dst[SSHD_SERVER_PATH], const struct sshd_server *s,
    const char *name)
{
	int n = snprintf(dst, SSHD_SERVER_PATH, "%s/%s", s->dir, name);

	assert_in_range(n, 1, SSHD_SERVER_PATH - 1);
}

/* Run a program to its end; its output goes nowhere. */
static void
run_program(char *const argv[])
{
	posix_spawn_file_actions_t files;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&pid, argv[0], &files, NULL, argv,
			     clean_environment),
	    0);
	posix_spawn_file_actions_destroy(&files);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
make_key(const char *path, const char *kind)
{
	char program[] = "/usr/bin/ssh-keygen", quiet[] = "-q", type[] = "-t",
	     kind_text[16], form[] = "-m", pem[] = "PEM",
	     no_passphrase[] = "-N", empty[] = "", comment[] = "-C",
	     file[] = "-f";
	char name[SSHD_SERVER_PATH];
	char *argv[] = { program, quiet, type, kind_text, form, pem,
		no_passphrase, empty, comment, empty, file, name, NULL };

	snprintf(kind_text, sizeof(kind_text), "%s", kind);
	snprintf(name, sizeof(name), "%s", path);
	unlink(name);
	run_program(argv);
}

/* "TYPE BASE64" of the public key beside path. */
static void
read_public(const char *path, char dst[SSHD_SERVER_KEY])
{
	char name[SSHD_SERVER_PATH + 8], type[64], base64[900];
	FILE *f;

	snprintf(name, sizeof(name), "%s.pub", path);
	f = fopen(name, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%63s %899s", type, base64), 2);
	fclose(f);
	snprintf(dst, SSHD_SERVER_KEY, "%s %s", type, base64);
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
loopback_socket(uint16_t port, struct sockaddr_in *a)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_not_equal(fd, -1);
	memset(a, 0, sizeof(*a));
	a->sin_family = AF_INET;
	a->sin_port = htons(port);
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd;
}

uint16_t
sshd_server_free_port(void)
{
	struct sockaddr_in a;
	socklen_t size = sizeof(a);
	int fd = loopback_socket(0, &a);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	close(fd);
	return ntohs(a.sin_port);
}

/* --- the server
 * ---------------------------------------------------------------- */

/* The lines that differ. */
static void
write_config(const struct sshd_server *s, const char *more)
{
	char path[SSHD_SERVER_PATH];
	char text[4096];
	int n;

	n = snprintf(text, sizeof(text),
	    "ListenAddress 127.0.0.1:%u\nHostKey %s/host\nPidFile none\n"
	    "StrictModes no\nPermitRootLogin yes\nUseDNS no\nPrintMotd no\n"
	    "AuthorizedKeysFile %s/authorized_keys\n"
	    "MaxStartups 100:30:200\n%s",
	    (unsigned)s->port, s->dir, s->dir, more);
	assert_in_range(n, 1, sizeof(text) - 1);
	set_path(path, s, "sshd_config");
	write_text(path, text);
}

static void
write_key_config(const struct sshd_server *s, const char *forced)
{
	char more[1024];
	int n;

	n = snprintf(more, sizeof(more),
	    "UsePAM no\nPasswordAuthentication no\n"
	    "KbdInteractiveAuthentication no\n%s%s\n",
	    forced != NULL ? "ForceCommand " : "",
	    forced != NULL ? forced : "");
	assert_in_range(n, 1, sizeof(more) - 1);
	write_config(s, more);
}

static void
write_password_config(const struct sshd_server *s,
    const struct sshd_server_kind *kind)
{
	const char *methods = kind->methods;
	bool password = methods == NULL || strstr(methods, "password") != NULL;
	bool kbdint = methods == NULL || strstr(methods, "keyboard") != NULL;
	char more[1024];
	int n;

	n = snprintf(more, sizeof(more),
	    "UsePAM yes\nPubkeyAuthentication no\n"
	    "PasswordAuthentication %s\nKbdInteractiveAuthentication %s\n"
	    "%sSubsystem sftp /usr/lib/openssh/sftp-server %s\n"
	    "%sHostKey %s/host2\n%s%s\n",
	    password ? "yes" : "no", kbdint ? "yes" : "no",
	    kind->no_sftp ? "#" : "", kind->sftp != NULL ? kind->sftp : "",
	    kind->second_key == NULL ? "#" : "", s->dir,
	    methods != NULL ? "AuthenticationMethods " : "",
	    methods != NULL ? methods : "");
	assert_in_range(n, 1, sizeof(more) - 1);
	write_config(s, more);
}

static bool
answers(uint16_t port)
{
	struct sockaddr_in a;
	int fd = loopback_socket(port, &a);
	int rc = connect(fd, (struct sockaddr *)&a, sizeof(a));

	close(fd);
	return rc == 0;
}

static void
launch(struct sshd_server *s)
{
	const struct timespec pause = { .tv_nsec = 50000000L };
	char foreground[] = "-D", log[] = "-E", file[] = "-f";
	char config[SSHD_SERVER_PATH], log_file[SSHD_SERVER_PATH];
	char *argv[] = { s->program, foreground, log, log_file, file, config,
		NULL };
	posix_spawn_file_actions_t files;
	int tries = 0;

	set_path(config, s, "sshd_config");
	set_path(log_file, s, "log");
	/* Whoever reads what a test prints waits for no server. */
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&s->pid, s->program, &files, NULL, argv,
			     clean_environment),
	    0);
	posix_spawn_file_actions_destroy(&files);
	while (!answers(s->port)) {
		assert_int_equal(waitpid(s->pid, NULL, WNOHANG), 0);
		assert_true(tries++ < START_TRIES);
		nanosleep(&pause, NULL);
	}
}

static void
end(struct sshd_server *s)
{
	kill(s->pid, SIGTERM);
	assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
	s->pid = -1;
}

/* Directory, port and keys. */
static void
init(struct sshd_server *s, const char *key_type)
{
	char path[SSHD_SERVER_PATH], public[SSHD_SERVER_KEY];
	char line[SSHD_SERVER_KEY + 64];

	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "/tmp/sshd_serverXXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->port = sshd_server_free_port();
	s->key_type = key_type;
	set_path(s->key_file, s, "key");
	set_path(s->other_key_file, s, "other");
	set_path(s->known_hosts, s, "known_hosts");
	make_key(s->key_file, "ecdsa");
	make_key(s->other_key_file, "ecdsa");
	set_path(path, s, "host");
	make_key(path, key_type);
	read_public(path, s->host_key);
	snprintf(line, sizeof(line), "[127.0.0.1]:%u %s\n", (unsigned)s->port,
	    s->host_key);
	write_text(s->known_hosts, line);
	read_public(s->key_file, public);
	snprintf(line, sizeof(line), "restrict %s\n", public);
	set_path(path, s, "authorized_keys");
	write_text(path, line);
}

void
sshd_server_start(struct sshd_server *s, const char *forced)
{
	init(s, "ecdsa");
	snprintf(s->program, sizeof(s->program), "/usr/sbin/sshd");
	write_key_config(s, forced);
	launch(s);
}

void
sshd_server_start_kind(struct sshd_server *s,
    const struct sshd_server_kind *kind)
{
	init(s, kind->key != NULL ? kind->key : "ecdsa");
	set_path(s->program, s, kind->asks_twice ? "sshd-twice" : "sshd-once");
	assert_int_equal(symlink("/usr/sbin/sshd", s->program), 0);
	if (kind->second_key != NULL) {
		char path[SSHD_SERVER_PATH];

		set_path(path, s, "host2");
		make_key(path, kind->second_key);
		read_public(path, s->second_host_key);
	}
	write_password_config(s, kind);
	launch(s);
}

void
sshd_server_change_host_key(struct sshd_server *s)
{
	char path[SSHD_SERVER_PATH];

	end(s);
	set_path(path, s, "host");
	make_key(path, s->key_type);
	read_public(path, s->host_key);
	launch(s);
}

void
sshd_server_stop(struct sshd_server *s)
{
	char program[] = "/bin/rm", options[] = "-rf", dir[SSHD_SERVER_PATH];
	char *argv[] = { program, options, dir, NULL };

	if (s->pid > 0)
		end(s);
	snprintf(dir, sizeof(dir), "%s", s->dir);
	run_program(argv);
}
