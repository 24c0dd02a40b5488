#include "sftp/session.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "sftp/keytext.h"
#include "tests/fakes/sshd_server.h"

static struct sshd_server server;

static int
setup(void **state)
{
	(void)state;
	sshd_server_start(&server, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sshd_server_stop(&server);
	return 0;
}

static struct session_target
target(void)
{
	struct session_target t = {
		.name = "test10sub",
		.host = "127.0.0.1",
		.port = server.port,
		.user = SSHD_SERVER_USER,
		.key_file = server.key_file,
		.known_hosts = server.known_hosts,
	};

	return t;
}

static size_t
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
expect_open(const struct session_target *t)
{
	struct err e = ERR_INIT;
	size_t before = open_files();
	struct session *s;

	s = session_open(t, clock_ticks() + 10000, &e);
	assert_string_equal(e.msg, "");
	assert_non_null(s);
	assert_string_equal(session_name(s), "test10sub");
	session_close(s);
	assert_int_equal(open_files(), before);
}

static void
expect_error(const struct session_target *t, enum err_code code, struct err *e)
{
	size_t before = open_files();

	err_clear(e);
	assert_null(session_open(t, clock_ticks() + 10000, e));
	if (e->code != code)
		fail_msg("%s: %s", err_name(e->code), e->msg);
	assert_int_equal(open_files(), before);
}

static void
test_known_hosts(void **state)
{
	struct session_target t = target();

	(void)state;
	expect_open(&t);
}

static void
test_pinned_text(void **state)
{
	struct session_target t = target();
	char with_comment[SSHD_SERVER_KEY + 16];

	(void)state;
	t.known_hosts = NULL;
	t.host_key = server.host_key;
	expect_open(&t);
	snprintf(with_comment, sizeof(with_comment), "%s root@host",
	    server.host_key);
	t.host_key = with_comment;
	expect_open(&t);
}

static void
test_pinned_fingerprint(void **state)
{
	struct session_target t = target();
	char fingerprint[KEYTEXT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(keytext_fingerprint(server.host_key, fingerprint, &e),
	    0);
	t.known_hosts = NULL;
	t.fingerprint = fingerprint;
	expect_open(&t);
	fingerprint[10] = fingerprint[10] == 'A' ? 'B' : 'A';
	t.fingerprint = fingerprint;
	expect_error(&t, ERR_HOSTKEY, &e);
}

static void
test_key_in_memory(void **state)
{
	struct session_target t = target();
	struct err e = ERR_INIT;
	uint8_t *pem;
	size_t len;

	(void)state;
	assert_int_equal(file_read(server.key_file, 65536, &pem, &len, &e), 0);
	t.key_file = NULL;
	t.key_text = (const char *)pem;
	expect_open(&t);
	mem_free_wiped(pem, len);
	t.key_text = "no key at all";
	expect_error(&t, ERR_KEY, &e);
}

static void
test_unknown_host_key(void **state)
{
	struct session_target t = target();
	char fingerprint[KEYTEXT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	t.known_hosts = "/dev/null";
	expect_error(&t, ERR_HOSTKEY, &e);
	assert_non_null(strstr(e.msg, "node test10sub: 127.0.0.1 port "));
	assert_non_null(strstr(e.msg, "unknown"));
	assert_int_equal(keytext_fingerprint(server.host_key, fingerprint, &e),
	    0);
	assert_non_null(strstr(e.msg, fingerprint));
	t.known_hosts = "/nonexistent/known_hosts";
	expect_error(&t, ERR_HOSTKEY, &e);
}

static void
test_changed_host_key(void **state)
{
	struct session_target t = target();
	char old_key[SSHD_SERVER_KEY];
	struct err e = ERR_INIT;

	(void)state;
	memcpy(old_key, server.host_key, sizeof(old_key));
	sshd_server_change_host_key(&server);
	expect_error(&t, ERR_HOSTKEY, &e);
	assert_non_null(strstr(e.msg, "SHA256:"));
	assert_non_null(strstr(e.msg, "is not the known one"));
	t.known_hosts = NULL;
	t.host_key = old_key;
	expect_error(&t, ERR_HOSTKEY, &e);
	assert_non_null(strstr(e.msg, "is not the known one"));
	t.host_key = server.host_key;
	expect_open(&t);
}

static void
test_wrong_key(void **state)
{
	struct session_target t = target();
	struct err e = ERR_INIT;

	(void)state;
	t.key_file = server.other_key_file;
	expect_error(&t, ERR_AUTH, &e);
	assert_non_null(strstr(e.msg, "node test10sub: 127.0.0.1 port "));
	t.key_file = server.key_file;
	t.user = "nosuchaccount";
	expect_error(&t, ERR_AUTH, &e);
	t.user = SSHD_SERVER_USER;
	t.key_file = "/nonexistent/peer.pem";
	expect_error(&t, ERR_NOT_FOUND, &e);
}

static void
test_nobody_listens(void **state)
{
	struct session_target t = target();
	struct err e = ERR_INIT;

	(void)state;
	t.port = sshd_server_free_port();
	expect_error(&t, ERR_UNREACHABLE, &e);
	assert_non_null(strstr(e.msg, "node test10sub: 127.0.0.1 port "));
	t.host = "no host at all";
	expect_error(&t, ERR_UNREACHABLE, &e);
}

static int
listener(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* The kernel takes the connection, nobody ever says a word. */
static void
test_silent_server(void **state)
{
	struct session_target t = target();
	struct err e = ERR_INIT;
	int64_t start;
	int fd = listener(&t.port);

	(void)state;
	start = clock_ticks();
	assert_null(session_open(&t, start + 700, &e));
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_in_range(clock_ticks() - start, 650, 3000);
	assert_null(session_open(&t, clock_ticks() - 1, &e));
	assert_int_equal(e.code, ERR_TIMEOUT);
	close(fd);
}

/* Not SSH, and then gone. */
static void
test_not_ssh(void **state)
{
	static const char line[] = "220 mail.example ESMTP\033[2J\r\n";
	struct session_target t = target();
	struct err e = ERR_INIT;
	int fd = listener(&t.port);

	(void)state;
	if (fork() == 0) {
		int peer = accept(fd, NULL, NULL);
		_exit(write(peer, line, sizeof(line) - 1) < 0);
	}
	close(fd);
	expect_error(&t, ERR_UNREACHABLE, &e);
	assert_null(strchr(e.msg, '\033'));
}

static void
test_incomplete_target(void **state)
{
	struct session_target t = target();
	struct err e = ERR_INIT;

	(void)state;
	t.host_key = server.host_key;
	expect_error(&t, ERR_USAGE, &e);
	t.known_hosts = NULL;
	t.host_key = NULL;
	expect_error(&t, ERR_USAGE, &e);
	t = target();
	t.port = 0;
	expect_error(&t, ERR_USAGE, &e);
	session_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_hosts),
		cmocka_unit_test(test_pinned_text),
		cmocka_unit_test(test_pinned_fingerprint),
		cmocka_unit_test(test_key_in_memory),
		cmocka_unit_test(test_unknown_host_key),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_silent_server),
		cmocka_unit_test(test_not_ssh),
		cmocka_unit_test(test_incomplete_target),
		cmocka_unit_test(test_changed_host_key),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, setup, teardown);
}
