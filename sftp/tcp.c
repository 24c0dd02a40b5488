#include "sftp/tcp.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define PORT_TEXT_SIZE 6
#define KEEP_IDLE_S 10
#define KEEP_INTERVAL_S 5
#define KEEP_COUNT 4
#define DEAD_MS 30000 /* unacknowledged data */

static int
set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int
prepare(int fd)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) == -1 ||
	    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S) == -1 ||
	    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S) == -1 ||
	    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT) == -1 ||
	    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_MS) == -1)
		return -1;
	return set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* Wait for a connection under way; what became of it. */
static int
finish(int fd, int64_t deadline_ticks, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int n, error;

	do {
		int64_t left = deadline_ticks - clock_ticks();

		if (left <= 0)
			return err_set(e, ERR_TIMEOUT, "connection timed out");
		n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n == 0 || (n == -1 && errno == EINTR));
	if (n == -1)
		return err_errno(e, "poll");
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
		return err_errno(e, "socket");
	if (error == 0)
		return 0;
	errno = error;
	return err_errno(e, "connect");
}

static int
connect_one(const struct addrinfo *a, int64_t deadline_ticks, struct err *e)
{
	int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);

	if (fd == -1)
		return err_errno(e, "socket");
	if (prepare(fd) == -1)
		err_errno(e, "socket");
	else if (connect(fd, a->ai_addr, a->ai_addrlen) == -1 &&
	    errno != EINPROGRESS && errno != EINTR)
		err_errno(e, "connect");
	else if (finish(fd, deadline_ticks, e) == 0)
		return fd;
	close(fd);
	return -1;
}

int
tcp_connect(const char *host, uint16_t port, int64_t deadline_ticks,
    struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	struct addrinfo *list = NULL, *a;
	char service[PORT_TEXT_SIZE];
	struct err why = ERR_INIT;
	int fd = -1, rc;

	str_printf(service, sizeof(service), "%u", (unsigned)port);
	rc = getaddrinfo(host, service, &hints, &list);
	if (rc != 0)
		return err_set(e, ERR_UNREACHABLE, "%s: %s", host,
		    gai_strerror(rc));
	for (a = list; a != NULL && fd == -1; a = a->ai_next)
		fd = connect_one(a, deadline_ticks, &why);
	freeaddrinfo(list);
	if (fd != -1)
		return fd;
	return err_set(e,
	    why.code == ERR_TIMEOUT ? ERR_TIMEOUT : ERR_UNREACHABLE,
	    "%s port %u: %s", host, (unsigned)port, why.msg);
}
