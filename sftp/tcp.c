#include "sftp/tcp.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "sftp/resolve.h"

#define WAIT_MS 250 /* between two looks at stop() */
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
finish(int fd, const struct tcp_try *t, int64_t deadline_ticks, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int n, error;

	do {
		int64_t left = deadline_ticks - clock_ticks();

		if (t->stop != NULL && t->stop(t->self))
			return err_set(e, ERR_CANCELLED, "cancelled");
		if (left <= 0)
			return err_set(e, ERR_TIMEOUT, "connection timed out");
		n = poll(&p, 1, left > WAIT_MS ? WAIT_MS : (int)left);
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
connect_one(const struct tcp_try *t, const struct addrinfo *a,
    int64_t deadline_ticks, struct err *e)
{
	int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);

	if (fd == -1)
		return err_errno(e, "socket");
	if (prepare(fd) == -1)
		err_errno(e, "socket");
	else if (connect(fd, a->ai_addr, a->ai_addrlen) == -1 &&
	    errno != EINPROGRESS && errno != EINTR)
		err_errno(e, "connect");
	else if (finish(fd, t, deadline_ticks, e) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
connect_any(struct tcp_try *t, const struct addrinfo *a, struct err *e)
{
	int fd = -1;

	for (; a != NULL && fd == -1; a = a->ai_next) {
		const struct addrinfo *other;
		int64_t left = t->deadline_ticks - clock_ticks(), share = 0;

		for (other = a; other != NULL; other = other->ai_next)
			share++;
		(void)getnameinfo(a->ai_addr, a->ai_addrlen, t->address,
		    sizeof(t->address), NULL, 0, NI_NUMERICHOST);
		fd = connect_one(t, a, clock_ticks() + left / share, e);
		if (fd == -1 && e->code == ERR_CANCELLED)
			break;
	}
	return fd;
}

int
tcp_try(struct tcp_try *t, struct err *e)
{
	const struct resolve_wait wait = { .deadline_ticks = t->deadline_ticks,
		.stop = t->stop,
		.self = t->self };
	struct addrinfo *list = NULL;
	struct err why = ERR_INIT;
	int fd;

	t->address[0] = '\0';
	if (resolve(t->host, t->port, &wait, &list, e) == -1)
		return -1;
	fd = connect_any(t, list, &why);
	freeaddrinfo(list);
	if (fd != -1)
		return fd;
	if (why.code != ERR_TIMEOUT && why.code != ERR_CANCELLED)
		why.code = ERR_UNREACHABLE;
	return err_set(e, why.code, "%s", why.msg);
}

int
tcp_connect(const char *host, uint16_t port, int64_t deadline_ticks,
    struct err *e)
{
	struct tcp_try t = { .host = host,
		.port = port,
		.deadline_ticks = deadline_ticks };
	int fd = tcp_try(&t, e);

	if (fd != -1)
		return fd;
	if (e->code != ERR_TIMEOUT)
		e->code = ERR_UNREACHABLE;
	return err_wrap(e, "%s port %u", host, (unsigned)port);
}
