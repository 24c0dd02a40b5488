#include "tests/fakes/tcp_proxy.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 50 /* between two looks at `end` */
#define BUFFER 16384

struct tcp_proxy {
	pthread_t thread; /* one connection after the other */
	int listening;
	uint16_t port;
	uint16_t target;
	atomic_bool end;
	atomic_size_t limit; /* of the next connection; 0: none */
	atomic_bool stalls; /* at the limit, instead of cutting */
	atomic_size_t sent;
};

static void
set_address(struct sockaddr_in *a, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->sin_family = AF_INET;
	a->sin_port = htons(port);
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static bool
is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, WAIT_MS) == 1;
}

/* As poll() of the two, until the end. */
static bool
wait_for_bytes(const struct tcp_proxy *p, struct pollfd side[2])
{
	while (!atomic_load(&p->end)) {
		if (poll(side, 2, WAIT_MS) > 0)
			return true;
	}
	return false;
}

/* Some bytes of one side.  False at its end. */
static bool
move(int from, int to, size_t max, size_t *moved)
{
	char buf[BUFFER];
	ssize_t n = recv(from, buf, max < BUFFER ? max : BUFFER, 0);

	*moved = n > 0 ? (size_t)n : 0;
	return n > 0 && write_all(to, buf, (size_t)n);
}

static void
relay(struct tcp_proxy *p, int near, int far)
{
	size_t limit = atomic_exchange(&p->limit, 0), sent = 0, moved;
	struct pollfd side[2] = { { .fd = near, .events = POLLIN },
		{ .fd = far, .events = POLLIN } };

	while (wait_for_bytes(p, side)) {
		if (side[0].revents != 0) {
			if (!move(near, far, limit == 0 ? BUFFER : limit - sent,
				&moved))
				return;
			sent += moved;
			atomic_store(&p->sent, sent);
		}
		if (limit != 0 && sent == limit)
			break;
		if (side[1].revents != 0 && !move(far, near, BUFFER, &moved))
			return;
	}
	while (atomic_load(&p->stalls) && !atomic_load(&p->end) &&
	    !(is_readable(near) && recv(near, &moved, 1, MSG_PEEK) == 0))
		(void)usleep(WAIT_MS * 1000);
}

static void
serve(struct tcp_proxy *p, int near)
{
	struct sockaddr_in a;
	int far;

	if (p->target == 0) {
		bool open = true;

		/* What the client says is read and not answered. */
		while (open && !atomic_load(&p->end))
			open = !is_readable(near) || recv(near, &a, 1, 0) == 1;
		return;
	}
	far = socket(AF_INET, SOCK_STREAM, 0);
	set_address(&a, p->target);
	if (connect(far, (struct sockaddr *)&a, sizeof(a)) == 0)
		relay(p, near, far);
	close(far);
}

static void *
run(void *arg)
{
	struct tcp_proxy *p = arg;

	while (!atomic_load(&p->end)) {
		int near;

		if (!is_readable(p->listening))
			continue;
		near = accept(p->listening, NULL, NULL);
		if (near == -1)
			continue;
		serve(p, near);
		close(near);
	}
	return NULL;
}

struct tcp_proxy *
tcp_proxy_start(uint16_t target)
{
	struct tcp_proxy *p = calloc(1, sizeof(*p));
	struct sockaddr_in a;
	socklen_t size = sizeof(a);

	assert_non_null(p);
	p->target = target;
	p->listening = socket(AF_INET, SOCK_STREAM, 0);
	set_address(&a, 0);
	assert_int_equal(bind(p->listening, (struct sockaddr *)&a, sizeof(a)),
	    0);
	assert_int_equal(listen(p->listening, 8), 0);
	assert_int_equal(getsockname(p->listening, (struct sockaddr *)&a,
			     &size),
	    0);
	p->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, run, p), 0);
	return p;
}

uint16_t
tcp_proxy_port(const struct tcp_proxy *p)
{
	return p->port;
}

void
tcp_proxy_cut_next(struct tcp_proxy *p, size_t bytes)
{
	atomic_store(&p->stalls, false);
	atomic_store(&p->limit, bytes);
}

void
tcp_proxy_stall_next(struct tcp_proxy *p, size_t bytes)
{
	atomic_store(&p->stalls, true);
	atomic_store(&p->limit, bytes);
}

size_t
tcp_proxy_sent(const struct tcp_proxy *p)
{
	return atomic_load(&p->sent);
}

void
tcp_proxy_stop(struct tcp_proxy *p)
{
	atomic_store(&p->end, true);
	(void)pthread_join(p->thread, NULL);
	close(p->listening);
	free(p);
}
