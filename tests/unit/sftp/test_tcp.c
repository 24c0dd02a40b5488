#include "sftp/tcp.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fakes/sshd_server.h"

#define DOOR 64 /* more connections than a full listener holds */

static int
listener(int backlog, uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
test_connects(void **state)
{
	struct err e = ERR_INIT;
	uint16_t port;
	int listening = listener(5, &port);
	int fd = tcp_connect("127.0.0.1", port, clock_ticks() + 5000, &e);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	/* By name: the address where nobody listens does not end it. */
	fd = tcp_connect("localhost", port, clock_ticks() + 5000, &e);
	assert_int_not_equal(fd, -1);
	close(fd);
	close(listening);
}

static void
test_refused(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(tcp_connect("127.0.0.1", sshd_server_free_port(),
			     clock_ticks() + 5000, &e),
	    -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_non_null(strstr(e.msg, "127.0.0.1 port "));
	assert_int_equal(tcp_connect("no such host", 22, clock_ticks() + 5000,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

/* A listener whose queue is full lets further connections wait. */
static void
test_deadline(void **state)
{
	struct err e = ERR_INIT;
	uint16_t port;
	int listening = listener(0, &port);
	int fd[DOOR];
	int64_t start = 0;
	size_t n;

	(void)state;
	for (n = 0; n < DOOR; n++) {
		start = clock_ticks();
		fd[n] = tcp_connect("127.0.0.1", port, start + 300, &e);
		if (fd[n] == -1)
			break;
	}
	assert_in_range(n, 1, DOOR - 1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_in_range(clock_ticks() - start, 280, 2000);
	while (n > 0)
		close(fd[--n]);
	close(listening);
}

static bool
stop(void *self)
{
	(void)self;
	return true;
}

static void
test_try(void **state)
{
	struct err e = ERR_INIT;
	uint16_t port;
	int listening = listener(5, &port);
	struct tcp_try t = { .host = "127.0.0.1",
		.port = port,
		.deadline_ticks = clock_ticks() + 20000 };
	int fd = tcp_try(&t, &e);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_string_equal(t.address, "127.0.0.1");
	close(fd);
	close(listening);
	assert_int_equal(tcp_try(&t, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_null(strstr(e.msg, "127.0.0.1"));
	t.host = "no such host";
	assert_int_equal(tcp_try(&t, &e), -1);
	assert_string_equal(t.address, "");
	t.stop = stop;
	assert_int_equal(tcp_try(&t, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
}

static void
test_ipv6(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct tcp_try t = { .host = "::1" };
	socklen_t size = sizeof(a);
	struct err e = ERR_INIT;
	int listening, fd;

	(void)state;
	listening = socket(AF_INET6, SOCK_STREAM, 0);
	/* A machine may be without it. */
	if (listening == -1 ||
	    bind(listening, (struct sockaddr *)&a, sizeof(a)) == -1)
		return;
	assert_int_equal(listen(listening, 5), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&a, &size),
	    0);
	t.port = ntohs(a.sin6_port);
	t.deadline_ticks = clock_ticks() + 20000;
	fd = tcp_try(&t, &e);
	assert_int_not_equal(fd, -1);
	assert_string_equal(t.address, "::1");
	close(fd);
	close(listening);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connects),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_try),
		cmocka_unit_test(test_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
